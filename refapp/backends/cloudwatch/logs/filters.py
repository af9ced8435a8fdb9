"""Metric filters: kept, tried out, and applied to the events that come in."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter, LimitExceeded
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.catalogue import MetricFilter
from refapp.backends.cloudwatch.logs.ingestion import MOST_BYTES
from refapp.backends.cloudwatch.logs.pages import page
from refapp.backends.cloudwatch.logs.parameters import GROUP_NAME, STREAM_NAME, Request
from refapp.backends.cloudwatch.logs.patterns import compile_pattern
from refapp.backends.cloudwatch.logs.patterns.pattern import LONGEST
from refapp.backends.cloudwatch.logs.regions import Arrival, Region, now
from refapp.backends.cloudwatch.logs.transformations import Transformation, read_transformation
from refapp.backends.cloudwatch.metrics.datum import Datum
from refapp.backends.cloudwatch.metrics.emf import extract

MOST_FILTERS: Final = 100
"""Metric filters of a group."""

MOST_WITH_REGEXES: Final = 5
"""Metric filters of a group whose patterns have regular expressions."""

MOST_SAMPLES: Final = 50
"""Messages that one request may try a pattern on."""

_LONGEST_METRIC = 255
_METRIC = r"[^:*$]*"

Publish = Callable[[str, Iterable[Datum]], None]
"""Takes the name of a region and values of its metrics."""


class Publisher:
    """Publishes what events say of metrics: by metric filters, and in the embedded metric format."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def __call__(self, region: Region, arrival: Arrival) -> None:
        """Publish what the events say."""
        embedded = (extract(event.message, event.timestamp) for event in arrival.events)
        filtered = (_transformation(item).apply(arrival.events) for item in region.catalogue.filters(arrival.group))
        if data := [*chain.from_iterable(embedded), *chain.from_iterable(filtered)]:
            self._publish(region.name, data)


def put(region: Region, request: Request) -> dict[str, Any]:
    """PutMetricFilter."""
    group = parameters.group_name(request)
    name = parameters.text(request, "filterName", pattern=STREAM_NAME)
    pattern = parameters.text(request, "filterPattern", shortest=0, longest=LONGEST)
    if parameters.flag(request, "applyOnTransformedLogs", default=False):
        raise InvalidParameter("applyOnTransformedLogs is true: this endpoint transforms no logs")
    transformations = request.get("metricTransformations")
    if not isinstance(transformations, list) or len(transformations) != 1:
        raise parameters.invalid("metricTransformations", transformations, "Member must be a list of one structure")
    read_transformation(pattern, transformations[0])
    with region.guard.alone():  # so that nobody else adds one meanwhile
        others = [item for item in region.catalogue.filters(group) if item.name != name]
        _check_limits(others, pattern)
        item = MetricFilter(name=name, created=now(), pattern=pattern, transformation=transformations[0])
        region.catalogue.put_filter(group, item)
    return {}


def describe(region: Region, request: Request) -> dict[str, Any]:
    """DescribeMetricFilters."""
    group = parameters.optional_text(request, "logGroupName", pattern=GROUP_NAME)
    prefix = parameters.optional_text(request, "filterNamePrefix", pattern=STREAM_NAME)
    metric = parameters.optional_text(request, "metricName", shortest=0, longest=_LONGEST_METRIC, pattern=_METRIC)
    namespace = parameters.optional_text(
        request, "metricNamespace", shortest=0, longest=_LONGEST_METRIC, pattern=_METRIC
    )
    if (metric is None) != (namespace is None):
        raise InvalidParameter("metricName and metricNamespace must be given together.")
    if prefix is not None and group is None:
        raise InvalidParameter("filterNamePrefix must be given together with logGroupName.")
    groups = [region.catalogue.group(group)] if group is not None else region.catalogue.groups()
    chosen = [
        (item, of.name)
        for of in groups
        for item in region.catalogue.filters(of.name)
        if item.name.startswith(prefix or "") and (metric is None or _makes(item, metric, namespace))
    ]
    found, token = page(chosen, lambda pair: (pair[0].name, pair[1]), request)
    return {"metricFilters": [_described(item, of) for item, of in found], **token}


def delete(region: Region, request: Request) -> dict[str, Any]:
    """DeleteMetricFilter."""
    name = parameters.text(request, "filterName", pattern=STREAM_NAME)
    region.catalogue.delete_filter(parameters.group_name(request), name)
    return {}


def test(_: Region, request: Request) -> dict[str, Any]:
    """TestMetricFilter: the messages that a pattern chooses, numbered from 1."""
    pattern = compile_pattern(parameters.text(request, "filterPattern", shortest=0, longest=LONGEST))
    messages = request.get("logEventMessages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_SAMPLES:
        raise parameters.invalid("logEventMessages", messages, f"Member must be a list of 1 to {MOST_SAMPLES} strings")
    for message in messages:
        parameters.check_text("logEventMessages", message, longest=MOST_BYTES)
    matches = [
        {"eventNumber": number, "eventMessage": message, "extractedValues": pattern.extract(message)}
        for number, message in enumerate(messages, 1)
        if pattern.matches(message)
    ]
    return {"matches": matches}


@lru_cache(maxsize=1024)
def _transformation(item: MetricFilter) -> Transformation:
    return read_transformation(item.pattern, item.transformation)


def _check_limits(others: list[MetricFilter], pattern: str) -> None:
    if len(others) >= MOST_FILTERS:
        raise LimitExceeded(f"A log group can have {MOST_FILTERS} metric filters.")
    with_regexes = [text for text in [pattern, *(item.pattern for item in others)] if compile_pattern(text).regexes]
    if compile_pattern(pattern).regexes and len(with_regexes) > MOST_WITH_REGEXES:
        raise LimitExceeded(f"A log group can have {MOST_WITH_REGEXES} filters with regular expressions.")


def _makes(item: MetricFilter, metric: str, namespace: str | None) -> bool:
    made = item.transformation
    return (made["metricName"], made["metricNamespace"]) == (metric, namespace)


def _described(item: MetricFilter, group: str) -> dict[str, Any]:
    return {
        "filterName": item.name,
        "filterPattern": item.pattern,
        "metricTransformations": [item.transformation],
        "creationTime": item.created,
        "logGroupName": group,
        "applyOnTransformedLogs": False,
    }
