"""The operators of metric math on numbers, time series and arrays.

Source: "Basic arithmetic functions" and "Comparison and logical operators" in the CloudWatch user guide. A value that
is missing in one of two series counts as 0; what has no finite result has no data point. A number without a value, such
as the maximum of nothing, is NaN.
"""

import operator
from collections.abc import Callable
from dataclasses import replace
from math import isfinite, isnan, nan
from typing import Final

from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.series import Array, Series, Value, kind

Operation = Callable[[float, float], float]


def _divided(dividend: float, divisor: float) -> float:
    return dividend / divisor if divisor else nan


def _power(base: float, exponent: float) -> float:
    if isnan(base) or isnan(exponent):  # Python has 1 for some of these
        return nan
    try:
        power = base**exponent
    except (OverflowError, ZeroDivisionError):
        return nan
    return power if isinstance(power, float | int) else nan  # a root of a negative number is complex


def _truth(test: Callable[[float, float], bool]) -> Operation:
    return lambda left, right: nan if isnan(left) or isnan(right) else float(test(left, right))


OPERATIONS: Final[dict[str, Operation]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": _power,
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<=": _truth(operator.le),
    ">=": _truth(operator.ge),
    "<": _truth(operator.lt),
    ">": _truth(operator.gt),
    "AND": _truth(lambda left, right: bool(left and right)),
    "OR": _truth(lambda left, right: bool(left or right)),
}
_OF_ARRAYS = frozenset("+-*/^")


def apply(sign: str, left: Value, right: Value) -> Value:
    """What an operator makes of two values.

    Raises:
        ValidationError: it does not take such values.
    """
    if isinstance(left, Array) or isinstance(right, Array):
        return _on_arrays(sign, left, right)
    operation = OPERATIONS[sign]
    if not isinstance(left, Series) and not isinstance(right, Series):
        return finite(operation(left, right))
    if not isinstance(right, Series):
        assert isinstance(left, Series)  # noqa: S101 - it is no number
        return left.computed(kept({time: operation(value, right) for time, value in left.points.items()}))
    if not isinstance(left, Series):
        return right.computed(kept({time: operation(left, value) for time, value in right.points.items()}))
    check_same_period(left, right)
    ones, others = left.points, right.points
    times = sorted(ones.keys() | others.keys())
    return left.computed(kept({time: operation(ones.get(time, 0.0), others.get(time, 0.0)) for time in times}))


def negative(value: Value) -> Value:
    """The negative of a value: of each data point."""
    if isinstance(value, Array):
        return value.mapped(_negative)
    return _negative(value) if isinstance(value, Series) else -value


def kept(points: dict[int, float]) -> dict[int, float]:
    """The points that have a value."""
    return {time: value for time, value in points.items() if isfinite(value)}


def finite(value: float) -> float:
    """A number, or NaN when it is infinite."""
    return value if isfinite(value) else nan


def check_same_period(*series: Series) -> None:
    """Series that are computed with have one period.

    Raises:
        ValidationError: they have several.
    """
    periods = sorted({one.grid.period for one in series})
    if len(periods) > 1:
        raise ValidationError(f"Metrics of one expression must have the same period, not {periods} seconds.")


def _negative(series: Series) -> Series:
    return series.computed({time: -value for time, value in series.points.items()})


def _on_arrays(sign: str, left: Value, right: Value) -> Value:
    if sign not in _OF_ARRAYS or (isinstance(left, Array) and isinstance(right, Array)):
        raise ValidationError(f"The operator {sign} does not take {kind(left)} and {kind(right)}.")
    if isinstance(left, Array):
        return left.mapped(lambda series: _one(apply(sign, series, right)))
    assert isinstance(right, Array)  # noqa: S101 - one of them is an array
    return right.mapped(lambda series: replace(_one(apply(sign, left, series)), label=series.label))


def _one(value: Value) -> Series:
    assert isinstance(value, Series)  # noqa: S101 - a series with anything but an array is a series
    return value
