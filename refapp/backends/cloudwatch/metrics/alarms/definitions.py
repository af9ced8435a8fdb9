"""What PutMetricAlarm and PutCompositeAlarm define, checked.

Lengths and enumerations are in the service's model, and are checked before. Source of the other rules: PutMetricAlarm,
PutCompositeAlarm and MetricDataQuery in the CloudWatch API reference.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.alarms.rules import parse_rule
from refapp.backends.cloudwatch.metrics.alarms.watch import COMPARISONS
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.expressions import calls
from refapp.backends.cloudwatch.metrics.periods import DAY, HOUR
from refapp.backends.cloudwatch.metrics.queries import Reading, parse_queries, parse_statistic_name

MOST_TAGS: Final = 50
MOST_QUERIES: Final = 20
MOST_OF_A_KIND: Final = 10
"""How many metrics an alarm may have, and how many expressions."""

Members = Mapping[str, Any]

_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
_TOPIC = re.compile(r"arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?")
_OF_ONE_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
_REFUSED = (
    "EvaluationCriteria",
    "EvaluationInterval",
    "ThresholdMetricId",
    "WarmUpConfiguration",
    "ActionConfiguration",
)
_MISSING = ("missing", "ignore", "breaching", "notBreaching")
_PERIODS = (10, 20, 30)


def metric_definition(request: Members) -> dict[str, Any]:
    """The definition of a metric alarm, with what is assumed where the request says nothing.

    Raises:
        ValidationError: a parameter is missing, is not what it may be, or is not supported here.
    """
    definition = _common(request)
    if (request.get("EvaluationWindow") or {}).get("WallClockWindow") is not None:
        raise ValidationError("The parameter EvaluationWindow.WallClockWindow is not supported here.")
    for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator"):
        if request.get(name) is None:
            raise ValidationError(f"The parameter {name} is required.")
    if request["ComparisonOperator"] not in COMPARISONS:
        raise ValidationError(
            f"ComparisonOperator {request['ComparisonOperator']}: anomaly detection is not supported."
        )
    if request.get("Metrics"):
        period = _check_queries(request)
    else:
        period = _check_metric(request)
        definition["Dimensions"] = request.get("Dimensions") or []
    _check_periods(request, period)
    _check_treatment(request)
    return definition


def composite_definition(request: Members) -> dict[str, Any]:
    """The definition of a composite alarm, with what is assumed where the request says nothing.

    Raises:
        ValidationError: a parameter is missing, is not what it may be, or is not supported here.
    """
    definition = _common(request)
    parse_rule(request["AlarmRule"])
    periods = [request.get(f"ActionsSuppressor{name}Period") for name in ("Wait", "Extension")]
    if request.get("ActionsSuppressor") is None:
        if any(period is not None for period in periods):
            raise ValidationError("The periods of an ActionsSuppressor need an ActionsSuppressor.")
    elif any(period is None or period < 0 for period in periods):
        raise ValidationError(
            "An ActionsSuppressor needs ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod, in seconds."
        )
    return definition


def tags(members: Sequence[Members]) -> dict[str, str]:
    """The tags of a request.

    Raises:
        ValidationError: they are too many.
    """
    found = {str(tag["Key"]): str(tag["Value"]) for tag in members}
    if len(found) > MOST_TAGS:
        raise ValidationError(f"An alarm has at most {MOST_TAGS} tags.")
    return found


def _common(request: Members) -> dict[str, Any]:
    for name in _REFUSED:
        if request.get(name) is not None:
            raise ValidationError(f"The parameter {name} is not supported here.")
    if not request["AlarmName"].isprintable():
        raise ValidationError("AlarmName must not contain control characters.")
    for name in _ACTIONS:
        for arn in request.get(name) or []:
            if not _TOPIC.fullmatch(arn):
                raise ValidationError(
                    f"{name}: {arn} is the ARN of no SNS topic; other actions are not supported here."
                )
    given = {name: value for name, value in request.items() if name not in ("Tags", "EvaluationWindow")}
    return {"ActionsEnabled": True, **{name: [] for name in _ACTIONS}} | given


def _check_metric(request: Members) -> int:
    for name in ("MetricName", "Namespace", "Period"):
        if request.get(name) is None:
            raise ValidationError(f"The parameter {name} is required for an alarm without Metrics.")
    statistic, extended = request.get("Statistic"), request.get("ExtendedStatistic")
    if (statistic is None) == (extended is None):
        raise ValidationError("Exactly one of Statistic and ExtendedStatistic must be specified.")
    if extended is not None and not parse_statistic_name(extended).spread:
        raise ValidationError(f"ExtendedStatistic must not be {extended}, which is a Statistic.")
    return int(request["Period"])


def _check_queries(request: Members) -> int:
    if both := [name for name in _OF_ONE_METRIC if request.get(name)]:
        raise ValidationError(f"The parameter {both[0]} must not be there beside Metrics.")
    queries = parse_queries(request["Metrics"])
    readings = [query.what for query in queries if isinstance(query.what, Reading)]
    expressions = [query.what for query in queries if not isinstance(query.what, Reading)]
    if len(queries) > MOST_QUERIES or max(len(readings), len(expressions)) > MOST_OF_A_KIND:
        raise ValidationError(f"Metrics must have at most {MOST_OF_A_KIND} metrics and {MOST_OF_A_KIND} expressions.")
    if sum(query.returned for query in queries) != 1:
        raise ValidationError("Exactly one of Metrics must have ReturnData true, and all others false.")
    if any("SEARCH" in calls(node) for node in expressions):
        raise ValidationError("An alarm cannot be based on a SEARCH expression.")
    periods = {reading.period for reading in readings} | {query.period for query in queries if query.period}
    if len(periods) != 1:
        raise ValidationError("All Metrics of an alarm must have the same Period.")
    return periods.pop()


def _check_periods(request: Members, period: int) -> None:
    if period not in _PERIODS and (period <= 0 or period % 60):
        raise ValidationError("Period must be 10, 20, 30 or a multiple of 60")
    longest, words = (7 * DAY, "seven days") if period >= HOUR else (DAY, "one day")
    if period * request["EvaluationPeriods"] > longest:
        raise ValidationError(f"Metrics cannot be checked across more than {words} (EvaluationPeriods * Period).")
    if request.get("DatapointsToAlarm", 1) > request["EvaluationPeriods"]:
        raise ValidationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")


def _check_treatment(request: Members) -> None:
    if request.get("TreatMissingData", "missing") not in _MISSING:
        raise ValidationError(f"TreatMissingData must be one of {', '.join(_MISSING)}.")
    low = request.get("EvaluateLowSampleCountPercentile")
    if low is None:
        return
    if low not in ("evaluate", "ignore"):
        raise ValidationError("EvaluateLowSampleCountPercentile must be evaluate or ignore.")
    extended = request.get("ExtendedStatistic")
    if extended is None or parse_statistic_name(extended).percentile is None:
        raise ValidationError("EvaluateLowSampleCountPercentile is of use with a percentile only.")
