import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from refapp.query.cloudwatch import alarms
from refapp.query.cloudwatch.errors import CloudError
from refapp.query.cloudwatch.spans import Span

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPAN = Span(START, START + 5 * MINUTE)
TYPES = ["MetricAlarm", "CompositeAlarm"]


def metric_alarm(name="a", state="ALARM", **more):
    return {
        "AlarmName": name,
        "StateValue": state,
        "StateReason": "why",
        "StateUpdatedTimestamp": START,
        "MetricName": "m",
        "Namespace": "N",
        "Statistic": "Average",
        "Dimensions": [{"Name": "ClusterName", "Value": "c"}],
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 7.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }


def composite(name="z"):
    return {"AlarmName": name, "StateValue": "OK", "StateUpdatedTimestamp": START, "AlarmRule": "ALARM(a)"}


def described(aws, metric=(), composites=(), **asked):
    answer = {"MetricAlarms": list(metric), "CompositeAlarms": list(composites)}
    aws.says("cloudwatch", "describe_alarms", answer, {"AlarmTypes": TYPES, **asked})


def change(minute, before, after):
    data = {"version": "1.0", "oldState": {"stateValue": before}, "newState": {"stateValue": after}}
    return {
        "AlarmName": "a",
        "Timestamp": START + minute * MINUTE,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"{before} to {after}",
        "HistoryData": json.dumps(data),
    }


def history(aws, *items):
    asked = {
        "AlarmName": "a",
        "StartDate": SPAN.start,
        "EndDate": SPAN.end,
        "AlarmTypes": TYPES,
        "ScanBy": "TimestampAscending",
    }
    aws.says("cloudwatch", "describe_alarm_history", {"AlarmHistoryItems": list(items)}, asked)


def values(aws, label="m", ident="q0"):
    result = {"Id": ident, "Label": label, "Timestamps": [START], "Values": [9.0], "StatusCode": "Complete"}
    aws.says("cloudwatch", "get_metric_data", {"MetricDataResults": [result]})


def read(aws, *items, alarm=None):
    described(aws, [alarm or metric_alarm()], AlarmNames=["a"])
    values(aws)
    history(aws, *items)
    return alarms.read(aws.cloud, "a", SPAN)


def test_alarms_are_listed_by_name_with_composite_ones(aws):
    described(aws, [metric_alarm("b"), metric_alarm("a", "OK")], [composite()])
    frame = alarms.describe(aws.cloud)
    assert frame["alarm"].tolist() == ["a", "b", "z"]
    assert frame["state"].tolist() == ["OK", "ALARM", "OK"]
    assert frame["watches"].tolist() == ["m", "m", "ALARM(a)"]
    assert frame["threshold"].tolist()[:2] == [7, 7]
    assert frame["dimensions"].iloc[0] == {"ClusterName": "c"}
    assert frame["since"].iloc[0] == START


def test_alarms_may_be_found_by_the_beginning_of_their_names(aws):
    described(aws, AlarmNamePrefix="net")
    frame = alarms.describe(aws.cloud, "net")
    assert frame.empty
    assert str(frame["since"].dtype.tz) == "UTC"


def test_an_alarm_has_what_it_watched_and_what_became_of_it(aws):
    found = read(aws, change(1, "OK", "ALARM"))
    assert (found.name, found.state, found.reason, found.comparison) == ("a", "ALARM", "why", ">")
    assert found.measured["m"].dropna().tolist() == [9]
    (row,) = found.history.to_dict("records")
    assert (row["time"], row["before"], row["after"]) == (START + MINUTE, "OK", "ALARM")
    assert row["summary"] == "OK to ALARM"


def test_other_changes_have_no_states(aws):
    item = {**change(1, "", ""), "HistoryItemType": "ConfigurationUpdate", "HistoryData": '{"type":"Create"}'}
    bare = {name: value for name, value in item.items() if name != "HistoryData"}
    found = read(aws, item, bare)
    assert found.history["type"].unique().tolist() == ["ConfigurationUpdate"]
    assert found.history["after"].tolist() == ["", ""]


def test_an_alarm_on_an_expression_has_its_values(aws):
    queries = [{"Id": "e", "Expression": "SUM(METRICS())", "Label": "sum", "Period": 60}]
    alarm = {name: value for name, value in metric_alarm().items() if name not in ("MetricName", "Namespace", "Period")}
    described(aws, [{**alarm, "Metrics": queries}], AlarmNames=["a"])
    values(aws, "sum", "e")
    history(aws)
    found = alarms.read(aws.cloud, "a", SPAN)
    assert found.measured["sum"].dropna().tolist() == [9]
    assert found.watches == "SUM(METRICS())"


