"""Spans of time as Grafana and Prometheus write them, and the step of a range query."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86_400,
    "w": 604_800,
    "M": 2_592_000,  # Grafana's month of thirty days
    "Q": 7_776_000,
    "y": 31_536_000,
}
_WHOLE = re.compile(r"[<>]?=?\s*((?:\d+(?:\.\d+)?\s*(?:ms|[smhdwMQy])\s*)+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdwMQy])")
# Steps that divide minutes, hours and days: https://github.com/grafana/grafana rounds to the same ones. The limit
# of each is the largest interval, in seconds, that is rounded to it.
_STEPS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600)
_LONG_STEPS = (7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000)
_MOST_POINTS = 11_000  # that Prometheus returns of one series
_SCRAPES = 4  # that a rate is to see at least


class Intervals(NamedTuple):
    """What the time variables of a query stand for, in seconds."""

    step: float
    rate: float
    range: float

    def variables(self) -> Mapping[str, str]:
        """Grafana's global variables of time, by name.

        https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/add-template-variables/#global-variables
        """
        return {
            "__interval": duration(self.step),
            "__interval_ms": f"{self.step * 1000:.0f}",
            "__rate_interval": duration(self.rate),
            "__rate_interval_ms": f"{self.rate * 1000:.0f}",
            "__range": duration(round(self.range)),
            "__range_s": f"{self.range:.0f}",
            "__range_ms": f"{self.range * 1000:.0f}",
        }


def seconds(text: str) -> float | None:
    """How long a duration such as `90s`, `1h30m` or `>10s` is; None when it is none."""
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(match[1]))


def duration(span: float) -> str:
    """So many seconds as a duration that Prometheus reads, in the largest unit of which it is a whole number."""
    if span < 1 or span != round(span):
        return f"{max(1, round(span * 1000))}ms"
    whole = round(span)
    return next(f"{whole // size}{unit}" for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if whole % size == 0)


def intervals(span: timedelta, points: int, *, scrape: float, least: float | None = None, factor: int = 1) -> Intervals:
    """The step of a range query, and the window for its rates.

    The step is the span divided into as many points, rounded to one that divides hours, but no less than `least`,
    and never so small that Prometheus would refuse. The window sees at least four scrapes, as `$__rate_interval`
    does: https://grafana.com/blog/new-in-grafana-7-2-rate_interval-for-prometheus-rate-queries-that-just-work/

    Args:
        span: between the first and the last moment.
        points: about how many to divide it into.
        scrape: seconds between two samples of a series.
        least: seconds; without it, `scrape`.
        factor: by which the step is made longer.
    """
    total = max(span.total_seconds(), 1)
    least = scrape if least is None else least
    fine = max(_round(total / max(points, 1)), least)
    step = max(fine * max(factor, 1), total / _MOST_POINTS, 0.001)
    return Intervals(step, max(fine + least, _SCRAPES * least), total)


def _round(interval: float) -> float:
    steps = (*_STEPS, *_LONG_STEPS)
    limits = [(low + high) / 2 for low, high in pairwise(steps)]
    return steps[bisect_right(limits, interval)]
