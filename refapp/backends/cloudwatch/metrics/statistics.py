"""The statistics of CloudWatch, by their names.

Source: "CloudWatch statistics definitions" in the CloudWatch user guide. A percentile is the highest of the values that
remain when the highest are left out, so it is one of the values; what is trimmed is rounded in favour of the values.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, inf
from typing import Final, NamedTuple

from refapp.backends.cloudwatch.metrics.distribution import Distribution

Measure = Callable[[Distribution], float | None]
Counted = Iterable[tuple[float, float]]  # values and how often each occurred

_ONE_BOUND = re.compile(r"(p|tm|wm|tc|ts)([0-9]{1,3}(?:\.[0-9]{1,10})?)")
_NUMBER = r"[0-9]+(?:\.[0-9]{1,10})?"
_TWO_BOUNDS = re.compile(rf"(TM|WM|TC|TS|PR)\((?:({_NUMBER})(%?))?:(?:({_NUMBER})(%?))?\)")


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic: its name, and how it is measured, which gives None where it has no value.

    `spread` says whether it needs to know each value; `percentile` is a share of 1, of a percentile only.
    """

    name: str
    measure: Measure
    spread: bool = False
    percentile: Fraction | None = None


BASIC: Final = {
    "SampleCount": Statistic("SampleCount", lambda values: values.samples),
    "Average": Statistic("Average", lambda values: values.total / values.samples),
    "Sum": Statistic("Sum", lambda values: values.total),
    "Minimum": Statistic("Minimum", lambda values: values.low),
    "Maximum": Statistic("Maximum", lambda values: values.high),
}


class _Cut(NamedTuple):
    """The values of a distribution in their order, of which those between two bounds are kept."""

    kept: list[tuple[float, float]]
    below: float  # how many were cut off
    above: float
    low: float  # what the edges are
    high: float


_Cutter = Callable[[Distribution], _Cut]


@lru_cache(maxsize=1000)
def parse_statistic(name: str) -> Statistic:
    """The statistic of that name.

    Raises:
        ValueError: there is none.
    """
    if name in BASIC:
        return BASIC[name]
    if name == "IQM":
        return _trimmed(name, "TM", _by_share(Fraction(1, 4), Fraction(3, 4)))
    if (match := _ONE_BOUND.fullmatch(name)) and (share := Fraction(match[2]) / 100) <= 1:
        if match[1] == "p":
            return Statistic(name, _on_spread(lambda values: _percentile(values, share)), True, share)
        return _trimmed(name, match[1].upper(), _by_share(Fraction(0), share))
    if (match := _TWO_BOUNDS.fullmatch(name)) and (cutter := _cutter(*match.groups())):
        return _trimmed(name, match[1], cutter)
    raise ValueError(f"{name!r} is not a statistic of CloudWatch")


def _cutter(
    kind: str, low: str | None, low_sign: str | None, high: str | None, high_sign: str | None
) -> _Cutter | None:
    """How values are cut by what is between the parentheses; None when that cannot be."""
    signs = {sign for number, sign in ((low, low_sign), (high, high_sign)) if number is not None}
    if len(signs) != 1:  # nothing at all, or a percentage and a value
        return None
    if signs == {"%"}:
        first, last = Fraction(low or 0) / 100, Fraction(high or 100) / 100
        return _by_share(first, last) if first < last <= 1 and kind != "PR" else None
    least, most = float(low) if low else -inf, float(high) if high else inf
    return _by_value(least, most) if least < most else None


def _trimmed(name: str, kind: str, cutter: _Cutter) -> Statistic:
    measure = _MEASURES[kind]
    return Statistic(name, _on_spread(lambda values: measure(cutter(values))), True)


def _on_spread(measure: Measure) -> Measure:
    """Measures what can be measured: neither values that are not known, nor negative ones, as CloudWatch has it."""
    return lambda values: None if values.spread is None or values.low < 0 else measure(values)


def _percentile(values: Distribution, share: Fraction) -> float:
    rank, count = ceil(share * Fraction(values.samples)), 0.0
    for value, occurred in sorted(_spread(values)):
        count += occurred
        if count >= rank:
            # What was rounded to be stored stays between the lowest and the highest value.
            return min(max(value, values.low), values.high)
    return values.high


def _by_share(low: Fraction, high: Fraction) -> _Cutter:
    """Keeps what is between two percentiles, given as shares of 1."""

    def cut(values: Distribution) -> _Cut:
        samples = Fraction(values.samples)
        first, last = float(floor(low * samples)), min(float(ceil(high * samples)), values.samples)
        kept, count = [], 0.0
        for value, occurred in sorted(_spread(values)):
            before, count = count, count + occurred
            if (share := min(count, last) - max(before, first)) > 0:
                kept.append((value, share))
        return _Cut(kept, first, values.samples - last, kept[0][0], kept[-1][0])

    return cut


def _by_value(low: float, high: float) -> _Cutter:
    """Keeps what is above one value and not above the other."""

    def cut(values: Distribution) -> _Cut:
        spread = sorted(_spread(values))
        below = sum(occurred for value, occurred in spread if value <= low)
        above = sum(occurred for value, occurred in spread if value > high)
        return _Cut([pair for pair in spread if low < pair[0] <= high], below, above, low, high)

    return cut


def _spread(values: Distribution) -> Counted:
    return (values.spread or {}).items()


def _count(values: Counted) -> float:
    return sum(occurred for _, occurred in values)


def _sum(values: Counted) -> float:
    return sum(value * occurred for value, occurred in values)


def _winsorized(cut: _Cut) -> float:
    edges = [(edge, occurred) for edge, occurred in ((cut.low, cut.below), (cut.high, cut.above)) if occurred]
    return _sum(cut.kept + edges) / _count(cut.kept + edges)


_MEASURES: dict[str, Callable[[_Cut], float | None]] = {
    "TM": lambda cut: _sum(cut.kept) / _count(cut.kept) if cut.kept else None,
    "WM": _winsorized,
    "TC": lambda cut: _count(cut.kept),
    "TS": lambda cut: _sum(cut.kept),
    "PR": lambda cut: 100 * _count(cut.kept) / (_count(cut.kept) + cut.below + cut.above),
}
