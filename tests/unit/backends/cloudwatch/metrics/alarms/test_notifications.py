import json
from dataclasses import replace

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import Standing, State
from refapp.backends.cloudwatch.metrics.alarms.notifications import notification


@pytest.fixture
def old(hour):
    return Standing(state=State.OK, reason="before", updated=hour - 60, since=hour - 60)


def test_a_metric_alarm(alarm, old, topic):
    one = alarm(
        state="ALARM",
        since=1_698_338_520.25,
        AlarmDescription="too slow",
        AlarmActions=[topic],
        Dimensions=[{"Name": "pod", "Value": "a"}],
        Unit="Seconds",
        DatapointsToAlarm=1,
        TreatMissingData="ignore",
    )
    sent = notification(one, old, topic)
    assert (sent.alarm, sent.kind, sent.topic) == ("slow", "MetricAlarm", topic)
    assert sent.subject == 'ALARM: "slow" in Europe (Ireland)'
    message = json.loads(sent.message)
    assert message == {
        "AlarmName": "slow",
        "AlarmDescription": "too slow",
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2023-10-26T16:41:00.250+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": "a reason",
        "StateChangeTime": "2023-10-26T16:42:00.250+0000",
        "Region": "Europe (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:slow",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "latency",
            "Namespace": "shop",
            "StatisticType": "Statistic",
            "Statistic": "AVERAGE",
            "Unit": "Seconds",
            "Dimensions": [{"value": "a", "name": "pod"}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 10.0,
            "TreatMissingData": "ignore",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
    assert list(message)[:3] == ["AlarmName", "AlarmDescription", "AWSAccountId"]


def test_what_is_not_defined(alarm, old, topic):
    trigger = json.loads(notification(alarm(), old, topic).message)["Trigger"]
    assert (trigger["Unit"], trigger["TreatMissingData"]) == (None, "")
    assert "DatapointsToAlarm" not in trigger


@pytest.mark.parametrize(
    ("statistic", "written"), [("SampleCount", "SAMPLE_COUNT"), ("Sum", "SUM"), ("Maximum", "MAXIMUM")]
)
def test_statistics(alarm, old, topic, statistic, written):
    trigger = json.loads(notification(alarm(Statistic=statistic), old, topic).message)["Trigger"]
    assert trigger["Statistic"] == written


def test_a_percentile(alarm, old, topic):
    trigger = json.loads(notification(alarm(Statistic=None, ExtendedStatistic="p90"), old, topic).message)["Trigger"]
    assert (trigger["StatisticType"], trigger["ExtendedStatistic"]) == ("ExtendedStatistic", "p90")
    assert "Statistic" not in trigger


def test_an_expression(alarm, old, topic):
    metric = {"Namespace": "shop", "MetricName": "latency", "Dimensions": [{"Name": "pod", "Value": "a"}]}
    metrics = [
        {"Id": "e1", "Expression": "m1 * 2", "ReturnData": True},
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
    ]
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
    trigger = json.loads(notification(alarm(Metrics=metrics, **none), old, topic).message)["Trigger"]
    assert trigger["Metrics"][0] == metrics[0]
    assert trigger["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"] == [{"value": "a", "name": "pod"}]
    assert "MetricName" not in trigger


def test_a_composite_alarm(alarm, old, topic):
    child = {"arn": "arn:a", "state": {"value": "ALARM", "timestamp": "2023-11-14T23:00:00.000+0000"}}
    data = json.dumps({"triggeringAlarms": [child]})
    message = json.loads(notification(alarm("any", "ALARM", rule="ALARM(a)", data=data), old, topic).message)
    assert message["AlarmRule"] == "ALARM(a)"
    assert message["TriggeringChildren"] == [
        {"Arn": "arn:a", "State": {"Value": "ALARM", "Timestamp": "2023-11-14T23:00:00.000+0000"}}
    ]
    assert "Trigger" not in message


@pytest.mark.parametrize("data", ["", "{}", '"text"', "[]", '{"triggeringAlarms": [5]}', "null"])
def test_a_composite_alarm_that_was_set_by_hand(alarm, old, topic, data):
    message = json.loads(notification(alarm("any", "ALARM", rule="TRUE", data=data), old, topic).message)
    assert message["TriggeringChildren"] == []


def test_a_long_name_is_shortened_in_the_subject(alarm, old, topic):
    sent = notification(alarm("n" * 255, "ALARM"), old, topic)
    assert len(sent.subject) == 100
    assert sent.subject.endswith('..." in Europe (Ireland)')
    assert json.loads(sent.message)["AlarmName"] == "n" * 255


def test_a_region_without_a_name_is_told_by_its_id(alarm, old, topic):
    one = replace(alarm(), arn="arn:aws:cloudwatch:moon-1:123456789012:alarm:slow")
    assert json.loads(notification(one, old, topic).message)["Region"] == "moon-1"
