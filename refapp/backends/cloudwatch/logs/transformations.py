"""What a metric filter makes of log events: values of a metric.

An event that is chosen gives the metric's value, a number or what stands in the event; any other gives the default
value, if there is one. Source: MetricTransformation in the API reference, and "Filter pattern syntax for metric
filters" in the User Guide; a dimension that an event does not have is left out of the metric.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import Event
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.patterns import Pattern, Reference, compile_pattern
from refapp.backends.cloudwatch.logs.patterns.comparisons import number, text_of
from refapp.backends.cloudwatch.metrics.datum import LARGEST, UNITS, Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution

MOST_DIMENSIONS: Final = 3
"""Dimensions of a metric that a filter makes."""

_NAME = r"[^:*$]*"
_LONGEST_NAME, _LONGEST_VALUE = 255, 100
_LONGEST_DIMENSION = 1024
_MEMBERS = ("metricName", "metricNamespace", "metricValue", "defaultValue", "dimensions", "unit")
_MINUTE = 60_000  # milliseconds


@dataclass(frozen=True)
class Transformation:
    """Makes values of a metric of events.

    `value` is a number or where in an event it stands, `dimensions` where the values of the dimensions stand.
    """

    pattern: Pattern
    namespace: str
    name: str
    unit: str
    value: float | Reference
    default: float | None
    dimensions: Mapping[str, Reference]

    def apply(self, events: Iterable[Event]) -> list[Datum]:
        """The values that events give: one datum for each metric and minute."""
        found: dict[tuple[int, Metric], list[float]] = defaultdict(list)
        for event in events:
            content = self.pattern.content(event.message)
            if content is not None and self.pattern.chosen(content):
                metric, value = self._metric(content), self._value(content)
            else:
                metric, value = Metric(self.namespace, self.name), self.default
            if value is not None:
                found[event.timestamp // _MINUTE * _MINUTE, metric].append(value)
        return [Datum(metric, minute, Distribution.of(values), self.unit) for (minute, metric), values in found.items()]

    def _value(self, content: Any) -> float | None:
        if not callable(self.value):
            return self.value
        found = self.value(content)
        value = number(found) if isinstance(found, str) else found
        return None if value is None or not -LARGEST <= value <= LARGEST else float(value)

    def _metric(self, content: Any) -> Metric:
        found = ((name, reference(content)) for name, reference in self.dimensions.items())
        named = ((name, text_of(value)[:_LONGEST_DIMENSION]) for name, value in found if value not in (None, ""))
        return Metric.of(self.namespace, self.name, named)


def read_transformation(pattern: str, members: object) -> Transformation:
    """Read a filter pattern and a metric transformation as the API has them.

    Raises:
        InvalidParameter: one of them is wrong, or does not go with the other.
    """
    if not isinstance(members, dict):
        raise parameters.invalid("metricTransformations", members, "Member must be a list of one structure")
    parameters.check_members(members, _MEMBERS)
    compiled = compile_pattern(pattern)
    default = members.get("defaultValue")
    dimensions = members.get("dimensions") or {}
    if default is not None and dimensions:
        raise InvalidParameter(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties."
        )
    return Transformation(
        pattern=compiled,
        namespace=_name(members, "metricNamespace"),
        name=_name(members, "metricName"),
        unit=parameters.choice(members, "unit", sorted(UNITS)) or "None",
        value=_value(compiled, parameters.text(members, "metricValue", longest=_LONGEST_VALUE)),
        default=None if default is None else _number("defaultValue", default),
        dimensions=_dimensions(compiled, dimensions),
    )


def _name(members: Mapping[str, Any], member: str) -> str:
    return parameters.text(members, member, longest=_LONGEST_NAME, pattern=_NAME)


def _value(pattern: Pattern, text: str) -> float | Reference:
    if text.startswith("$"):
        return pattern.reference(text)
    return _number("metricValue", number(text), text)


def _number(member: str, value: object, text: object = None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise parameters.invalid(member, value if text is None else text, "Member must be a number or refer to one")
    return float(value)


def _dimensions(pattern: Pattern, dimensions: object) -> dict[str, Reference]:
    if not isinstance(dimensions, dict) or len(dimensions) > MOST_DIMENSIONS:
        raise parameters.invalid("dimensions", dimensions, f"Member must have at most {MOST_DIMENSIONS} entries")
    for name in dimensions:
        if not (name.isascii() and name.strip()) or name.startswith(":") or len(name) > _LONGEST_NAME:
            raise parameters.invalid("dimensions.key", name, "Member must be the name of a dimension")
    return {
        name: pattern.reference(parameters.check_text("dimensions.value", text, longest=_LONGEST_NAME))
        for name, text in dimensions.items()
    }
