"""The one measure of time of what watches a platform: how often it looks, and how long it waits."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

_LASTING, _WINDOW = 2, 4  # scrapes
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How often metrics are scraped and rules evaluated, and by what every other time is multiplied.

    The times in rules and notifications are written as for a cluster. With a `scale` of 1 they stay as they are; with
    1/15, 3 minutes become 12 seconds and 5 minutes 20.

    Raises:
        ValueError: the interval is shorter than a millisecond, or the scale is no positive number.
    """

    interval: timedelta = 15 * SECOND
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.interval < timedelta(milliseconds=1):
            raise ValueError(f"metrics cannot be scraped every {self.interval}: it has to be a millisecond or more")
        if not 0 < self.scale < math.inf:
            raise ValueError(f"the time scale is {self.scale}: it has to be a positive number")

    def every(self) -> str:
        """The interval of scrapes and evaluations, as Prometheus writes durations."""
        return duration(self.interval)

    def lasting(self, time: timedelta) -> str:
        """A time that a condition has to last, scaled, as Prometheus writes durations; two scrapes at least."""
        return duration(self.scaled(time, _LASTING))

    def window(self, time: timedelta) -> str:
        """A time to take a rate over, scaled, as Prometheus writes durations; four scrapes at least.

        A rate needs two samples. With four intervals it has them even if one scrape is lost, which is how Grafana's
        `$__rate_interval` is chosen too (https://grafana.com/docs/grafana/latest/datasources/prometheus/).
        """
        return duration(self.scaled(time, _WINDOW))

    def scaled(self, time: timedelta, scrapes: int = 0) -> timedelta:
        """A time multiplied by the scale, and at least so many scrapes long."""
        return max(time * self.scale, self.interval * scrapes)


LOCAL: Final = Timing(interval=2 * SECOND, scale=1 / 15)
"""The times of the platform on one machine, in which a chapter sees an alert within a minute."""


def duration(time: timedelta) -> str:
    """A time as Prometheus and Alertmanager write it: `1m40s`; in whole seconds, rounded up, from one second on.

    The format is that of https://prometheus.io/docs/prometheus/latest/querying/basics/#time-durations.
    """
    milliseconds = math.ceil(time / timedelta(milliseconds=1))
    if milliseconds > 1000:  # noqa: PLR2004
        # What is off by less than a microsecond is so because a scale such as 1/36 is no binary fraction.
        milliseconds = math.ceil(round(time / SECOND, 6)) * 1000
    text = ""
    for unit, length in _UNITS:
        count, milliseconds = divmod(milliseconds, length)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
