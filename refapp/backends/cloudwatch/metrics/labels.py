"""Labels of results: the one that is made when a request has none, and dynamic ones.

Source: "Using dynamic labels" in the CloudWatch user guide. It does not say how numbers and times are written: here are
numbers as Python writes them in at most ten digits, times in ISO 8601, and times between two points in seconds.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from math import fsum
from typing import Final

from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.series import Series, Source

MOST_VALUES: Final = 5
"""How many statistical values a label may have."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_PROPERTY = re.compile(r"PROP\('([^']+)'\)")
_ZONE = re.compile(r"([+-])([01]\d|2[0-3])([0-5]\d)")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a label may speak of beside its series: now, in seconds since 1970, and what the account and region are."""

    now: float
    zone: tzinfo = UTC
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Points:
    """The points of a series, of which there is one at least, and the label it has by itself."""

    series: Series
    around: Surroundings

    @property
    def values(self) -> list[float]:
        return list(self.series.points.values())

    @property
    def times(self) -> list[int]:
        return list(self.series.points)

    def at(self, choose: Callable[[Iterable[float]], float]) -> int:
        """When the lowest or the highest value was."""
        value = choose(self.values)
        return next(time for time, point in self.series.points.items() if point == value)

    def clock(self, time: float) -> str:
        return datetime.fromtimestamp(time, self.around.zone).isoformat(sep=" ", timespec="seconds")

    def ago(self, time: float) -> str:
        return _seconds(self.around.now - time)


def default_labels(sources: Sequence[tuple[Source, int]]) -> list[str]:
    """Labels that tell series apart, which are told by metric, statistic and period in seconds.

    A label has the dimensions that are not the same for all, the name of the metric unless dimensions alone tell, and
    the statistic and the period where they differ.
    """
    dimensions = [dict(source.metric.dimensions) for source, _ in sources]
    keys = [key for key in _in_order(dimensions) if len({str(one.get(key)) for one in dimensions}) > 1]
    named = not keys or len({source.metric.name for source, _ in sources}) > 1
    statistic = len({source.statistic for source, _ in sources}) > 1
    periodic = len({period for _, period in sources}) > 1
    return [
        " ".join(
            [own[key] for key in keys if key in own]
            + [source.metric.name] * named
            + [source.statistic] * statistic
            + [str(period)] * periodic
        )
        or source.metric.name
        for (source, period), own in zip(sources, dimensions, strict=True)
    ]


def check_label(template: str) -> None:
    """Whether a label can be rendered.

    Raises:
        ValidationError: it cannot; the message names what in it.
    """
    variables = _VARIABLE.findall(template)
    for variable in variables:
        if variable != "LABEL" and variable not in _VALUES and not _PROPERTY.fullmatch(variable):
            raise ValidationError(f"${{{variable}}} is not a variable of a dynamic label.")
    if variables.count("LABEL") > 1:
        raise ValidationError("${LABEL} can be used once in a label.")
    if sum(variable in _VALUES for variable in variables) > MOST_VALUES:
        raise ValidationError(f"A label can have at most {MOST_VALUES} dynamic values.")


def is_dynamic(template: str) -> bool:
    """Whether a label has variables."""
    return bool(_VARIABLE.search(template))


def render(template: str, series: Series, around: Surroundings) -> str:
    """The label of a series; its own label is `${LABEL}`. Without points, values are written as `--`."""
    points = _Points(series, around)

    def value(match: re.Match[str]) -> str:
        variable = match[1]
        if variable == "LABEL":
            return series.label
        if found := _PROPERTY.fullmatch(variable):
            return _property(series, found[1], around)
        return _VALUES[variable](points) if series.points else "--"

    return _VARIABLE.sub(value, template)


def parse_zone(text: str) -> tzinfo:
    """A time zone such as `+0130`.

    Raises:
        ValidationError: it is none.
    """
    match = _ZONE.fullmatch(text)
    if not match:
        raise ValidationError(f"The time zone {text!r} must be + or - followed by four digits, such as +0130.")
    return timezone((-1 if match[1] == "-" else 1) * timedelta(hours=int(match[2]), minutes=int(match[3])))


def _in_order(dimensions: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted({key for one in dimensions for key in one})


def _property(series: Series, name: str, around: Surroundings) -> str:
    source = series.source
    if source is None:
        return around.properties.get(name, "")
    known = {
        "MetricName": source.metric.name,
        "Namespace": source.metric.namespace,
        "Stat": source.statistic,
        "Period": str(series.grid.period),
        **{f"Dim.{key}": value for key, value in source.metric.dimensions},
    }
    return known.get(name, around.properties.get(name, ""))


def _number(value: float) -> str:
    return f"{value:.10g}"


def _seconds(value: float) -> str:
    return f"{abs(value):.0f} s"


_VALUES: dict[str, Callable[[_Points], str]] = {
    "AVG": lambda p: _number(fsum(p.values) / len(p.values)),
    "DATAPOINT_COUNT": lambda p: str(len(p.values)),
    "FIRST": lambda p: _number(p.values[0]),
    "FIRST_LAST_RANGE": lambda p: _number(abs(p.values[-1] - p.values[0])),
    "FIRST_LAST_TIME_RANGE": lambda p: _seconds(p.times[-1] - p.times[0]),
    "FIRST_TIME": lambda p: p.clock(p.times[0]),
    "FIRST_TIME_RELATIVE": lambda p: p.ago(p.times[0]),
    "LAST": lambda p: _number(p.values[-1]),
    "LAST_TIME": lambda p: p.clock(p.times[-1]),
    "LAST_TIME_RELATIVE": lambda p: p.ago(p.times[-1]),
    "MAX": lambda p: _number(max(p.values)),
    "MAX_TIME": lambda p: p.clock(p.at(max)),
    "MAX_TIME_RELATIVE": lambda p: p.ago(p.at(max)),
    "MIN": lambda p: _number(min(p.values)),
    "MIN_MAX_RANGE": lambda p: _number(max(p.values) - min(p.values)),
    "MIN_MAX_TIME_RANGE": lambda p: _seconds(p.at(max) - p.at(min)),
    "MIN_TIME": lambda p: p.clock(p.at(min)),
    "MIN_TIME_RELATIVE": lambda p: p.ago(p.at(min)),
    "SUM": lambda p: _number(fsum(p.values)),
}
