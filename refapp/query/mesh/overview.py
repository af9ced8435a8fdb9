"""The namespaces of a mesh at a glance, as the cards of Kiali's overview show them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from refapp.query.mesh.graph import Graph
from refapp.query.mesh.health import Status
from refapp.query.mesh.telemetry import Sample, Telemetry

TRAFFIC = ("time", "http", "grpc", "errors", "tcp")
"""The columns of a namespace's traffic: requests a second, those that failed, and bytes a second."""


@dataclass(frozen=True, kw_only=True)
class NamespaceSummary:
    """A namespace: how many applications of which health it has, what comes in, and how much of it mutual TLS secures.

    `traffic` has a row a moment, with the columns of `TRAFFIC`: inbound requests, and bytes that its workloads send
    over TCP, a second.
    """

    name: str
    applications: Mapping[Status, int]
    services: int
    traffic: pd.DataFrame
    mtls: float | None = None

    @property
    def total(self) -> int:
        """All its applications."""
        return sum(self.applications.values())


@dataclass(frozen=True)
class Overview:
    """The namespaces of a mesh, in alphabetical order."""

    time: datetime
    namespaces: tuple[NamespaceSummary, ...] = field(default_factory=tuple)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a namespace: its applications, those of each health, and the last of its traffic."""
        names = {status: status.name.lower() for status in Status}
        columns = ["namespace", "applications", *names.values(), "requests", "error_share", "tcp_bytes", "mtls"]
        return pd.DataFrame([self._row(summary) for summary in self.namespaces], columns=columns)

    def _row(self, summary: NamespaceSummary) -> tuple[object, ...]:
        last = summary.traffic.iloc[-1] if len(summary.traffic) else pd.Series(dict.fromkeys(TRAFFIC[1:], 0.0))
        requests = float(last["http"] + last["grpc"])
        share = float(last["errors"]) / requests if requests > 0 else 0.0
        health = (summary.applications.get(status, 0) for status in Status)
        return (summary.name, summary.total, *health, requests, share, float(last["tcp"]), summary.mtls)


def summarize(name: str, graph: Graph, history: Sequence[tuple[datetime, Telemetry]]) -> NamespaceSummary:
    """What a graph of applications and the telemetry of many moments tell of a namespace."""
    apps = [node for node in graph.nodes if node.app and node.kind == "app" and node.namespace == name]
    secured = [edge for edge in graph.edges if edge.mtls is not None and graph.by_id[edge.target].namespace == name]
    total = sum(edge.rate for edge in secured)
    return NamespaceSummary(
        name=name,
        applications=dict(Counter(node.health.status for node in apps)),
        services=sum(node.kind == "service" and node.namespace == name for node in graph.nodes),
        traffic=pd.DataFrame([_row(name, time, telemetry) for time, telemetry in history], columns=list(TRAFFIC)),
        mtls=sum((edge.mtls or 0.0) * edge.rate for edge in secured) / total if total > 0 else None,
    )


def _row(name: str, time: datetime, telemetry: Telemetry) -> tuple[object, ...]:
    inbound = [sample for sample in telemetry.requests if _is_inbound(sample, name)]
    rates = {
        protocol: sum(sample.value for sample in inbound if sample.series.protocol == protocol)
        for protocol in ("http", "grpc")
    }
    failed = sum(sample.value for sample in inbound if sample.series.failed)
    sent = sum(sample.value for sample in telemetry.tcp if sample.series.source.namespace == name)
    return (time, rates["http"], rates["grpc"], failed, sent)


def _is_inbound(sample: Sample, name: str) -> bool:
    """Whether the callee reports it; what reached no workload only the caller can."""
    series = sample.series
    if series.reporter == "destination":
        return series.destination.namespace == name
    return series.reporter == "source" and not series.serviced and series.service.namespace == name
