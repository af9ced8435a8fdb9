"""A graph of the traffic in a mesh, as Kiali has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, NamedTuple

import pandas as pd

from refapp.query.mesh.cytoscape import elements
from refapp.query.mesh.health import Health, Replicas, RequestRates
from refapp.query.mesh.series import UNKNOWN

GraphKind = Literal["versionedApp", "app", "workload", "service"]
"""What the nodes of a graph stand for."""


class NodeKind(StrEnum):
    """What a node stands for."""

    APP = "app"
    SERVICE = "service"
    WORKLOAD = "workload"
    UNKNOWN = "unknown"


class NodeError(LookupError):
    """The graph has no such node."""


class Counts(NamedTuple):
    """How many of what a graph has, as Kiali tells it beside the graph."""

    apps: int
    versions: int
    services: int
    workloads: int
    edges: int


class ResponseTimes(NamedTuple):
    """How long requests took, in milliseconds: on average, and at most for half, 95 % and 99 % of them."""

    average: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True)
class Response:
    """The answers with one code, a second: by Envoy's response flags and by the host that was asked."""

    flags: Mapping[str, float] = field(default_factory=dict)
    hosts: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """All of them."""
        return sum(self.flags.values())


@dataclass(frozen=True, kw_only=True)
class Node:
    """An application, a workload, a service, or whatever is not known.

    `traffic` has Kiali's rates, such as `httpIn`, `grpcInErr` or `tcpOut`: requests or bytes a second. `service_entry`
    is the location of a service outside the mesh, else empty. `idle` is what is known to be there and had no traffic,
    `dead` a workload without pods, `root` what nobody calls, `outside` what is not in the namespaces that were asked
    for.
    """

    id: str
    kind: NodeKind
    cluster: str = UNKNOWN
    namespace: str = UNKNOWN
    workload: str = ""
    app: str = ""
    version: str = ""
    service: str = ""
    traffic: Mapping[str, float] = field(default_factory=dict)
    services: tuple[tuple[str, str, str], ...] = ()
    requests: RequestRates = field(default_factory=RequestRates)
    replicas: Replicas | None = None
    health: Health = field(default_factory=Health)
    service_entry: str = ""
    hosts: tuple[str, ...] = ()
    dead: bool = False
    idle: bool = False
    inaccessible: bool = False
    outside: bool = False
    root: bool = False

    @property
    def name(self) -> str:
        """What the node is called, without its version."""
        names = {NodeKind.APP: self.app, NodeKind.SERVICE: self.service, NodeKind.WORKLOAD: self.workload}
        return names.get(self.kind) or UNKNOWN

    @property
    def title(self) -> str:
        """What the node is called, with its version where it has one."""
        return f"{self.name} {self.version}" if self.kind is NodeKind.APP and self.version else self.name


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The traffic of one protocol from one node to another.

    `rate` and `errors` are requests a second; of TCP, `rate` is bytes a second. `share` is how much of what its source
    sends by this protocol takes this edge. `throughput` is the bytes of bodies a second, `mtls` the share of the
    traffic that mutual TLS secured; both are None where nobody tells.
    """

    source: str
    target: str
    protocol: str
    rate: float = 0.0
    errors: float = 0.0
    share: float = 0.0
    rates: Mapping[str, float] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    times: ResponseTimes = field(default_factory=ResponseTimes)
    throughput: float | None = None
    mtls: float | None = None
    source_principal: str = ""
    target_principal: str = ""
    health: Health = field(default_factory=Health)

    @property
    def id(self) -> str:
        """What tells the edge from all others."""
        return f"{self.source} → {self.target} {self.protocol}"

    @property
    def error_share(self) -> float:
        """The share of the requests that failed."""
        return self.errors / self.rate if self.rate > 0 else 0.0

    @property
    def idle(self) -> bool:
        """Whether there was no traffic in the time of the graph."""
        return self.rate <= 0


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The traffic of a mesh over `duration` up to `time`."""

    kind: GraphKind
    time: datetime
    duration: timedelta
    namespaces: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """The nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def counts(self) -> Counts:
        """How many of what there are, counted as Kiali's `SummaryPanelGraph.tsx` does."""
        apps = {(node.app, node.version) for node in self.nodes if node.kind is NodeKind.APP}
        kinds = [node.kind for node in self.nodes]
        return Counts(
            apps=len({app for app, _ in apps}),
            versions=len(apps),
            services=kinds.count(NodeKind.SERVICE),
            workloads=kinds.count(NodeKind.WORKLOAD),
            edges=len(self.edges),
        )

    def node(self, name: str, kind: NodeKind | str | None = None) -> Node:
        """The node of that name or id; one of an application or a workload before one of a service.

        Raises:
            NodeError: there is none; the message lists those that there are.
        """
        found = [node for node in self.nodes if name in (node.id, node.name, node.title, node.workload)]
        found = [node for node in found if kind is None or node.kind == kind]
        if not found:
            names = ", ".join(sorted({node.name for node in self.nodes})) or "none"
            raise NodeError(f"the graph has no node {name!r}; there are {names}")
        return min(found, key=lambda node: node.kind is NodeKind.SERVICE)

    def edges_of(self, node: Node) -> tuple[Edge, ...]:
        """The edges to and from a node."""
        return tuple(edge for edge in self.edges if node.id in (edge.source, edge.target))

    def around(self, name: str, kind: NodeKind | str | None = None, *, hops: int = 1) -> "Graph":
        """The part of the graph that is so many calls away from a node; the service between two calls does not count.

        Raises:
            NodeError: there is no such node.
        """
        centre = self.node(name, kind).id
        services = {node.id for node in self.nodes if node.kind is NodeKind.SERVICE}
        kept = self._reached({centre}, hops, services, forward=True)
        kept |= self._reached({centre}, hops, services, forward=False)
        return Graph(
            kind=self.kind,
            time=self.time,
            duration=self.duration,
            namespaces=self.namespaces,
            nodes=tuple(node for node in self.nodes if node.id in kept),
            edges=tuple(edge for edge in self.edges if {edge.source, edge.target} <= kept),
        )

    def _reached(self, start: set[str], hops: int, services: set[str], *, forward: bool) -> set[str]:
        found, border = set(start), set(start)
        while hops > 0 and border:
            ends = ((edge.source, edge.target) if forward else (edge.target, edge.source) for edge in self.edges)
            border = {target for source, target in ends if source in border} - found
            found |= border
            hops -= 0 if border & services and not border - services else 1
        return found

    @property
    def frame(self) -> pd.DataFrame:
        """One row an edge: its ends by their titles, protocol, rates, times, mutual TLS and health."""
        columns = ["source", "target", "protocol", "rate", "error_share", "share", "average_ms"]
        columns += ["p50_ms", "p95_ms", "p99_ms", "throughput", "mtls", "health"]
        return pd.DataFrame([self._row(edge) for edge in self.edges], columns=columns)

    def _row(self, edge: Edge) -> tuple[object, ...]:
        ends = (self.by_id[edge.source], self.by_id[edge.target])
        names = (f"{node.title} (service)" if node.kind is NodeKind.SERVICE else node.title for node in ends)
        numbers = (edge.rate, edge.error_share, edge.share, *edge.times, edge.throughput, edge.mtls)
        return (*names, edge.protocol, *numbers, str(edge.health.status))

    def to_kiali(self) -> dict[str, Any]:
        """The graph in the JSON of Kiali's API: see `refapp.query.mesh.cytoscape`."""
        return {
            "timestamp": int(self.time.timestamp()),
            "duration": int(self.duration.total_seconds()),
            "graphType": self.kind,
            "elements": elements(self.nodes, self.edges, self.kind),
        }


def merged(times: Iterable[ResponseTimes]) -> ResponseTimes:
    """Response times of which each tells some."""
    known = list(times)
    return ResponseTimes(*(next((t for t in column if t is not None), None) for column in zip(*known, strict=True)))