def test_a_composite_alarm_has_no_values(aws):
    described(aws, composites=[composite("a")], AlarmNames=["a"])
    history(aws)
    found = alarms.read(aws.cloud, "a", SPAN)
    assert found.measured.empty
    assert found.period is None


def test_an_alarm_that_is_not_there_is_an_error(aws):
    described(aws, AlarmNames=["a"])
    with pytest.raises(CloudError, match="there is no alarm 'a'"):
        alarms.read(aws.cloud, "a", SPAN)


def states(found, start=0, end=5):
    frame = replace(found, start=START + start * MINUTE, end=START + end * MINUTE).states
    return [
        (row["state"], (row["start"] - START) / MINUTE, (row["end"] - START) / MINUTE)
        for row in frame.to_dict("records")
    ]


def test_states_follow_each_other(aws):
    found = read(aws, change(1, "INSUFFICIENT_DATA", "OK"), change(3, "OK", "ALARM"))
    assert states(found) == [("INSUFFICIENT_DATA", 0, 1), ("OK", 1, 3), ("ALARM", 3, 5)]
    assert states(found, 2, 4) == [("OK", 2, 3), ("ALARM", 3, 4)]
    assert states(found, 4, 5) == [("ALARM", 4, 5)]


def test_changes_may_be_told_in_any_order(aws):
    found = read(aws, change(3, "OK", "ALARM"), change(1, "INSUFFICIENT_DATA", "OK"))
    assert [state for state, *_ in states(found)] == ["INSUFFICIENT_DATA", "OK", "ALARM"]


def test_an_alarm_that_has_not_changed_was_always_as_it_is(aws):
    assert states(read(aws)) == [("ALARM", 0, 5)]


def test_an_alarm_is_made(aws):
    asked = {
        "AlarmName": "a",
        "Namespace": "N",
        "MetricName": "m",
        "Dimensions": [{"Name": "ClusterName", "Value": "c"}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 7.0,
        "ComparisonOperator": "LessThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": ["arn:topic"],
        "OKActions": ["arn:topic"],
    }
    aws.says("cloudwatch", "put_metric_alarm", {}, asked)
    alarms.put(
        aws.cloud,
        "a",
        "N",
        "m",
        7.0,
        comparison="<=",
        dimensions={"ClusterName": "c"},
        periods=3,
        breaching=2,
        missing="notBreaching",
        notify=["arn:topic"],
    )


def test_a_percentile_is_asked_for_as_such(aws, monkeypatch):
    sent = {}
    monkeypatch.setattr(aws.cloud, "call", lambda *_, **asked: sent.update(asked))
    alarms.put(aws.cloud, "a", "N", "m", 7.0, statistic="p99", dimensions={}, description="d")
    assert sent["ExtendedStatistic"] == "p99"
    assert "Statistic" not in sent
    assert sent["AlarmDescription"] == "d"


def test_a_comparison_has_to_be_one(aws):
    with pytest.raises(ValueError, match="no comparison; there are >, >=, <, <="):
        alarms.put(aws.cloud, "a", "N", "m", 7.0, comparison="=", dimensions={})


def test_an_alarm_is_deleted(aws):
    aws.says("cloudwatch", "delete_alarms", {}, {"AlarmNames": ["a"]})
    alarms.delete(aws.cloud, "a")


def test_a_state_is_waited_for(aws, no_pauses):
    for state in ("OK", "OK", "ALARM"):
        described(aws, [metric_alarm(state=state)], AlarmNames=["a"])
    alarms.wait(aws.cloud, "a", "ALARM", 60)
    assert len(no_pauses) == 2


@pytest.mark.usefixtures("no_pauses")
def test_a_state_that_does_not_come_is_told_with_the_one_that_is(aws):
    described(aws, [metric_alarm(state="OK")], AlarmNames=["a"])
    with pytest.raises(TimeoutError, match="a was not in ALARM within 0 s but in OK: why"):
        alarms.wait(aws.cloud, "a", "ALARM", 0)


def test_an_alarm_that_is_not_there_is_not_waited_for(aws):
    described(aws, AlarmNames=["a"])
    with pytest.raises(CloudError, match="there is no alarm"):
        alarms.wait(aws.cloud, "a", "ALARM", 60)


def test_the_history_is_a_frame_of_times(aws):
    found = read(aws)
    assert found.history.empty
    assert isinstance(found.history["time"].dtype, pd.DatetimeTZDtype)
