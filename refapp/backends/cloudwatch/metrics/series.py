"""What metric math computes with: numbers, time series, and arrays of time series."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.periods import Grid


@dataclass(frozen=True, slots=True)
class Source:
    """The metric and the statistic of which a series is."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values at some of the times of a grid, in the order of time.

    `source` is there as long as nothing was computed; `samples` says of how many published values each value is.
    """

    grid: Grid
    points: Mapping[int, float]
    label: str = ""
    source: Source | None = None
    units: tuple[str, ...] = ()
    samples: Mapping[int, float] = field(default_factory=dict)

    def computed(self, points: Mapping[int, float]) -> Self:
        """A series of other values, computed from this one."""
        return replace(self, points=points, source=None, units=(), samples={})


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Time series, and the grid of a series that is made of them, also when there are none."""

    items: tuple[Series, ...]
    grid: Grid

    def mapped(self, compute: Callable[[Series], Series]) -> Self:
        """The array of what is computed from each series."""
        return replace(self, items=tuple(map(compute, self.items)))


Value = float | Series | Array


def kind(value: Value) -> str:
    """What a value is, for a message."""
    if isinstance(value, Series):
        return "a time series"
    return "an array of time series" if isinstance(value, Array) else "a number"
