import json
import threading

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBookError
from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel
from refapp.backends.cloudwatch.metrics.errors import InvalidFormat, NotFound, ResourceConflict, ValidationError
from refapp.backends.cloudwatch.metrics.store import MetricStoreError


@pytest.fixture
def at(panel, store, clock, datum):
    """Publishes values at a time, and evaluates the alarms then."""

    def at(now, *values, **members):
        clock.now = now
        if values:
            store.put([datum(*values, **({"at": now - 60} | members))])
        panel.evaluate()

    return at


@pytest.fixture
def state(panel):
    return lambda name="slow": panel.alarms[name].state


def summaries(panel, name="slow"):
    return [item.summary for item in panel.history() if item.alarm == name]


def test_a_new_alarm_has_insufficient_data(panel, put, state, clock):
    put()
    one = panel.alarms["slow"]
    assert (state(), one.standing.reason) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    assert one.standing.since == one.configured == clock.now
    panel.evaluate()
    assert state() == "INSUFFICIENT_DATA"
    assert summaries(panel) == ['Alarm "slow" created']


def test_an_alarm_follows_its_metric(panel, put, at, state, hour):
    put()
    at(hour + 60, 11, 12)
    assert state() == "ALARM"
    standing = panel.alarms["slow"].standing
    assert standing.reason == (
        "Threshold Crossed: 1 datapoint [11.5 (14/11/23 23:00:00)] was greater than the threshold (10.0)."
    )
    assert json.loads(standing.data)["evaluatedDatapoints"][0]["sampleCount"] == 2
    assert (standing.updated, standing.since) == (hour + 60, hour + 60)
    at(hour + 119, 1, at=hour + 60)  # its minute is not over
    assert state() == "ALARM"
    at(hour + 120)
    assert state() == "OK"
    at(hour + 240)  # two periods more than it needs are looked at
    assert state() == "OK"
    at(hour + 300)
    assert state() == "INSUFFICIENT_DATA"
    assert summaries(panel) == [
        'Alarm "slow" created',
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to INSUFFICIENT_DATA",
    ]


def test_what_comes_late_is_seen(put, at, state, hour):
    put(EvaluationPeriods=2, DatapointsToAlarm=2)
    at(hour + 120, 20, at=hour + 60)
    assert state() == "INSUFFICIENT_DATA"
    at(hour + 150, 20, at=hour)
    assert state() == "ALARM"


