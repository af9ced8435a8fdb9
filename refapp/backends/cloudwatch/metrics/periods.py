"""Periods, and the times at which a request's data points are.

All times are in whole seconds since 1970. Source of the rules: GetMetricStatistics and GetMetricData in the CloudWatch
API reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

Clock = Callable[[], float]
"""Tells the time, in seconds since 1970."""

HOUR: Final = 3600
DAY: Final = 86400

FINE: Final = 3 * HOUR
"""For so long a metric can be read in periods of less than a minute."""

_MINUTES = 15 * DAY  # then in periods of five minutes
_FIVE_MINUTES = 63 * DAY  # then in periods of an hour
_SHORT = frozenset([1, 5, 10, 20, 30])


@dataclass(frozen=True, slots=True)
class Grid:
    """The times of data points: every `period` from `start` until before `end`; a data point is of what follows it."""

    start: int
    end: int
    period: int

    @property
    def times(self) -> range:
        """Every time at which there may be a data point."""
        return range(self.start, self.end, self.period)


def is_period(period: int) -> bool:
    """Whether data can be asked for in periods of so many seconds."""
    return period in _SHORT or (period > 0 and period % 60 == 0)


def grid(start: float, end: float, period: int, now: float) -> Grid:
    """The data points between two times. The start is rounded down, the more the older it is; the end is excluded."""
    age = now - start
    if age > _FIVE_MINUTES:
        step = HOUR
    elif age > _MINUTES:
        step = 300
    else:
        step = period if period in _SHORT else 60
    return Grid(floor(start / step) * step, ceil(end), period)


def is_kept(grid: Grid, now: float) -> bool:
    """Whether data that old is there in that period: in whole minutes after 3 hours, and so on."""
    age = now - grid.start
    if age > _FIVE_MINUTES:
        return grid.period % HOUR == 0
    if age > _MINUTES:
        return grid.period % 300 == 0
    # The start was rounded down, by less than a minute.
    return age < FINE + 60 or grid.period % 60 == 0
