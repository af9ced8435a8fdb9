"""The axis of values beside a picture."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from refapp.draw.dashboards import units
from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.picture import SMALL
from refapp.draw.dashboards.values import mapping, number
from refapp.draw.texts import width

_ROOM = 0.3  # inches between two labels, at least
_LOW = 0.75  # of the highest value; an axis of what never falls below does not begin at zero
_HEADROOM = 1.08


@dataclass(frozen=True, kw_only=True)
class ValueAxis:
    """Limits, ticks and their labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    @property
    def width(self) -> float:
        """Inches that the labels take."""
        return max((width(label, SMALL) for _, label in self.ticks), default=0) + 0.06


def value_axis(field: Field, low: float, high: float, height: float, *, zero: bool = False) -> ValueAxis:
    """An axis for values from low to high, with as many ticks as there is room for.

    Args:
        field: tells unit, decimals, minimum, maximum and whether the axis is logarithmic.
        low: the smallest value.
        high: the largest value.
        height: of the axis, in inches.
        zero: whether bars or fillings begin at zero, which has to be seen then.
    """
    scale = mapping(field.custom.get("scaleDistribution"))
    if scale.get("type") in ("log", "symlog") and high > 0:
        return _logarithmic(field, low, high, height)
    low, high = _limits(field, low, high, zero=zero)
    factor = units.scale(field.unit, max(abs(low), abs(high))).factor
    count = max(int(height / _ROOM), 1)
    locator = MaxNLocator(min(count, 6), steps=(1, 2, 2.5, 5, 10))
    found = [float(tick) * factor for tick in locator.tick_values(low / factor, high / factor)]
    if field.high is None:
        high = max(high, next((tick for tick in found if tick >= high / _HEADROOM), high))
    kept = [tick for tick in found if low - 1e-9 * abs(low) <= tick <= high + 1e-9 * abs(high)]
    return ValueAxis(low=low, high=high, ticks=tuple((tick, _label(tick, field, high)) for tick in kept))


def _label(tick: float, field: Field, high: float) -> str:
    """With no more decimals than the steps need, and zero in the unit of the others."""
    if tick == 0 and not field.decimals:
        suffix = units.scale(field.unit, high).suffix
        return f"0{suffix}"
    return units.tick(tick, field.unit, field.decimals)


def _limits(field: Field, low: float, high: float, *, zero: bool) -> tuple[float, float]:
    custom = field.custom
    soft = (number(custom.get("axisSoftMin")), number(custom.get("axisSoftMax")))
    low = low if soft[0] is None else min(low, soft[0])
    high = high if soft[1] is None else max(high, soft[1])
    from_zero = zero or custom.get("axisCenteredZero") or low <= _LOW * high
    if low >= 0 and from_zero:
        low, high = 0.0, high * _HEADROOM
    elif high <= 0 and zero:
        low, high = low * _HEADROOM, 0.0
    else:
        margin = (high - low or abs(high) or 1) * (_HEADROOM - 1)
        low, high = low - margin, high + margin
    low = low if field.low is None else field.low
    high = high if field.high is None else field.high
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return low, low + max(abs(low) * 0.1, 1)
    return low, high


def _logarithmic(field: Field, low: float, high: float, height: float) -> ValueAxis:
    """Ticks are powers of the base, as many as there is room for."""
    base = number(mapping(field.custom.get("scaleDistribution")).get("log")) or 10
    base = base if base > 1 else 10
    low = low if low > 0 else high / base**3
    first, last = math.floor(math.log(low, base) + 1e-9), max(math.ceil(math.log(high, base) - 1e-9), 0)
    last = max(math.ceil(math.log(high, base) - 1e-9), first + 1)
    stride = max(1, math.ceil((last - first) / max(height / _ROOM, 1)))
    powers = [base**power for power in np.arange(first, last + 1, stride).tolist()]
    labelled = tuple((power, units.tick(power, field.unit, field.decimals)) for power in powers)
    return ValueAxis(low=base**first, high=base**last, ticks=labelled, logarithmic=True)
