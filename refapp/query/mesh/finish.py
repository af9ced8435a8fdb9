"""What is told of nodes besides their traffic: health, pods, and how they stand in the graph."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from refapp.query.mesh.graph import Edge, Node, NodeKind
from refapp.query.mesh.health import Health, Replicas, RequestRates, RequestTally, node_health
from refapp.query.mesh.inventory import EXTERNAL, Inventory
from refapp.query.mesh.telemetry import Sample

_Place = tuple[str, str, str]  # kind of a node, its namespace and its name


@dataclass(frozen=True)
class Surroundings:
    """What is known of a mesh besides its series: what is defined, and how many pods each workload has."""

    inventory: Inventory = field(default_factory=Inventory)
    replicas: Mapping[str, Replicas] | None = None

    def replicas_of(self, node: Node) -> Replicas | None:
        """The pods of a workload, or of all workloads of an application; None when they are not known."""
        if self.replicas is None or node.kind is NodeKind.SERVICE:
            return None
        names = [node.workload] if node.workload else [w.name for w in self.inventory.workloads if w.app == node.app]
        known = [self.replicas[name] for name in names if name in self.replicas]
        if not known:
            return None
        return Replicas(
            *(sum(numbers) for numbers in zip(*((r.desired, r.current, r.available) for r in known), strict=True))
        )

    def is_dead(self, node: Node) -> bool:
        """Whether a workload that is defined has no pods."""
        defined = any(w.name == node.workload and w.namespace == node.namespace for w in self.inventory.workloads)
        return self.replicas is not None and defined and node.workload not in self.replicas


class RequestsByPlace:
    """The requests to and from every workload, application and service, as health counts them."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._tallies: dict[_Place, RequestTally] = defaultdict(RequestTally)
        for sample in samples:
            if sample.value > 0:
                self._add(sample)

    def of(self, node: Node) -> RequestRates:
        """The requests to and from a node."""
        kind, name = ("workload", node.workload) if node.workload else (str(node.kind), node.name)
        tally = self._tallies.get((kind, node.namespace, name))
        return tally.rates if tally else RequestRates()

    def _add(self, sample: Sample) -> None:
        series = sample.series
        source, destination = series.source, series.destination
        self._tally("workload", source.namespace, source.workload).add("outbound", series, sample.value)
        self._tally("app", source.namespace, source.app).add("outbound", series, sample.value)
        self._tally("workload", destination.namespace, destination.workload).add("inbound", series, sample.value)
        self._tally("app", destination.namespace, destination.app).add("inbound", series, sample.value)
        self._tally("service", series.service.namespace, series.service.name).add("inbound", series, sample.value)

    def _tally(self, *place: str) -> RequestTally:
        kind, namespace, name = place
        return self._tallies[kind, namespace, name]


def finish(
    node: Node,
    edges: Iterable[Edge],
    *,
    traffic: Mapping[str, float],
    services: Iterable[tuple[str, str, str]],
    requests: RequestsByPlace,
    around: Surroundings,
    namespaces: Iterable[str],
) -> Node:
    """The node with all that is known of it."""
    known = list(edges)
    hosts = around.inventory.entries.get((node.namespace, node.service)) if node.kind is NodeKind.SERVICE else None
    rates, replicas = requests.of(node), around.replicas_of(node)
    labelled = node.kind is NodeKind.SERVICE and not hosts
    app = around.inventory.services.get((node.namespace, node.service), "") if labelled else node.app
    asks = any(edge.source == node.id for edge in known)
    return replace(
        node,
        app=app,
        traffic={name: float(rate) for name, rate in traffic.items()},
        services=tuple(sorted(services)),
        requests=rates,
        replicas=replicas,
        health=Health() if node.inaccessible else node_health(rates, replicas, service=node.kind is NodeKind.SERVICE),
        service_entry=EXTERNAL if hosts else "",
        hosts=tuple(hosts or ()),
        dead=around.is_dead(node),
        outside=not node.inaccessible and node.namespace not in set(namespaces),
        root=asks and not any(edge.target == node.id for edge in known),
    )
