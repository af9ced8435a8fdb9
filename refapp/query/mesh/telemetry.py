"""The series that Kiali reads, asked for in a few queries.

Each metric is asked for as Kiali's `graph/telemetry/istio/istio.go` does, in three parts: what sidecars in the
namespaces report as destinations, what they report as sources, and what sidecars elsewhere report of calls to services
here.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

import pandas as pd

from refapp.query.mesh.series import OUTCOME, PARTIES, SECURITY, SERVICE, Series

Bytes = Literal["sent", "received", "total"]
"""Which bytes count: those that a caller sends, those that it receives, or both."""

REQUESTS = "istio_requests_total"
DURATION = "istio_request_duration_milliseconds"
# Istio names the bytes of a connection from the other end: https://github.com/istio/istio/issues/32399
TCP: Mapping[Bytes, tuple[str, ...]] = {
    "sent": ("istio_tcp_received_bytes_total",),
    "received": ("istio_tcp_sent_bytes_total",),
    "total": ("istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total"),
}
BODIES: Mapping[Bytes, tuple[str, ...]] = {
    "sent": ("istio_request_bytes_sum",),
    "received": ("istio_response_bytes_sum",),
    "total": ("istio_request_bytes_sum", "istio_response_bytes_sum"),
}

_ENDS = ("reporter", *PARTIES, *SERVICE)
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")  # RFC 1123, as Kubernetes asks for
_NO_LABELS = frozenset(("time", "value", "__name__"))


class Metrics(Protocol):
    """What is asked of Prometheus, such as `refapp.query.metrics.Samples`.

    A frame has a row a sample: its labels, its `value` and, where there are several times, its `time`.
    """

    def instant(self, expr: str, time: datetime | None = None) -> pd.DataFrame:
        """The value of an expression at a time."""

    def range(self, expr: str, start: datetime, end: datetime, step: timedelta) -> pd.DataFrame:
        """The values of an expression at many times."""


class Sample(NamedTuple):
    """A series, its value a second, and the upper bound of the bucket that it counts, if it does."""

    series: Series
    value: float
    bound: float = math.nan
    metric: str = ""


@dataclass
class Telemetry:
    """What was measured at one time: requests, bytes of connections, durations, and bytes of bodies; all a second."""

    requests: list[Sample] = field(default_factory=list)
    tcp: list[Sample] = field(default_factory=list)
    buckets: list[Sample] = field(default_factory=list)
    duration: list[Sample] = field(default_factory=list)
    bodies: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is wanted: of which namespaces, at which times, and over how long each."""

    namespaces: tuple[str, ...]
    start: datetime
    end: datetime
    step: timedelta | None = None
    window: timedelta
    tcp: Bytes = "sent"
    throughput: Bytes = "received"
    times: bool = True


class _Wanted(NamedTuple):
    part: str
    metric: str
    by: tuple[str, ...]
    protocol: str | None = None


def ask(metrics: Metrics, question: Question) -> dict[datetime, Telemetry]:
    """The telemetry at each time, in order; at one time without a step.

    Raises:
        ValueError: a namespace has a name that none can have.
    """
    found: dict[datetime, Telemetry] = defaultdict(Telemetry)
    if question.step is None:
        found[question.end] = Telemetry()
    for part, metric, by, protocol in _wanted(question):
        expr = expression(metric, (*_ENDS, *by), question.namespaces, question.window)
        known: dict[tuple[tuple[str, str], ...], tuple[Series, float] | None] = {}
        for labels, time, value in _rows(metrics, expr, question):
            key = tuple(labels.items())
            if key not in known:
                series = Series.of(labels, protocol)
                known[key] = (series, float(labels.get("le", "nan"))) if series else None
            if (entry := known[key]) is not None:
                getattr(found[time], part).append(Sample(entry[0], value, entry[1], metric))
    return dict(sorted(found.items()))


def expression(metric: str, by: Iterable[str], namespaces: Sequence[str], window: timedelta) -> str:
    """The PromQL expression for the rate of a counter in namespaces, summed by labels.

    Raises:
        ValueError: a namespace has a name that none can have.
    """
    for name in namespaces:
        if not _NAMESPACE.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a namespace")
    names = "|".join(namespaces)
    selectors = (
        f'reporter="destination",destination_workload_namespace=~"{names}"',
        f'reporter="source",source_workload_namespace=~"{names}"',
        f'reporter="source",source_workload_namespace!~"{names}",destination_service_namespace=~"{names}"',
    )
    labels, seconds = ",".join(by), duration(window)
    return " or ".join(f"sum by ({labels}) (rate({metric}{{{selector}}}[{seconds}]))" for selector in selectors)


def duration(length: timedelta) -> str:
    """A duration in PromQL, to the millisecond."""
    return f"{round(length.total_seconds() * 1000)}ms"


def rows(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], datetime | None, float]]:
    """The labels, the time and the value of each sample that is a number."""
    names = [str(name) for name in frame.columns if name not in _NO_LABELS]
    columns: list[Sequence[Any]] = [frame[name].tolist() for name in names]
    times = [moment.floor("us").to_pydatetime() for moment in frame["time"]] if "time" in frame else [None] * len(frame)
    for place, (time, value) in enumerate(zip(times, frame["value"].tolist(), strict=True)):
        if math.isfinite(value):
            cells = {name: column[place] for name, column in zip(names, columns, strict=True)}
            yield {name: cell for name, cell in cells.items() if isinstance(cell, str) and cell}, time, float(value)


def _wanted(question: Question) -> Iterator[_Wanted]:
    yield _Wanted("requests", REQUESTS, ("request_protocol", *OUTCOME, *SECURITY))
    for metric in TCP[question.tcp]:
        yield _Wanted("tcp", metric, ("response_flags", *SECURITY), "tcp")
    if question.times:
        yield _Wanted("buckets", f"{DURATION}_bucket", ("request_protocol", "le"))
        yield _Wanted("duration", f"{DURATION}_sum", ("request_protocol",))
        for metric in BODIES[question.throughput]:
            yield _Wanted("bodies", metric, ("request_protocol",))


def _rows(metrics: Metrics, expr: str, question: Question) -> Iterator[tuple[dict[str, str], datetime, float]]:
    """As `rows`; what an instant query finds has the time that was asked for."""
    if question.step is None:
        for labels, _, value in rows(metrics.instant(expr, question.end)):
            yield labels, question.end, value
        return
    for labels, time, value in rows(metrics.range(expr, question.start, question.end, question.step)):
        yield labels, time or question.end, value
