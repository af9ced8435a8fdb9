"""One workload in detail: what goes in and out of it, its pods, its logs and its configuration."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import pandas as pd

from refapp.query.mesh.configuration import ConfigObject
from refapp.query.mesh.health import Health, Replicas
from refapp.query.mesh.quantiles import quantile
from refapp.query.mesh.telemetry import Metrics, duration, rows

Direction = Literal["inbound", "outbound"]

COLUMNS = ("time", "metric", "peer", "code", "stat", "value")
"""The columns of what a workload is measured by."""


class Metric(NamedTuple):
    """Something that is measured: its title and unit, and the name of its series without an end."""

    title: str
    unit: str
    series: str


HISTOGRAMS = {
    "duration": Metric("Request duration", "ms", "istio_request_duration_milliseconds"),
    "request size": Metric("Request size", "bytes", "istio_request_bytes"),
    "response size": Metric("Response size", "bytes", "istio_response_bytes"),
}
COUNTERS = {
    "requests": Metric("Request volume", "requests/s", "istio_requests_total"),
    # Istio names the bytes of a connection from the other end: https://github.com/istio/istio/issues/32399
    "tcp sent": Metric("TCP sent", "bytes/s", "istio_tcp_received_bytes_total"),
    "tcp received": Metric("TCP received", "bytes/s", "istio_tcp_sent_bytes_total"),
}
METRICS: Mapping[str, Metric] = COUNTERS | HISTOGRAMS
"""What a workload is measured by, under the names that its frames have in their column `metric`."""

_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_GROUPS = ("response_code", "grpc_response_status", "request_protocol")


@dataclass(frozen=True, kw_only=True)
class WorkloadDetail:
    """All that is known of a workload.

    `inbound` and `outbound` have a row a moment and value, with the columns of `COLUMNS`: of what `METRICS` name, with
    whom as `peer` and with which `code` (of requests alone), and which `stat`: `rate`, `average`, `p50`, `p95` or
    `p99`. Their units are those of `METRICS`. `pods`, `logs` and `configuration` are None where nobody tells them.
    """

    name: str
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    health: Health = field(default_factory=Health)
    replicas: Replicas | None = None
    inbound: pd.DataFrame
    outbound: pd.DataFrame
    pods: pd.DataFrame | None = None
    logs: pd.DataFrame | None = None
    configuration: tuple[ConfigObject, ...] | None = None


def measure(
    metrics: Metrics,
    direction: Direction,
    workload: tuple[str, str],
    times: tuple[datetime, datetime, timedelta],
    window: timedelta,
) -> pd.DataFrame:
    """What goes into a workload, as its own sidecars report it, or out of it.

    Args:
        metrics: what is asked.
        direction: `inbound` or `outbound`.
        workload: its namespace and its name.
        times: the first, the last, and the step between them.
        window: over which rates are taken.
    """
    selector, peer = _selector(direction, *workload)

    def ask(series: str, *by: str) -> Iterator[tuple[dict[str, str], datetime, float]]:
        labels = ",".join(by)
        expr = f"sum by ({labels}) (rate({series}{{{selector}}}[{duration(window)}]))"
        for found, time, value in rows(metrics.range(expr, *times)):
            yield found, time or times[1], value

    found: list[tuple[object, ...]] = []
    for name, metric in COUNTERS.items():
        by = (peer, *_GROUPS) if name == "requests" else (peer,)
        for labels, time, value in ask(metric.series, *by):
            found.append((time, name, labels.get(peer, "unknown"), _code(labels), "rate", value))
    for name, metric in HISTOGRAMS.items():
        buckets: dict[datetime, dict[float, float]] = defaultdict(dict)
        for labels, time, value in ask(f"{metric.series}_bucket", "le"):
            buckets[time][float(labels["le"])] = value
        sums = {time: value for _, time, value in ask(f"{metric.series}_sum")}
        found.extend((time, name, "", "", stat, value) for time, stat, value in _statistics(buckets, sums))
    # Requests with one code may come in several series, such as those with and without a failed transport.
    frame = pd.DataFrame(found, columns=list(COLUMNS)).groupby(list(COLUMNS[:-1]), sort=False, as_index=False).sum()
    order = {name: place for place, name in enumerate(METRICS)}
    return frame.sort_values(
        ["metric", "time"], key=lambda c: c.map(order) if c.name == "metric" else c, kind="stable", ignore_index=True
    )


def _selector(direction: Direction, namespace: str, name: str) -> tuple[str, str]:
    """Which series tell of a workload, and by which label the other end is told."""
    if direction == "inbound":
        ends = f'destination_workload_namespace="{namespace}",destination_workload="{name}"'
        return f'reporter="destination",{ends}', "source_workload"
    return (
        f'reporter="source",source_workload_namespace="{namespace}",source_workload="{name}"',
        "destination_service_name",
    )


def _statistics(
    buckets: Mapping[datetime, Mapping[float, float]], sums: Mapping[datetime, float]
) -> Iterator[tuple[datetime, str, float]]:
    for time, counted in buckets.items():
        number = counted.get(math.inf, 0.0)
        if number <= 0:
            continue
        if time in sums:
            yield time, "average", sums[time] / number
        for stat, share in _SHARES.items():
            if (value := quantile(share, counted)) is not None:
                yield time, stat, value


def _code(labels: Mapping[str, str]) -> str:
    """The status of gRPC where there is one, else the code of HTTP; `-` where there was no answer."""
    code, status = labels.get("response_code", ""), labels.get("grpc_response_status")
    if code == "0":
        return "-"
    return status if labels.get("request_protocol") == "grpc" and status else code


def own(frame: pd.DataFrame | None, workload: str) -> pd.DataFrame | None:
    """The rows of a workload, of a frame with that column."""
    return None if frame is None else frame[frame["workload"] == workload].reset_index(drop=True)
