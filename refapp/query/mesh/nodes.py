"""Which node of a graph a workload or a service is: the rules of `Id` and `NewNodeExplicit` in Kiali's `graph`."""

from dataclasses import replace
from typing import NamedTuple

from refapp.query.mesh.graph import GraphKind, Node, NodeKind
from refapp.query.mesh.series import UNKNOWN, Party, Series, Service, is_known

_PASSTHROUGH = "PassthroughCluster"  # where Istio sends what it knows no service of


class Hop(NamedTuple):
    """From a node to a node, by their ids."""

    source: str
    target: str


class Nodes:
    """The nodes of one kind of graph, made as they are met."""

    def __init__(self, kind: GraphKind, *, services: bool) -> None:
        self._kind = kind
        self._inject = services or kind == "service"
        self.found: dict[str, Node] = {}

    def hops(self, series: Series) -> list[Hop]:
        """The nodes that a call goes through: from the caller to the callee, by way of the service where it is shown.

        A service stands between them unless the callee is that service, since no workload answered.
        """
        source = self.of(series.source)
        target = self.of(series.destination, series.service)
        named = is_known(series.service.name) and series.service.name != _PASSTHROUGH
        if not (self._inject and named) or target.kind is NodeKind.SERVICE:
            return [Hop(source.id, target.id)]
        between = describe_service(series.service, series.destination.cluster)
        self.found.setdefault(between.id, between)
        return [Hop(source.id, between.id), Hop(between.id, target.id)]

    def add(self, node: Node) -> None:
        """Add a node that has no traffic, unless it has been met."""
        self.found.setdefault(node.id, replace(node, idle=True))

    def of(self, party: Party, service: Service | None = None) -> Node:
        """The node of a workload, or of the service that was asked for where no workload is known."""
        node = describe(party, service, self._kind)
        return self.found.setdefault(node.id, node)


def describe(party: Party, service: Service | None, kind: GraphKind) -> Node:
    """A node without any traffic."""
    cluster, name = party.cluster or UNKNOWN, service.name if service else ""
    namespace = party.namespace
    if not is_known(namespace) and service:
        namespace = service.namespace
    namespace = namespace or UNKNOWN
    if not is_known(party.workload) and not is_known(party.app) and not is_known(name):
        if service is None:
            return Node(id="unknown_source", kind=NodeKind.UNKNOWN, cluster=cluster, inaccessible=True)
        # A request that leads nowhere, such as one to an unknown path at the edge.
        return Node(
            id=f"svc_{cluster}_{namespace}_{UNKNOWN}",
            kind=NodeKind.SERVICE,
            cluster=cluster,
            namespace=namespace,
            service=UNKNOWN,
            inaccessible=namespace == UNKNOWN,
        )
    place = f"{cluster}_{namespace}"
    if kind in ("app", "versionedApp") and is_known(party.app):
        return _app(party, place, cluster, namespace, versioned=kind == "versionedApp")
    if is_known(party.workload):
        labels = {"app": party.app, "version": party.version}
        return Node(
            id=f"wl_{place}_{party.workload}",
            kind=NodeKind.WORKLOAD,
            cluster=cluster,
            namespace=namespace,
            workload=party.workload,
            **{label: value for label, value in labels.items() if is_known(value)},  # type: ignore[arg-type]
        )
    return describe_service(Service(namespace, "", name), cluster)


def describe_service(service: Service, cluster: str) -> Node:
    """The node of a service, without any traffic."""
    return Node(
        id=f"svc_{cluster}_{service.namespace}_{service.name}",
        kind=NodeKind.SERVICE,
        cluster=cluster,
        namespace=service.namespace,
        service=service.name,
    )


def _app(party: Party, place: str, cluster: str, namespace: str, *, versioned: bool) -> Node:
    if not versioned:
        return Node(
            id=f"app_{place}_{party.app}", kind=NodeKind.APP, cluster=cluster, namespace=namespace, app=party.app
        )
    # By its workload, as two workloads may have the same labels by mistake.
    name = party.workload if is_known(party.workload) else f"{party.app}_{party.version}"
    return Node(
        id=f"vapp_{place}_{name}",
        kind=NodeKind.APP,
        cluster=cluster,
        namespace=namespace,
        workload=party.workload if is_known(party.workload) else "",
        app=party.app,
        version=party.version if is_known(party.version) else "",
    )
