"""What PutMetricData publishes, checked.

The lengths of names and the number of dimensions are in the service's model, and are checked before. Source of the
other rules: PutMetricData, MetricDatum and Dimension in the CloudWatch API reference.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.datum import LARGEST, MAX_AGE, MAX_AHEAD, Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from refapp.backends.cloudwatch.metrics.times import milliseconds

MOST_METRICS: Final = 1000
"""How many metrics one request may publish."""

MOST_VALUES: Final = 150
"""How many values one metric may have in a request."""

Members = Mapping[str, Any]


def parse_upload(request: Members, now: float) -> list[Datum]:
    """What a request publishes, at a time in seconds since 1970.

    Raises:
        InvalidParameterValue: a value, a name or a time is not what it may be.
        InvalidParameterCombination: a metric has not exactly one of Value, Values and StatisticValues.
        MissingParameter: there is nothing to publish.
    """
    if request.get("EntityMetricData"):
        raise InvalidParameterValue("The parameter EntityMetricData is not supported here.")
    data = request.get("MetricData") or []
    if not data:
        raise MissingParameter("The parameter MetricData is required.")
    if len(data) > MOST_METRICS:
        raise InvalidParameterValue(
            f"The collection MetricData must not have a size greater than {MOST_METRICS}; it has {len(data)}."
        )
    namespace = _namespace(request["Namespace"])
    return [_datum(namespace, item, f"MetricData.member.{no}", now) for no, item in enumerate(data, 1)]


def _namespace(namespace: str) -> str:
    _check_text(namespace, "Namespace")
    if namespace.startswith(("AWS/", ":")):
        raise InvalidParameterValue(f"The value {namespace} for parameter Namespace is invalid.")
    return namespace


def _datum(namespace: str, item: Members, where: str, now: float) -> Datum:
    _check_text(item["MetricName"], f"{where}.MetricName")
    resolution = item.get("StorageResolution", 60)
    if resolution not in (1, 60):
        raise InvalidParameterValue(f"The parameter {where}.StorageResolution must be 1 or 60.")
    return Datum(
        Metric.of(namespace, item["MetricName"], _dimensions(item.get("Dimensions") or [], where)),
        _timestamp(item.get("Timestamp"), where, now),
        _distribution(item, where),
        item.get("Unit") or "None",
        resolution,
    )


def _dimensions(dimensions: Sequence[Members], where: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for no, dimension in enumerate(dimensions, 1):
        name, value = dimension["Name"], dimension["Value"]
        place = f"{where}.Dimensions.member.{no}"
        _check_text(name, f"{place}.Name")
        _check_text(value, f"{place}.Value")
        if name.startswith(":"):
            raise InvalidParameterValue(f"The value {name} for parameter {place}.Name must not start with a colon.")
        if name in found:
            raise InvalidParameterValue(f"The dimension {name} of {where} is there twice.")
        found[name] = value
    return list(found.items())


def _check_text(text: str, where: str) -> None:
    if not (text.isascii() and text.isprintable() and text.strip()):
        raise InvalidParameterValue(
            f"The parameter {where} must be of ASCII characters without control characters, not of blanks alone."
        )


def _timestamp(timestamp: datetime | None, where: str, now: float) -> int:
    if timestamp is None:
        return int(now * 1000)
    published = milliseconds(timestamp)
    if not now - MAX_AGE <= published / 1000 <= now + MAX_AHEAD:
        raise InvalidParameterValue(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks,"
            " and no more than two hours in the future."
        )
    return published


def _distribution(item: Members, where: str) -> Distribution:
    given = [name for name in ("Value", "Values", "StatisticValues") if item.get(name) not in (None, [])]
    if len(given) != 1:
        said = f"{' and '.join(given)} are" if given else "none is"
        raise InvalidParameterCombination(
            f"The parameters {where}.Value, {where}.Values and {where}.StatisticValues exclude each other, and one of"
            f" them has to be there: {said} specified."
        )
    if item.get("Counts") and given != ["Values"]:
        raise InvalidParameterCombination(f"The parameter {where}.Counts is of use with {where}.Values only.")
    if given == ["StatisticValues"]:
        return _statistics(item["StatisticValues"], f"{where}.StatisticValues")
    if given == ["Value"]:
        return Distribution.of([_number(item["Value"], f"{where}.Value")])
    return _values(item, where)


def _statistics(item: Members, where: str) -> Distribution:
    samples, total, low, high = (
        _number(item[name], f"{where}.{name}") for name in ("SampleCount", "Sum", "Minimum", "Maximum")
    )
    if samples <= 0:
        raise InvalidParameterValue(f"The parameter {where}.SampleCount must be greater than 0.")
    if low > high:
        raise InvalidParameterValue(f"The parameter {where}.Minimum must not be greater than {where}.Maximum.")
    return Distribution.from_statistics(samples, total, low, high)


def _values(item: Members, where: str) -> Distribution:
    values = [_number(value, f"{where}.Values") for value in item["Values"]]
    counts = [_number(count, f"{where}.Counts") for count in item.get("Counts") or [1.0] * len(values)]
    if len(values) > MOST_VALUES:
        raise InvalidParameterValue(f"The collection {where}.Values must not have a size greater than {MOST_VALUES}.")
    if len(counts) != len(values):
        raise InvalidParameterValue(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
    if any(count <= 0 for count in counts):
        raise InvalidParameterValue(f"The parameter {where}.Counts must be of numbers greater than 0.")
    return Distribution.of(values, counts)


def _number(value: float, where: str) -> float:
    if not -LARGEST <= value <= LARGEST:  # nor is NaN
        raise InvalidParameterValue(f"The value {value} for parameter {where} is invalid.")
    return float(value)
