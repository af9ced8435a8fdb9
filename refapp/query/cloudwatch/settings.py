"""What DescribeAlarms tells of an alarm (API_MetricAlarm and API_CompositeAlarm, CloudWatch API reference)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

COMPARISONS: Mapping[str, str] = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
"""How a value is compared with the threshold of an alarm, and CloudWatch's word for it."""

_SIGNS = {word: sign for sign, word in COMPARISONS.items()}
_PERIOD = 60  # seconds; of an expression without metrics


def settings(one: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `refapp.query.cloudwatch.alarms.Alarm` that are told of a metric alarm or a composite one.

    `alarm` is its name.
    """
    shared = {
        "alarm": one["AlarmName"],
        "state": one["StateValue"],
        "since": one.get("StateTransitionedTimestamp") or one["StateUpdatedTimestamp"],
        "reason": one.get("StateReason", ""),
        "actions": tuple(one.get("AlarmActions", ())),
    }
    if "AlarmRule" in one:
        none = {"statistic": "", "comparison": "", "threshold": float("nan"), "period": None, "dimensions": {}}
        return {**shared, **none, "watches": one["AlarmRule"]}
    operator = one.get("ComparisonOperator", "")
    return {
        **shared,
        "comparison": _SIGNS.get(operator, operator),
        "threshold": float(one.get("Threshold", "nan")),
        **_watched(one),
    }


def _watched(one: Mapping[str, Any]) -> dict[str, Any]:
    """What a metric alarm looks at: a metric, or an expression over several."""
    if "MetricName" in one:
        return {
            "watches": one["MetricName"],
            "statistic": one.get("Statistic") or one.get("ExtendedStatistic", ""),
            "period": timedelta(seconds=one["Period"]),
            "dimensions": dimensions_of(one.get("Dimensions", ())),
        }
    (shown,) = (query for query in one["Metrics"] if query.get("ReturnData", True))
    stats = [query["MetricStat"] for query in one["Metrics"] if "MetricStat" in query]
    pairs = [dimensions_of(stat["Metric"].get("Dimensions", ())) for stat in stats]
    same = {key: value for key, value in (pairs[0] if pairs else {}).items() if all(p.get(key) == value for p in pairs)}
    seconds = shown.get("Period") or next((stat["Period"] for stat in stats), _PERIOD)
    return {
        "watches": shown.get("Expression") or shown["MetricStat"]["Metric"]["MetricName"],
        "statistic": shown.get("MetricStat", {}).get("Stat", ""),
        "period": timedelta(seconds=seconds),
        "dimensions": same,
    }


def dimensions_of(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Dimensions by their names."""
    return {pair["Name"]: pair["Value"] for pair in pairs}
