"""The graph that Kiali makes of telemetry.

The rules are those of `graph/telemetry/istio` in Kiali: what a sidecar reports as the destination of a call goes before
what the caller's reports, which adds what the other does not know: calls to stores outside the mesh, and those that
reached nobody. Two reports are the same when they agree in both ends, code, flags and host.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from refapp.query.mesh.cytoscape import PROTOCOLS
from refapp.query.mesh.details import Details
from refapp.query.mesh.finish import RequestsByPlace, Surroundings, finish
from refapp.query.mesh.graph import Edge, Graph, GraphKind, Response
from refapp.query.mesh.health import edge_health
from refapp.query.mesh.inventory import CLUSTER, Inventory
from refapp.query.mesh.nodes import Hop, Nodes, describe, describe_service
from refapp.query.mesh.series import Series, is_known
from refapp.query.mesh.servicegraph import reduce_to_services
from refapp.query.mesh.telemetry import Question, Sample, Telemetry

_Key = tuple[str, str, str]  # source, target and protocol of an edge


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a graph is made.

    `services` puts the service that was asked for between the two ends of a call; `idle_edges` keeps edges without
    traffic in the time of the graph, `idle_nodes` adds what is defined and has none.
    """

    kind: GraphKind = "versionedApp"
    services: bool = True
    idle_edges: bool = False
    idle_nodes: bool = False


def build(
    telemetry: Telemetry, time: datetime, question: Question, options: Options, around: Surroundings | None = None
) -> Graph:
    """The graph of what was measured at a time."""
    around = around or Surroundings()
    nodes = Nodes(options.kind, services=options.services)
    edges = _Edges(nodes, idle=options.idle_edges)
    for sample in (*taken(telemetry.requests, question), *taken(telemetry.tcp, question)):
        edges.add(sample)
    if options.idle_nodes:
        _add_idle(nodes, around.inventory, question.namespaces, options)
    made = edges.made(Details.of(nodes, telemetry, question))
    requests = RequestsByPlace(telemetry.requests)
    # What was met on the way to other things only has no edges.
    ends = {end for edge in made for end in (edge.source, edge.target)}
    graph = Graph(
        kind=options.kind,
        time=time,
        duration=question.window,
        namespaces=question.namespaces,
        nodes=tuple(
            finish(
                node,
                made,
                traffic=edges.traffic[node.id],
                services=edges.services[node.id],
                requests=requests,
                around=around,
                namespaces=question.namespaces,
            )
            for _, node in sorted(nodes.found.items())
            if node.id in ends or node.idle
        ),
        edges=made,
    )
    return reduce_to_services(graph) if options.kind == "service" else graph


def taken(samples: Iterable[Sample], question: Question) -> Iterator[Sample]:
    """The samples that make a graph, in the order in which they are preferred."""
    known = list(samples)
    inside = set(question.namespaces)

    def unserviced(series: Series) -> bool:
        return series.reporter == "source" and series.source.namespace not in inside and not series.serviced

    rules: tuple[Callable[[Series], bool], ...] = (
        unserviced,
        lambda series: series.reporter == "destination" and series.destination.namespace in inside,
        lambda series: series.reporter == "source" and series.source.namespace in inside,
    )
    for rule in rules:
        yield from (sample for sample in known if rule(sample.series))


class _Edges:
    """The traffic between nodes, added up."""

    def __init__(self, nodes: Nodes, *, idle: bool) -> None:
        self._nodes = nodes
        self._idle = idle
        self._rates: dict[_Key, dict[str, float]] = {}
        self._responses: dict[_Key, dict[str, Response]] = defaultdict(dict)
        self._seen: set[tuple[object, ...]] = set()
        self.traffic: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.services: dict[str, set[tuple[str, str, str]]] = defaultdict(set)

    def add(self, sample: Sample) -> None:
        """Add the traffic of a series, unless another report of the same has been added."""
        series = sample.series
        if series.protocol not in PROTOCOLS or (sample.value <= 0 and not self._idle):
            return
        code = series.code
        for source, target in self._nodes.hops(series):
            edge = (source, target, series.protocol)
            identity = (series.source, series.destination, series.service, code, series.flags, sample.metric)
            if (*edge, *identity) in self._seen:
                return
            self._seen.add((*edge, *identity))
            rates = self._rates.setdefault(edge, defaultdict(float))
            if is_known(series.service.name):
                service = series.service
                self.services[target].add((series.destination.cluster, service.namespace, service.name))
            if sample.value > 0:
                self._count(edge, rates, code, sample)

    def _count(self, edge: _Key, rates: dict[str, float], code: str, sample: Sample) -> None:
        source, target, protocol = edge
        rates[protocol] += sample.value
        self.traffic[source][f"{protocol}Out"] += sample.value
        self.traffic[target][f"{protocol}In"] += sample.value
        if suffix := _suffix(sample.series):
            rates[f"{protocol}{suffix}"] += sample.value
            self.traffic[target][f"{protocol}In{suffix}"] += sample.value
        response = self._responses[edge].setdefault(code, Response(defaultdict(float), defaultdict(float)))
        response.flags[sample.series.flags] += sample.value  # type: ignore[index]
        response.hosts[sample.series.service.host] += sample.value  # type: ignore[index]

    def made(self, details: Details) -> tuple[Edge, ...]:
        """The edges, in the order of their ends."""
        return tuple(self._edge(key, details) for key in sorted(self._rates))

    def _edge(self, key: _Key, details: Details) -> Edge:
        source, target, protocol = key
        rates = {name: float(rate) for name, rate in self._rates[key].items()}
        responses = {
            code: Response(dict(response.flags), dict(response.hosts))
            for code, response in sorted(self._responses[key].items())
        }
        rate, sent = rates.get(protocol, 0.0), self.traffic[source].get(f"{protocol}Out", 0.0)
        security = details.security(Hop(source, target))
        return Edge(
            source=source,
            target=target,
            protocol=protocol,
            rate=rate,
            errors=errors(protocol, rates),
            share=rate / sent if sent > 0 else 0.0,
            rates=rates,
            responses=responses,
            times=details.times(key),
            throughput=details.throughput(key),
            mtls=security.share,
            source_principal=security.source,
            target_principal=security.destination,
            health=edge_health(protocol, {code: response.rate for code, response in responses.items()}),
        )


def errors(protocol: str, rates: Mapping[str, float]) -> float:
    """The rate of requests that failed: 4xx, 5xx or no answer over HTTP, any status but 0 over gRPC."""
    names = {"http": ("http4xx", "http5xx", "httpNoResponse"), "grpc": ("grpcErr", "grpcNoResponse")}
    return sum(rates.get(name, 0.0) for name in names.get(protocol, ()))


def _suffix(series: Series) -> str:
    """By which of Kiali's rates, beside the total, a request counts."""
    if series.code == "-":
        return "NoResponse" if series.failed else ""
    if series.protocol == "http":
        return f"{series.code[0]}xx" if series.code[0] in ("3", "4", "5") else ""
    return "Err" if series.failed else ""


def _add_idle(nodes: Nodes, inventory: Inventory, namespaces: tuple[str, ...], options: Options) -> None:
    """Add what is defined in the namespaces and was not met; a graph of services has no other idle nodes."""
    if options.services or options.kind == "service":
        for service in inventory.requested(namespaces):
            nodes.add(describe_service(service, CLUSTER))
    if options.kind != "service":
        for workload in inventory.workloads:
            if workload.namespace in namespaces:
                nodes.add(describe(workload.party, None, options.kind))
