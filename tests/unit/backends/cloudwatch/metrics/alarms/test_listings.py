import json

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.history import Item
from refapp.backends.cloudwatch.metrics.alarms.listings import (
    describe_alarms,
    describe_for_metric,
    describe_history,
)
from refapp.backends.cloudwatch.metrics.errors import InvalidNextToken, NotFound, ValidationError
from refapp.backends.cloudwatch.metrics.times import utc


@pytest.fixture
def describe(panel, put, topic, clock):
    put("a-latency", AlarmActions=[topic])
    put("a-errors", MetricName="errors", OKActions=["arn:aws:sns:eu-west-1:123456789012:other"])
    put("b")
    put("any", "ALARM(b) OR ALARM(a-errors)")
    put("every", "ALARM(any) AND TRUE")
    panel.set_state("b", State.ALARM, "a test")

    def names(**request):
        answer = describe_alarms(panel.alarms, request, clock.now)
        return [alarm["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in answer[kind]]

    return names


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({}, ["a-errors", "a-latency", "b"]),
        ({"AlarmTypes": ["CompositeAlarm"]}, ["any", "every"]),
        ({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}, ["a-errors", "a-latency", "b", "any", "every"]),
        ({"AlarmTypes": ["LogAlarm"]}, []),
        ({"AlarmNames": ["b", "a-errors", "any", "nothing"]}, ["a-errors", "b"]),
        ({"AlarmNamePrefix": "a-"}, ["a-errors", "a-latency"]),
        ({"StateValue": "ALARM"}, ["b"]),
        ({"StateValue": "ALARM", "AlarmTypes": ["CompositeAlarm"]}, ["any", "every"]),
        ({"ActionPrefix": "arn:aws:sns:eu-west-1:123456789012:on"}, ["a-latency"]),
        ({"ActionPrefix": "arn:"}, ["a-errors", "a-latency"]),
        ({"ChildrenOfAlarmName": "any"}, ["a-errors", "b"]),
        ({"ChildrenOfAlarmName": "every"}, ["any"]),
        ({"ChildrenOfAlarmName": "b"}, []),
        ({"ParentsOfAlarmName": "b"}, ["any"]),
        ({"ParentsOfAlarmName": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:any"}, ["every"]),
    ],
)
def test_filters(describe, request_, names):
    assert describe(**request_) == names


def test_relations_tell_little(panel, describe, clock):
    assert describe() != []
    children = describe_alarms(panel.alarms, {"ChildrenOfAlarmName": "any"}, clock.now)
    assert set(children["MetricAlarms"][0]) == {"AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"}
    parents = describe_alarms(panel.alarms, {"ParentsOfAlarmName": "b", "MaxRecords": 5}, clock.now)
    assert parents["CompositeAlarms"] == [
        {"AlarmName": "any", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:any"}
    ]


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"AlarmNames": ["a"], "AlarmNamePrefix": "a"}, ValidationError, "exclude each other"),
        ({"ChildrenOfAlarmName": "any", "StateValue": "OK"}, ValidationError, "StateValue"),
        ({"ChildrenOfAlarmName": "any", "ParentsOfAlarmName": "any"}, ValidationError, "excludes all other"),
        ({"ParentsOfAlarmName": "nothing"}, NotFound, "nothing does not exist"),
        ({"NextToken": "5-x"}, InvalidNextToken, "NextToken"),
    ],
)
def test_what_is_refused_is_named(describe, request_, error, message):
    with pytest.raises(error, match=message):
        describe(**request_)


def test_pages(panel, put, clock):
    for number in range(120):
        put(f"alarm-{number:03}")
    request, found, sizes = {"AlarmNamePrefix": "alarm"}, [], []
    while True:
        answer = describe_alarms(panel.alarms, request, clock.now)
        found += [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]
        sizes.append(len(answer["MetricAlarms"]))
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert found == [f"alarm-{number:03}" for number in range(120)]
    assert sizes == [50, 50, 20]
    assert len(describe_alarms(panel.alarms, {"MaxRecords": 7}, clock.now)["MetricAlarms"]) == 7


