"""The metrics of a platform: PromQL, and what Prometheus tells of itself."""

import time as clock
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import pandas as pd

from refapp.query.answers import BackendError
from refapp.query.metrics import status
from refapp.query.metrics.client import Client
from refapp.query.metrics.errors import NoMetricsError
from refapp.query.metrics.frames import Result, instant, labels_frame, over_time, samples
from refapp.query.metrics.steps import Window, window

_POLL = 0.2  # seconds

Condition = Callable[[pd.DataFrame], object]
"""Whether a frame of `Metrics.instant` is what is waited for."""


class Metrics:
    """What the Prometheus of a platform has gathered.

    `urls` gives its address when it is needed, under `prometheus`. A time without its zone is local.

    Every method raises `NoMetricsError` when there is no Prometheus, `BackendTimeoutError` when it takes too long, and
    `BackendError` when it cannot be asked. Those that take an expression raise `ExpressionError` when it is wrong. What
    Prometheus has to say about an answer is shown as a `MetricsWarning`.
    """

    def __init__(self, urls: Callable[[], Mapping[str, str]]) -> None:
        self._urls = urls

    def instant(self, expr: str, time: datetime | None = None) -> pd.DataFrame:
        """The value of an expression at a time, now without one.

        One row a series, in the order of Prometheus: a column for each label, and `value`. A range vector has one row
        a sample, with its `time`; a scalar or a string one row with its `value` alone.
        """
        return instant(self._evaluate(expr, time))

    def value(self, expr: str, time: datetime | None = None) -> float:
        """The value of an expression that is one number, at a time, now without one.

        Raises:
            ValueError: it is none, or more than one.
        """
        frame = self.instant(expr, time)
        if len(frame) != 1 or not isinstance(frame["value"].iloc[0], float):
            found = "a string" if len(frame) == 1 else f"{len(frame)} values"
            raise ValueError(f"{expr} is not one number but {found}")
        return float(frame["value"].iloc[0])

    def range(
        self,
        expr: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        last: timedelta | None = None,
        step: timedelta | float | None = None,
    ) -> pd.DataFrame:
        """The values of an expression over time: one row a step, with its `time` (UTC), and one column a series.

        Columns are named by the labels that tell the series apart; `attrs["series"]` has all labels of each. Where a
        series has no value there is NaN.

        Args:
            expr: a scalar or an instant vector.
            start: the first time.
            end: the last time; now without.
            last: how long before the end, in place of a start; five minutes without either.
            step: between two rows, in seconds if it is a number; chosen for a figure without.

        Raises:
            ValueError: times contradict each other.
        """
        span = window(start, end, last, step)
        return over_time(self._over(expr, span), *span, expr=expr)

    def samples(
        self,
        expr: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        last: timedelta | None = None,
        step: timedelta | float | None = None,
    ) -> pd.DataFrame:
        """The same as `range` gives, one row a sample: a column for each label, its `time` (UTC) and its `value`."""
        return samples(self._over(expr, window(start, end, last, step)))

    def wait(self, expr: str, condition: Condition | None = None, within: float = 30.0) -> pd.DataFrame:
        """The value of an expression, as `instant` gives it, once it is what is asked for.

        Args:
            expr: without a condition, one that has no series until then: `sum(rate(x[9s])) > 3`.
            condition: tells of a frame whether it is.
            within: how many seconds to wait at most.

        Raises:
            TimeoutError: it is not in time; the message has the last value.
        """
        holds = condition or (lambda frame: not frame.empty)
        deadline = clock.monotonic() + within
        while True:
            last: pd.DataFrame | BackendError
            try:
                last = self.instant(expr)
            except BackendError as error:  # it may be starting
                last = error
            if isinstance(last, pd.DataFrame) and holds(last):
                return last
            if clock.monotonic() >= deadline:
                raise TimeoutError(f"{expr} was not as expected within {within:g} s; {_told(last)}")
            clock.sleep(_POLL)

    def series(
        self, match: str | Sequence[str], *, start: datetime | None = None, end: datetime | None = None
    ) -> pd.DataFrame:
        """The series that one selector or more take, between two times: one row a series, a column for each label."""
        params = {"match[]": _selectors(match), "start": _seconds(start), "end": _seconds(end)}
        return self._client().get("/series", labels_frame, params)

    def labels(self, match: str | Sequence[str] | None = None) -> list[str]:
        """The names of all labels, or of those that the selected series have, in alphabetical order."""
        return self._client().get("/labels", list, {"match[]": _selectors(match)})

    def label_values(self, name: str, match: str | Sequence[str] | None = None) -> list[str]:
        """The values of a label, in alphabetical order; `__name__` is that of the names of all metrics."""
        return self._client().get(f"/label/{quote(name, safe='')}/values", list, {"match[]": _selectors(match)})

    def metadata(self, metric: str | None = None) -> pd.DataFrame:
        """What metrics are about: metric, type, help, unit; a metric that is explained differently has several rows."""
        return self._client().get("/metadata", status.metadata, {"metric": metric})

    def targets(self) -> pd.DataFrame:
        """What is scraped: job, instance, health, url, last_scrape, scrape_ms, error, and the target's other labels."""
        return self._client().get("/targets", status.targets, {"state": "active"})

    def flags(self) -> pd.DataFrame:
        """How Prometheus was started: flag, value."""
        return self._client().get("/status/flags", status.flags)

    def config(self) -> str:
        """Prometheus' configuration, as YAML."""
        return self._client().get("/status/config", lambda data: str(data["yaml"]))

    def rules(self) -> pd.DataFrame:
        """What is computed and watched: group, name, type, expr, lasting_s, state, health, evaluation_ms, error."""
        return self._client().get("/rules", status.rules)

    def alerts(self) -> pd.DataFrame:
        """The alerts that are pending or fire: alert, state, since, value, their other labels, and their summary."""
        return self._client().get("/alerts", status.alerts)

    def _evaluate(self, expr: str, time: datetime | None) -> Result:
        return self._client().evaluate("/query", Result.read, expr, {"time": _seconds(time)})

    def _over(self, expr: str, span: Window) -> Result:
        params = {"start": _seconds(span.start), "end": _seconds(span.end), "step": span.step.total_seconds()}
        return self._client().evaluate("/query_range", Result.read, expr, params)

    def _client(self) -> Client:
        if url := self._urls().get("prometheus"):
            return Client(url)
        raise NoMetricsError("the platform has no Prometheus: it was started without metrics")


def _selectors(match: str | Sequence[str] | None) -> list[str] | None:
    return [match] if isinstance(match, str) else None if match is None else list(match)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()


def _told(last: pd.DataFrame | BackendError) -> str:
    if isinstance(last, BackendError):
        return str(last)
    return f"its last value was\n{last.to_string()}" if len(last) else "it has no series"
