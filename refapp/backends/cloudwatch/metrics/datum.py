"""A metric, and what is published of it."""

from collections.abc import Iterable
from typing import Final, NamedTuple, Self

from refapp.backends.cloudwatch.metrics.distribution import Distribution

_UNITS = """
    Seconds Microseconds Milliseconds Percent Count Count/Second None
    Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits
    Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second
    Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second
"""
UNITS: Final = frozenset(_UNITS.split())
"""The units of a metric: StandardUnit in the CloudWatch API reference."""

MOST_DIMENSIONS: Final = 30
LARGEST: Final = 2.0**360
"""The largest value, either way."""

MAX_AGE: Final = 14 * 86400
"""How old a value may be when it is published, in seconds."""

MAX_AHEAD: Final = 2 * 3600
"""How far ahead of now its time may be, in seconds."""


class Metric(NamedTuple):
    """What tells a metric from all others: its namespace, its name, and its dimensions in the order of their names."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[tuple[str, str]] = ()) -> Self:
        """The metric of that name, whatever the order of its dimensions."""
        return cls(namespace, name, tuple(sorted(dimensions)))


class Datum(NamedTuple):
    """Values of a metric at a time, in milliseconds since 1970; the resolution it is kept in is 1 or 60 seconds."""

    metric: Metric
    timestamp: int
    distribution: Distribution
    unit: str = "None"
    resolution: int = 60
