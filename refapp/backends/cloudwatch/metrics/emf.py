"""The embedded metric format: metrics that log events carry.

A document says in `CloudWatchMetrics` which of its root members are metrics, and which are their dimensions. The
directives are under `_aws`, or, in the events of Container Insights, at the root with a string for the time. Source:
"Specification: Embedded metric format" and "Container Insights performance log events" in the CloudWatch user guide.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from prometheus_client import Counter

from refapp.backends.cloudwatch.metrics.datum import LARGEST, MAX_AGE, MAX_AHEAD, MOST_DIMENSIONS, UNITS, Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution

MOST_METRICS: Final = 100
"""How many metrics a directive may have, and how many values a metric."""

BROKEN: Final = Counter("cloudwatch_emf_broken_documents", "Log events that tell of metrics in a broken way.")
"""Counts the documents from which nothing could be read."""

_MARK = "CloudWatchMetrics"
_LONGEST_NAME, _LONGEST_VALUE = 255, 1024

Members = Mapping[str, Any]


class _BrokenError(Exception):
    """The document breaks the specification."""


def extract(message: str, timestamp: int) -> list[Datum]:
    """The metrics that the text of a log event carries; the event's time is in milliseconds since 1970.

    A document that breaks the specification yields nothing and is counted by `BROKEN`. Where a dimension is missing,
    its set yields nothing; where a value is missing, its metric.
    """
    if _MARK not in message:
        return []
    if not message.lstrip().startswith("{"):
        return []
    try:
        document = orjson.loads(message)
        return [
            datum for directive, time in _directives(document, timestamp) for datum in _data(document, directive, time)
        ]
    except (orjson.JSONDecodeError, _BrokenError):
        BROKEN.inc()
        return []


def _directives(document: Members, timestamp: int) -> Iterator[tuple[Members, int]]:
    """The directives of a document, and the time of their metrics."""
    metadata: Any = document.get("_aws")
    inside = isinstance(metadata, dict) and _MARK in metadata
    if not inside and _MARK not in document:
        return
    directives = metadata[_MARK] if inside else document[_MARK]
    time: Any = metadata.get("Timestamp") if inside else document.get("Timestamp", timestamp)
    if not inside and isinstance(time, str) and time.isascii() and time.isdigit():
        time = int(time)
    _check(isinstance(time, int) and not isinstance(time, bool))
    # The event's own time was checked when it was published.
    _check(-MAX_AGE <= (time - timestamp) / 1000 <= MAX_AHEAD)
    _check(isinstance(directives, list))
    for directive in directives:
        _check(isinstance(directive, dict))
        yield directive, time


def _data(document: Members, directive: Members, time: int) -> Iterator[Datum]:
    namespace = _name(directive.get("Namespace"))
    _check(not namespace.startswith(":"))
    sets: Any = directive.get("Dimensions")
    metrics: Any = directive.get("Metrics")
    _check(isinstance(sets, list) and isinstance(metrics, list) and len(metrics) <= MOST_METRICS)
    dimensions = [found for names in sets if (found := _dimensions(document, names)) is not None]
    for metric in metrics:
        _check(isinstance(metric, dict))
        name, unit = _name(metric.get("Name")), metric.get("Unit", "None")
        resolution = metric.get("StorageResolution", 60)
        _check(isinstance(unit, str) and unit in UNITS and resolution in (1, 60))
        values = _values(document.get(name))
        if values:
            distribution = Distribution.of(values)
            for found in dimensions:
                yield Datum(Metric(namespace, name, found), time, distribution, unit, resolution)


def _dimensions(document: Members, names: Any) -> tuple[tuple[str, str], ...] | None:
    """The dimensions of a set in the order of their names, or None when the document lacks one."""
    _check(isinstance(names, list) and len(names) <= MOST_DIMENSIONS and len({*map(_name, names)}) == len(names))
    found: list[tuple[str, Any]] = [(name, document.get(name)) for name in sorted(names)]
    for _, value in found:
        if value is None or value == "":
            return None
    for _, value in found:
        _check(isinstance(value, str) and len(value) <= _LONGEST_VALUE)
    return tuple(found)


def _values(target: Any) -> list[float]:
    values = target if isinstance(target, list) else [] if target is None else [target]
    _check(len(values) <= MOST_METRICS)
    for value in values:
        _check(isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST)
    return [float(value) for value in values]


def _name(name: Any) -> str:
    _check(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME)
    return str(name)


def _check(holds: bool) -> None:
    if not holds:
        raise _BrokenError
