import math
from datetime import UTC, datetime, timedelta

import pytest

from refapp.query.cloudwatch.settings import COMPARISONS, settings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHARED = {
    "AlarmName": "a",
    "StateValue": "OK",
    "StateReason": "why",
    "StateUpdatedTimestamp": START + timedelta(minutes=9),
    "StateTransitionedTimestamp": START,
    "AlarmActions": ["arn:topic"],
}
METRIC = {
    **SHARED,
    "MetricName": "pod_network_tx_bytes",
    "Namespace": "ContainerInsights",
    "Statistic": "Average",
    "Dimensions": [{"Name": "ClusterName", "Value": "c"}],
    "Period": 60,
    "Threshold": 7.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def stat(ident, **dimensions):
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    metric = {"Namespace": "N", "MetricName": "m", "Dimensions": pairs}
    return {"Id": ident, "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False}


def test_an_alarm_on_a_metric():
    assert settings(METRIC) == {
        "alarm": "a",
        "state": "OK",
        "since": START,
        "reason": "why",
        "actions": ("arn:topic",),
        "watches": "pod_network_tx_bytes",
        "statistic": "Average",
        "comparison": ">",
        "threshold": 7,
        "period": timedelta(minutes=1),
        "dimensions": {"ClusterName": "c"},
    }


def test_a_percentile_is_a_statistic():
    found = settings(
        {**{name: value for name, value in METRIC.items() if name != "Statistic"}, "ExtendedStatistic": "p99"}
    )
    assert found["statistic"] == "p99"


@pytest.mark.parametrize(("sign", "word"), COMPARISONS.items())
def test_a_comparison_has_a_sign(sign, word):
    assert settings({**METRIC, "ComparisonOperator": word})["comparison"] == sign


def test_a_comparison_without_a_sign_has_its_word():
    word = "LessThanLowerThreshold"
    assert settings({**METRIC, "ComparisonOperator": word})["comparison"] == word


def test_when_a_state_began_may_be_told_by_its_last_update():
    found = settings({name: value for name, value in METRIC.items() if name != "StateTransitionedTimestamp"})
    assert found["since"] == START + timedelta(minutes=9)


def test_an_alarm_on_an_expression_watches_it():
    queries = [stat("a", ClusterName="c", Namespace="x"), stat("b", ClusterName="c", Namespace="y")]
    queries.append({"Id": "e", "Expression": "a + b", "ReturnData": True})
    found = settings({**SHARED, "Metrics": queries, "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold"})
    assert (found["watches"], found["statistic"], found["period"]) == ("a + b", "", timedelta(minutes=5))
    assert found["dimensions"] == {"ClusterName": "c"}


def test_an_expression_over_one_metric_watches_that():
    found = settings({**SHARED, "Metrics": [{**stat("a", ClusterName="c"), "ReturnData": True}], "Threshold": 1.0})
    assert (found["watches"], found["statistic"]) == ("m", "Sum")


def test_a_composite_alarm_watches_others():
    found = settings({**SHARED, "AlarmRule": "ALARM(x) AND ALARM(y)"})
    assert (found["watches"], found["period"], found["dimensions"]) == ("ALARM(x) AND ALARM(y)", None, {})
    assert math.isnan(found["threshold"])