def test_what_suppresses_actions_is_told(panel, put, clock):
    put("a")
    put("s")
    periods = {"ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 60}
    put("any", "ALARM(a)", ActionsSuppressor="s", **periods)
    clock.now += 100
    panel.set_state("a", State.ALARM, "a test")
    (member,) = describe_alarms(panel.alarms, {"AlarmTypes": ["CompositeAlarm"]}, clock.now)["CompositeAlarms"]
    assert (member["ActionsSuppressedBy"], member["ActionsSuppressedReason"]) == (
        "WaitPeriod",
        "Actions suppressed by WaitPeriod",
    )
    assert member["ActionsSuppressor"] == "s"
    (member,) = describe_alarms(panel.alarms, {"AlarmTypes": ["CompositeAlarm"]}, clock.now + 60)["CompositeAlarms"]
    assert "ActionsSuppressedBy" not in member


def test_alarms_of_a_metric(panel, put, clock):
    dimensions = [{"Name": "pod", "Value": "a"}, {"Name": "app", "Value": "x"}]
    put("plain")
    put("pods", Dimensions=dimensions, Period=300)
    put("percentile", Statistic=None, ExtendedStatistic="p90", Unit="Seconds")
    metric = {"Metric": {"Namespace": "shop", "MetricName": "latency"}, "Period": 60, "Stat": "Sum"}
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
    put("math", Metrics=[{"Id": "m1", "MetricStat": metric}], **none)

    def names(**request):
        request = {"Namespace": "shop", "MetricName": "latency", **request}
        return [alarm["AlarmName"] for alarm in describe_for_metric(panel.alarms, request, clock.now)["MetricAlarms"]]

    assert names() == ["percentile", "plain"]
    assert names(Dimensions=dimensions[::-1]) == ["pods"]
    assert names(Dimensions=dimensions[:1]) == []
    assert names(MetricName="errors") == []
    assert names(Statistic="Average") == ["plain"]
    assert names(ExtendedStatistic="p90", Unit="Seconds") == ["percentile"]
    assert names(Period=300) == []


@pytest.fixture
def recorded(panel, hour):
    def item(no, alarm="a", kind="MetricAlarm", type_="StateUpdate"):
        return Item(alarm=alarm, kind=kind, type=type_, time=hour + no, summary=f"{no}", data=json.dumps({"no": no}))

    panel._book.record(
        history=[
            item(0, type_="ConfigurationUpdate"),
            item(1),
            item(2, "b"),
            item(3, "c", "CompositeAlarm"),
            item(4, type_="Action"),
        ]
    )
    return panel


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({}, "4210"),
        ({"ScanBy": "TimestampAscending"}, "0124"),
        ({"ScanBy": "TimestampDescending"}, "4210"),
        ({"AlarmName": "b"}, "2"),
        ({"AlarmName": "c"}, ""),
        ({"AlarmName": "c", "AlarmTypes": ["CompositeAlarm"]}, "3"),
        ({"AlarmTypes": ["CompositeAlarm", "MetricAlarm"]}, "43210"),
        ({"HistoryItemType": "StateUpdate"}, "21"),
        ({"HistoryItemType": "AlarmContributorAction"}, ""),
        ({"MaxRecords": 2}, "42"),
    ],
)
def test_history(recorded, request_, found):
    answer = describe_history(recorded, request_)
    assert "".join(item["HistorySummary"] for item in answer["AlarmHistoryItems"]) == found


def test_history_between_times(recorded, hour):
    answer = describe_history(recorded, {"StartDate": utc(hour + 1), "EndDate": utc(hour + 2)})
    assert [item["HistorySummary"] for item in answer["AlarmHistoryItems"]] == ["2", "1"]


def test_pages_of_the_history(recorded):
    answer = describe_history(recorded, {"MaxRecords": 3})
    rest = describe_history(recorded, {"MaxRecords": 3, "NextToken": answer["NextToken"]})
    assert [item["HistorySummary"] for item in rest["AlarmHistoryItems"]] == ["0"]
    assert "NextToken" not in rest


def test_contributors_are_refused(recorded):
    with pytest.raises(ValidationError, match="AlarmContributorId"):
        describe_history(recorded, {"AlarmContributorId": "x"})
