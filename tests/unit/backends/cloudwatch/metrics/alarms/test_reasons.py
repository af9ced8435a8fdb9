import json

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.definitions import metric_definition
from refapp.backends.cloudwatch.metrics.alarms.reasons import explain, rule_reason
from refapp.backends.cloudwatch.metrics.alarms.verdicts import Point, judge
from refapp.backends.cloudwatch.metrics.alarms.watch import watch

START = 1_698_338_520  # 2023-10-26 16:42:00 UTC
NOW = START + 600.25


@pytest.fixture
def explained(metric_request):
    """The reason for the state that follows from values of a minute each, the newest first."""

    def explain_values(*values, counted=False, **members):
        periods = members.setdefault("EvaluationPeriods", len(values))
        if counted:
            members.setdefault("DatapointsToAlarm", periods)
        points = [
            Point(START - 60 * place, value, None if value is None else 2.0) for place, value in enumerate(values)
        ]
        one = watch(metric_definition(metric_request(Threshold=2.0, **members)))
        verdict = judge(points[::-1], one.criteria)
        reason, data = explain(verdict, one, NOW, counted=counted)
        return reason, json.loads(data)

    return explain_values


TIMES = [f"(26/10/23 16:{42 - minute}:00)" for minute in range(5)]


# As CloudWatch worded them; {0} stands for the time of the newest data point.
@pytest.mark.parametrize(
    ("values", "members", "reason"),
    [
        ([21.5], {}, "1 datapoint [21.5 {0}] was greater than the threshold (2.0)."),
        ([0.0, 1.0], {}, "2 datapoints [0.0 {0}, 1.0 {1}] were not greater than the threshold (2.0)."),
        (
            [1.5],
            {"counted": True, "ComparisonOperator": "GreaterThanOrEqualToThreshold"},
            """1 out of the last 1 datapoints [1.5 {0}] was not greater than or equal to the threshold (2.0)
            (minimum 1 datapoint for ALARM -> OK transition).""",
        ),
        (
            [8.0, 9.0, 7.0],
            {"counted": True},
            """3 out of the last 3 datapoints [8.0 {0}, 9.0 {1}, 7.0 {2}] were greater than the threshold (2.0)
            (minimum 3 datapoints for OK -> ALARM transition).""",
        ),
        (
            [0.0, 0.0, 9.0, 0.0, 9.0],
            {"counted": True, "DatapointsToAlarm": 3},
            """3 out of the last 5 datapoints [0.0 {0}, 0.0 {1}, 0.0 {3}] were not greater than the threshold (2.0)
            (minimum 3 datapoints for ALARM -> OK transition).""",
        ),
        (
            [613.0, None, None],
            {"counted": True, "DatapointsToAlarm": 1, "TreatMissingData": "notBreaching"},
            """1 out of the last 3 datapoints [613.0 {0}] was greater than the threshold (2.0) and 2 missing datapoints
            were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).""",
        ),
        (
            [None, None],
            {"TreatMissingData": "breaching"},
            "no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
        ),
        (
            [None],
            {"TreatMissingData": "notBreaching"},
            "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
        ),
        (
            [0.0, None, None],
            {"counted": True, "DatapointsToAlarm": 2, "TreatMissingData": "breaching"},
            "1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].",
        ),
    ],
)
def test_reasons(explained, values, members, reason):
    expected = " ".join(reason.format(*TIMES).split())
    assert explained(*values, **members)[0] == f"Threshold Crossed: {expected}"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([None] * 5, "Insufficient Data: 5 datapoints were unknown."),
        ([None], "Insufficient Data: 1 datapoint was unknown."),
        ([9.0, None, None], "Insufficient Data: 2 datapoints were unknown."),
    ],
)
def test_reasons_of_insufficient_data(explained, values, reason):
    assert explained(*values)[0] == reason


def test_data(explained):
    _, data = explained(21.5, Unit="Seconds")
    assert data == {
        "version": "1.0",
        "queryDate": "2023-10-26T16:52:00.250+0000",
        "startDate": "2023-10-26T16:42:00.000+0000",
        "unit": "Seconds",
        "statistic": "Average",
        "period": 60,
        "recentDatapoints": [21.5],
        "threshold": 2.0,
        "evaluatedDatapoints": [{"timestamp": "2023-10-26T16:42:00.000+0000", "sampleCount": 2.0, "value": 21.5}],
    }
    assert list(data)[:3] == ["version", "queryDate", "startDate"]


def test_data_of_missing_points(explained):
    _, data = explained(None, None)
    assert "startDate" not in data
    assert data["recentDatapoints"] == []
    assert data["evaluatedDatapoints"] == [
        {"timestamp": "2023-10-26T16:42:00.000+0000"},
        {"timestamp": "2023-10-26T16:41:00.000+0000"},
    ]


def test_recent_points_are_the_oldest_first_and_as_many_evaluated_as_are_enough(explained):
    _, data = explained(8.0, 9.0, 7.0, counted=True, DatapointsToAlarm=2)
    assert data["recentDatapoints"] == [7.0, 9.0, 8.0]
    assert [point["value"] for point in data["evaluatedDatapoints"]] == [8.0, 9.0]


def test_rules(alarm):
    composite = alarm("any", rule="ALARM(a) OR ALARM(b)")
    children = [alarm("a", "ALARM", since=1_658_505_465.394), alarm("b")]
    reason, data = rule_reason(composite, children[:1], State.ALARM, "")
    assert reason == f"{children[0].arn} transitioned to ALARM at Friday 22 July, 2022 15:57:45 UTC"
    assert json.loads(data) == {
        "triggeringAlarms": [
            {"arn": children[0].arn, "state": {"value": "ALARM", "timestamp": "2022-07-22T15:57:45.394+0000"}}
        ]
    }
    reason, data = rule_reason(composite, children, State.OK, "created")
    assert reason == f"{composite.arn} was created and its alarm rule evaluates to OK"
    assert len(json.loads(data)["triggeringAlarms"]) == 2
