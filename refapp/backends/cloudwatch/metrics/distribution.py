"""The values of a metric within a time: their statistics, and how often each value occurred."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

DISTINCT: Final = 1000
"""So many distinct values are told apart; when there are more, all are rounded to three significant digits."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many values there were, their sum, the lowest and the highest, and how often each occurred.

    `spread` maps a value to its count. It is None when the values were published as statistics and cannot be told from
    them: then there are no percentiles.
    """

    samples: float
    total: float
    low: float
    high: float
    spread: Mapping[float, float] | None

    @classmethod
    def of(cls, values: Sequence[float], counts: Sequence[float] | None = None) -> Self:
        """The distribution of some values, at least one; a count says how often its value occurred, once by default."""
        if len(values) == 1 and counts is None:  # quicker, and the rule
            (value,) = values
            return cls(1.0, value, value, value, {value: 1.0})
        spread: dict[float, float] = {}
        for value, count in zip(values, counts or [1.0] * len(values), strict=True):
            spread[value] = spread.get(value, 0.0) + count
        total = sum(value * count for value, count in spread.items())
        return cls(sum(spread.values()), total, min(spread), max(spread), spread)

    @classmethod
    def from_statistics(cls, samples: float, total: float, low: float, high: float) -> Self:
        """What a statistic set says; the values are known when they were all the same.

        Source: PutMetricData in the CloudWatch API reference, on percentiles of statistic sets.
        """
        alike = low == high and total == low * samples
        return cls(samples, total, low, high, {low: samples} if alike else None)

    def pack(self) -> bytes | None:
        """The spread in few bytes: none when there is one value, otherwise values and counts in turn as doubles."""
        if self.spread is None:
            return None
        if len(self.spread) == 1:
            return b""
        return array("d", [number for pair in self.spread.items() for number in pair]).tobytes()

    @classmethod
    def unpack(cls, samples: float, total: float, low: float, high: float, packed: bytes | None) -> Self:
        """The distribution whose spread was packed by `pack`."""
        if packed is None:
            return cls(samples, total, low, high, None)
        if not packed:
            return cls(samples, total, low, high, {low: samples})
        numbers = array("d")
        numbers.frombytes(packed)
        return cls(samples, total, low, high, dict(zip(numbers[::2], numbers[1::2], strict=True)))


def merge(parts: Iterable[Distribution]) -> Distribution:
    """The distribution of all values of some distributions, of which there is at least one."""
    first, *others = parts
    if not others:
        return first
    samples, total, low, high = first.samples, first.total, first.low, first.high
    spread = None if first.spread is None else dict(first.spread)
    for part in others:
        samples += part.samples
        total += part.total
        low, high = min(low, part.low), max(high, part.high)
        if spread is None or part.spread is None:
            spread = None
            continue
        for value, count in part.spread.items():
            spread[value] = spread.get(value, 0.0) + count
    return Distribution(samples, total, low, high, spread if spread is None else _bounded(spread))


def _bounded(spread: dict[float, float]) -> dict[float, float]:
    if len(spread) <= DISTINCT:
        return spread
    rounded: dict[float, float] = {}
    for value, count in spread.items():
        near = float(f"{value:.3g}")
        rounded[near] = rounded.get(near, 0.0) + count
    return rounded
