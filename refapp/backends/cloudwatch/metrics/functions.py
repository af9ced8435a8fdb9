"""The functions of metric math that compute with values.

Source: "Functions supported for metric math" and "Using IF expressions" in the CloudWatch user guide. Where it does not
say what a missing value of one of several series is, as it does for AVG, the values that are there count.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from math import fsum, isfinite, isnan, nan
from statistics import pstdev
from typing import Final

from refapp.backends.cloudwatch.metrics.arithmetic import check_same_period, finite, kept
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.series import Array, Series, Value, kind
from refapp.backends.cloudwatch.metrics.times import utc

MOST_POINTS: Final = 100_800
"""How many data points a series may have that has one in each period."""

Points = Mapping[int, float]
Function = Callable[..., Value]


def scalar(value: Value) -> float:
    """An argument that has to be a number."""
    if isinstance(value, Series | Array):
        raise ValidationError(f"A number is needed, not {kind(value)}.")
    return value


def series(value: Value) -> Series:
    """An argument that has to be a time series; an array of one is one."""
    if isinstance(value, Array) and len(value.items) == 1:
        return value.items[0]
    if not isinstance(value, Series):
        raise ValidationError(f"A time series is needed, not {kind(value)}.")
    return value


def array(value: Value) -> Array:
    """An argument that has to be an array of time series."""
    if not isinstance(value, Array):
        raise ValidationError(f"An array of time series is needed, not {kind(value)}.")
    return value


def every_time(grid: Grid) -> range:
    """All times of a grid, for a series that has a value at each.

    Raises:
        ValidationError: they are too many.
    """
    if len(grid.times) > MOST_POINTS:
        raise ValidationError(f"A time series of {len(grid.times):,} data points exceeds the limit of {MOST_POINTS:,}.")
    return grid.times


def constant(grid: Grid, value: float, label: str) -> Series:
    """TIME_SERIES: a series that has one value at each time; none when the number has no value."""
    return Series(grid, {} if isnan(value) else dict.fromkeys(every_time(grid), value), label)


def of_each(compute: Callable[[Series], Points]) -> Function:
    """A function that makes a series of a series, and an array of an array."""

    def function(value: Value) -> Value:
        if isinstance(value, Array):
            return value.mapped(lambda one: one.computed(compute(one)))
        one = series(value)
        return one.computed(compute(one))

    return function


def of_all(of_series: Callable[[Series], float], of_values: Callable[[Sequence[float], int], float]) -> Function:
    """A function that makes a number of a series, and a series of an array: at each time of the values there.

    `of_values` is also told how many series there are.
    """

    def function(value: Value) -> Value:
        if not isinstance(value, Array):
            return finite(of_series(series(value)))
        check_same_period(*value.items)
        columns: dict[int, list[float]] = {}
        for one in value.items:
            for time, point in one.points.items():
                columns.setdefault(time, []).append(point)
        points = {time: of_values(columns[time], len(value.items)) for time in sorted(columns)}
        return Series(value.grid, kept(points))

    return function


def choose(condition: Value, true: Value, false: Value | None = None) -> Value:
    """IF: at each time of the condition the one value or the other; without the other, none."""
    if not isinstance(condition, Series | Array):
        if isnan(condition) or (not condition and false is None):
            return series(true).computed({})
        return true if condition or false is None else false
    test = series(condition)
    on_true, on_false = _branch(test, true, 0.0), _branch(test, false, nan)
    points = {time: (on_true if value else on_false)(time) for time, value in test.points.items()}
    return test.computed(kept(points))


def fill(value: Value, filler: Value | str) -> Value:
    """FILL: a number, the values of a series, REPEAT or LINEAR where a value is missing."""
    return of_each(lambda one: _filled(one, filler))(value)


def sort(value: Value, by: str, order: str, limit: Value | None = None) -> Value:
    """SORT: the series of an array by a number that is made of each; those without one come last."""
    if by not in _SORTED_BY or order not in ("ASC", "DESC"):
        raise ValidationError("SORT takes an array, then AVG, MIN, MAX or SUM, then ASC or DESC.")
    unsorted = array(value)
    keys = [(scalar(FUNCTIONS[by](one)), one) for one in unsorted.items]
    ordered = sorted((pair for pair in keys if isfinite(pair[0])), key=lambda pair: pair[0], reverse=order == "DESC")
    found = [one for _, one in ordered] + [one for key, one in keys if isnan(key)]
    return replace(unsorted, items=tuple(found if limit is None else found[: _index(limit)]))


def cut(value: Value, start: Value, end: Value | None = None) -> Value:
    """SLICE: the series of an array from one place until before another."""
    whole = array(value)
    return replace(whole, items=whole.items[_index(start) : None if end is None else _index(end)])


def _index(value: Value) -> int:
    number = float(scalar(value))
    if number < 0 or not number.is_integer():
        raise ValidationError(f"A place in an array is a whole number from 0, not {number:g}.")
    return int(number)


def _first(value: Value, place: int) -> Value:
    found = array(value)
    return found.items[place] if found.items else Series(found.grid, {})


def _branch(test: Series, value: Value | None, missing: float) -> Callable[[int], float]:
    """What a branch of IF has at a time; `missing` is what a series has where it has nothing."""
    if value is None:
        return lambda _: nan
    if not isinstance(value, Series | Array):
        return lambda _: value
    one = series(value)
    check_same_period(test, one)
    return lambda time: one.points.get(time, missing)


def _filled(one: Series, filler: Value | str) -> Points:
    times, points = every_time(one.grid), one.points
    if isinstance(filler, str):
        if filler not in _FILLERS:
            raise ValidationError(f"FILL takes a number, a time series, REPEAT or LINEAR, not {filler}.")
        return _FILLERS[filler](times, points)
    if isinstance(filler, Series | Array):
        other = series(filler)
        check_same_period(one, other)
        return {
            time: points.get(time, other.points.get(time, nan))
            for time in times
            if time in points or time in other.points
        }
    return kept({time: points.get(time, filler) for time in times})


def _repeated(times: range, points: Points) -> Points:
    found, last = {}, None
    for time in times:
        last = points.get(time, last)
        if last is not None:
            found[time] = last
    return found


def _linear(times: range, points: Points) -> Points:
    found = dict(points)
    for before, after in pairwise(points):
        rise = (points[after] - points[before]) / (after - before)
        found |= {
            time: points[before] + rise * (time - before) for time in range(before + times.step, after, times.step)
        }
    return dict(sorted(found.items()))


_FILLERS = {"REPEAT": _repeated, "LINEAR": _linear}
_SORTED_BY = frozenset(["AVG", "MIN", "MAX", "SUM"])


def _mapped(compute: Callable[[float], float]) -> Function:
    return of_each(lambda one: kept({time: compute(value) for time, value in one.points.items()}))


def _pairs(compute: Callable[[float, float], float]) -> Function:
    """A function of what a value is more than the one before it, and of the seconds between them."""

    def points(one: Series) -> Points:
        return {
            time: compute(value - before, time - earlier)
            for (earlier, before), (time, value) in pairwise(one.points.items())
        }

    return of_each(points)


def _running_sum(one: Series) -> Points:
    total, points = 0.0, {}
    for time, value in one.points.items():
        total += value
        points[time] = total
    return kept(points)


def _calendar(part: Callable[[datetime], float]) -> Function:
    def function(value: Value) -> Value:
        one = series(value)
        return one.computed({time: part(utc(time)) for time in every_time(one.grid)})

    return function


def _logarithm(compute: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: compute(value) if value > 0 else nan


def _values(one: Series) -> list[float]:
    return list(one.points.values())


def _average(one: Series) -> float:
    """The average over all periods: a missing value counts as 0."""
    return fsum(one.points.values()) / len(one.grid.times) if one.points else nan


FUNCTIONS: Final[dict[str, Function]] = {
    "ABS": _mapped(abs),
    "AVG": of_all(_average, lambda values, count: fsum(values) / count),
    "CEIL": _mapped(math.ceil),
    "DATAPOINT_COUNT": of_all(lambda one: len(one.points), lambda values, _: len(values)),
    "DATE": _calendar(lambda time: time.day),
    "DAY": _calendar(lambda time: time.isoweekday()),
    "DIFF": _pairs(lambda rise, _: rise),
    "DIFF_TIME": _pairs(lambda _, seconds: seconds),
    "EPOCH": _calendar(lambda time: time.timestamp()),
    "FIRST": lambda value: _first(value, 0),
    "FLOOR": _mapped(math.floor),
    "HOUR": _calendar(lambda time: time.hour),
    "IF": choose,
    "LAST": lambda value: _first(value, -1),
    "LOG": _mapped(_logarithm(math.log)),
    "LOG10": _mapped(_logarithm(math.log10)),
    "MAX": of_all(lambda one: max(_values(one), default=nan), lambda values, _: max(values)),
    "METRIC_COUNT": lambda value: float(len(array(value).items)),
    "MIN": of_all(lambda one: min(_values(one), default=nan), lambda values, _: min(values)),
    "MINUTE": _calendar(lambda time: time.minute),
    "MONTH": _calendar(lambda time: time.month),
    "RATE": _pairs(lambda rise, seconds: rise / seconds),
    "REMOVE_EMPTY": lambda value: replace(array(value), items=tuple(one for one in array(value).items if one.points)),
    "RUNNING_SUM": of_each(_running_sum),
    "SLICE": cut,
    "STDDEV": of_all(lambda one: pstdev(_values(one)) if one.points else nan, lambda values, _: pstdev(values)),
    "SUM": of_all(lambda one: fsum(one.points.values()), lambda values, _: fsum(values)),
    "YEAR": _calendar(lambda time: time.year),
}
"""The functions that take values alone, by their names; see `calculation` for the others."""

REFUSED: Final = frozenset(
    ["ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "LAMBDA"]
)
"""The functions that need what is not here."""