@pytest.mark.parametrize(
    ("treatment", "states"),
    [
        ("missing", ["ALARM", "INSUFFICIENT_DATA"]),
        ("ignore", ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA"]),
        ("breaching", ["ALARM", "ALARM"]),
        ("notBreaching", ["OK", "OK"]),
    ],
)
def test_missing_data(put, at, state, hour, treatment, states):
    put(EvaluationPeriods=3, TreatMissingData=treatment)
    at(hour + 60, 11)
    at(hour + 180)
    first = state()
    at(hour + 3600)
    assert [first, state()] == states


def test_a_percentile_of_too_few_values_changes_nothing(put, at, state, hour):
    put(Statistic=None, ExtendedStatistic="p90", EvaluateLowSampleCountPercentile="ignore")
    at(hour + 60, *[11] * 99)
    assert state() == "INSUFFICIENT_DATA"
    at(hour + 61, 11, at=hour)
    assert state() == "ALARM"


def test_an_alarm_of_seconds_follows_each_second(put, at, state, hour):
    put(Period=10, Statistic="Maximum")
    seen = []
    for second in range(8, 26):
        at(hour + second + 0.5, 99 if second == 12 else 1, at=hour + second + 0.5, resolution=1)
        seen.append(State(state()))
    # What happened in second 12 is seen in the next one, and for ten seconds.
    assert seen == [State.INSUFFICIENT_DATA] + [State.OK] * 4 + [State.ALARM] * 10 + [State.OK] * 3


def test_as_in_cloudwatch_an_alarm_of_seconds_can_move_on_every_ten(
    tmp_path, store, clock, datum, published, metric_request, hour
):
    request = metric_request(Period=10, Statistic="Maximum")
    store.put([datum(99, at=hour + 11, resolution=1)])
    seen = []
    with AlarmPanel(store, tmp_path / "as.db", publish=published, clock=clock, slide=10) as panel:
        panel.put_metric_alarm(request, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:slow")
        for second in (12, 19, 20):
            clock.now = hour + second
            panel.evaluate()
            seen.append(panel.alarms["slow"].state)
    assert seen == [State.INSUFFICIENT_DATA, State.INSUFFICIENT_DATA, State.ALARM]


def test_expressions(panel, put, store, datum, at, state, hour):
    stat = {"Period": 60, "Stat": "Sum"}
    metrics = [
        {"Id": "rate", "Expression": "100 * errors / requests", "Label": "error rate"},
        *(
            {
                "Id": name,
                "MetricStat": {"Metric": {"Namespace": "shop", "MetricName": name}, **stat},
                "ReturnData": False,
            }
            for name in ("errors", "requests")
        ),
    ]
    put(Metrics=metrics, **dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"]))
    store.put([datum(5, at=hour, name="errors")])
    at(hour + 60, 10, name="requests")
    assert state() == "ALARM"
    assert "[50.0 (14/11/23 23:00:00)]" in panel.alarms["slow"].standing.reason


def test_an_expression_that_cannot_be_computed_is_refused(panel, put):
    metric = {"Metric": {"Namespace": "shop", "MetricName": "latency"}, "Period": 60, "Stat": "Sum"}
    reading = {"Id": "m1", "MetricStat": metric, "ReturnData": False}
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
    for text in ("ANOMALY_DETECTION_BAND(m1)", "AVG(m1)", "[m1, m1]", "m1 + REPEAT"):
        with pytest.raises(ValidationError):
            put(Metrics=[{"Id": "e1", "Expression": text}, reading], **none)
    assert panel.alarms == {}


def test_an_update_keeps_the_state_and_the_tags(panel, put, at, state, hour):
    put(Tags=[{"Key": "team", "Value": "a"}])
    at(hour + 60, 11)
    put(Threshold=100.0, Tags=[{"Key": "team", "Value": "b"}])
    one = panel.alarms["slow"]
    assert (state(), one.definition["Threshold"], one.tags) == ("ALARM", 100, {"team": "a"})
    at(hour + 61)
    assert state() == "OK"
    assert summaries(panel)[-2:] == ['Alarm "slow" updated', "Alarm updated from ALARM to OK"]


def test_actions_are_published_once(panel, put, at, published, topic, hour):
    put(AlarmActions=[topic], OKActions=[topic + "-ok"])
    at(hour + 60, 11)
    panel.notify()
    panel.notify()
    at(hour + 61)
    panel.notify()
    ((where, subject, message),) = published
    assert (where, subject) == (topic, 'ALARM: "slow" in Europe (Ireland)')
    assert json.loads(message)["Trigger"]["MetricName"] == "latency"
    assert summaries(panel)[-1] == f"Successfully executed action {topic}"


def test_an_action_that_fails_is_told_and_the_others_are_taken(tmp_path, store, clock, metric_request, topic):
    taken = []

    def publish(where, *_):
        if where == topic:
            raise ConnectionError("nobody there")
        taken.append(where)

    with AlarmPanel(store, tmp_path / "a.db", publish=publish, clock=clock) as panel:
        request = metric_request(AlarmActions=[topic, topic + "-2"])
        panel.put_metric_alarm(request, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:slow")
        panel.set_state("slow", State.ALARM, "a test")
        panel.notify()
        assert taken == [topic + "-2"]
        assert summaries(panel)[-2:] == [
            f"Failed to execute action {topic}. Received error: nobody there",
            f"Successfully executed action {topic}-2",
        ]


def test_everything_survives_a_restart(tmp_path, store, clock, datum, published, metric_request, topic, hour):
    path, arn = tmp_path / "again.db", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:"
    with AlarmPanel(store, path, publish=published, clock=clock) as panel:
        panel.put_metric_alarm(metric_request(AlarmActions=[topic]), arn + "slow")
        panel.put_composite_alarm({"AlarmName": "any", "AlarmRule": "ALARM(slow)"}, arn + "any")
        store.put([datum(11)])
        clock.now = hour + 60
        panel.evaluate()
        alarms, items = dict(panel.alarms), panel.history()
    with AlarmPanel(store, path, publish=published, clock=clock) as panel:
        assert panel.alarms == alarms
        assert {alarm.state for alarm in panel.alarms.values()} == {State.ALARM}
        assert panel.history() == items
        panel.evaluate()
        assert panel.history() == items
        panel.notify()  # what was not sent before
        assert len(published) == 1


def test_composite_alarms(put, at, state, hour):
    put("a")
    put("any", "ALARM(a) OR ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)")
    assert state("any") == "OK"
    at(hour + 60, 11)
    assert state("any") == "ALARM"
    put("any", "ALARM(a) AND FALSE")
    assert state("any") == "OK"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("ALARM(b)", "Could not save the composite alarm as alarms [b] in the alarm rule do not exist"),
        ("ALARM(any)", "The composite alarm any would depend on itself"),
        ("ALARM(outer)", "The composite alarm any would depend on itself"),
        ("ALARM(guarded)", "The composite alarm any would depend on itself"),
    ],
)
def test_what_a_composite_alarm_may_not_name(panel, put, rule, message):
    put("a")
    put("any", "ALARM(a)")
    put("outer", "ALARM(any) AND TRUE")
    put("guarded", "TRUE", ActionsSuppressor="any", ActionsSuppressorWaitPeriod=1, ActionsSuppressorExtensionPeriod=1)
    with pytest.raises(ValidationError) as caught:
        put("any", rule)
    assert message in str(caught.value)
    assert panel.alarms["any"].definition["AlarmRule"] == "ALARM(a)"


def test_a_name_is_of_one_kind_of_alarm(put):
    put("a")
    put("any", "TRUE")
    with pytest.raises(ValidationError, match="There is a MetricAlarm of the name a"):
        put("a", "TRUE")
    with pytest.raises(ValidationError, match="There is a CompositeAlarm of the name any"):
        put("any")


def test_a_suppressed_action_is_taken_by_the_evaluation(panel, put, published, topic, clock):
    put("a")
    put("s")
    periods = {"ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 60}
    put("any", "ALARM(a)", AlarmActions=[topic], ActionsSuppressor="s", **periods)
    clock.now += 100
    panel.set_state("a", State.ALARM, "a test")
    put("a", TreatMissingData="ignore")
    panel.notify()
    assert published == []
    clock.now += 60
    panel.evaluate()
    panel.notify()
    assert len(published) == 1


def test_deleting(panel, put):
    put("a")
    put("b")
    put("any", "ALARM(a)")
    with pytest.raises(ResourceConflict, match="The alarm a cannot be deleted: any depends on it"):
        panel.delete(["b", "a"])
    assert sorted(panel.alarms) == ["a", "any", "b"]
    panel.delete(["a", "any", "nothing"])
    assert list(panel.alarms) == ["b"]
    assert summaries(panel, "a")[-1] == 'Alarm "a" deleted'
    panel.delete(["a"])
    put("any", "ALARM(b)")
    put("other", "ALARM(b)")
    with pytest.raises(ValidationError, match="At most one composite alarm"):
        panel.delete(["any", "other"])


def test_a_suppressor_is_not_deleted_either(panel, put):
    put("s")
    put("any", "TRUE", ActionsSuppressor="s", ActionsSuppressorWaitPeriod=1, ActionsSuppressorExtensionPeriod=1)
    with pytest.raises(ResourceConflict):
        panel.delete(["s"])


def test_setting_a_state(panel, put, state, published, topic):
    put(AlarmActions=[topic])
    panel.set_state("slow", State.ALARM, "a test", '{"a": 1}')
    assert (state(), panel.alarms["slow"].standing.reason) == ("ALARM", "a test")
    panel.notify()
    assert json.loads(published[0][2])["NewStateReason"] == "a test"
    panel.evaluate()  # there are no data
    assert state() == "INSUFFICIENT_DATA"
    with pytest.raises(NotFound, match="nothing does not exist"):
        panel.set_state("nothing", State.OK, "")
    with pytest.raises(InvalidFormat):
        panel.set_state("slow", State.OK, "", "{")


def test_a_composite_alarm_stays_in_a_state_that_was_set_until_a_child_changes(panel, put, at, state, hour):
    put("a", TreatMissingData="notBreaching")
    put("any", "ALARM(a)")
    at(hour)
    panel.set_state("any", State.ALARM, "a test")
    at(hour + 1)
    assert state("any") == "ALARM"
    at(hour + 60, 11)
    at(hour + 240)
    assert state("any") == "OK"


def test_actions_are_disabled_and_enabled(panel, put, published, topic):
    put(AlarmActions=[topic])
    panel.enable_actions(["slow", "nothing"], enabled=False)
    assert not panel.alarms["slow"].definition["ActionsEnabled"]
    panel.set_state("slow", State.ALARM, "a test")
    panel.notify()
    assert published == []
    panel.enable_actions(["slow"], enabled=True)
    count = len(panel.history())
    panel.enable_actions(["slow"], enabled=True)
    assert len(panel.history()) == count
    panel.set_state("slow", State.OK, "a test")
    panel.set_state("slow", State.ALARM, "a test")
    panel.notify()
    assert len(published) == 1


def test_tags(panel, put):
    put()
    panel.set_tags("slow", {"team": "a"})
    assert panel.alarms["slow"].tags == {"team": "a"}
    with pytest.raises(ValidationError, match="at most 50"):
        panel.set_tags("slow", {str(number): "" for number in range(51)})


def test_when_a_file_cannot_be_used_all_stays_as_it_is(panel, put, at, state, store, hour, datum):
    put()
    store.put([datum(11)])
    panel._book._file.execute("PRAGMA query_only = ON")
    with pytest.raises(AlarmBookError, match=r"alarms\.db: attempt to write a readonly database"):
        at(hour + 60)
    assert state() == "INSUFFICIENT_DATA"
    panel._book._file.execute("PRAGMA query_only = OFF")
    at(hour + 61)
    assert state() == "ALARM"
    store.close()
    with pytest.raises(MetricStoreError):
        at(hour + 62)
    assert state() == "ALARM"


def test_an_alarm_of_another_version_does_not_stop_the_others(panel, put, at, state, hour, caplog):
    put("a")
    put("b")
    panel.alarms["a"].definition["Statistic"] = "Mode"
    at(hour + 60, 11)
    assert (state("a"), state("b")) == ("INSUFFICIENT_DATA", "ALARM")
    assert "The alarm a cannot be evaluated" in caplog.text


def test_many_threads(panel, put):
    failures = []

    def work(number):
        try:
            for _ in range(10):
                put(f"alarm-{number}")
                panel.set_state(f"alarm-{number}", State.ALARM, "a test")
                panel.evaluate()
                panel.notify()
                panel.delete([f"alarm-{number}"])
        except Exception as error:  # noqa: BLE001 - none is expected
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert panel.alarms == {}
    assert sum(item.summary.endswith("deleted") for item in panel.history()) == 60
