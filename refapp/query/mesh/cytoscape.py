"""A graph as the JSON of Kiali's API.

The shape is that of `graph/config/cytoscape/cytoscape.go` in Kiali: elements of Cytoscape.js, with rates as texts.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import refapp.query.mesh.graph
    from refapp.query.mesh.graph import Edge, GraphKind, Node, Response

PROTOCOLS = ("grpc", "http", "tcp")
_PRECISION = 2  # digits after the point of a rate, at least
_FINEST = 5  # and at most
_NODE_RATES = {
    "grpc": ("grpcIn", "grpcInErr", "grpcOut"),
    "http": ("httpIn", "httpIn3xx", "httpIn4xx", "httpIn5xx", "httpInNoResponse", "httpOut"),
    "tcp": ("tcpIn", "tcpOut"),
}
_FLAGS = {
    "isDead": "dead",
    "isIdle": "idle",
    "isInaccessible": "inaccessible",
    "isOutside": "outside",
    "isRoot": "root",
}


def digest(text: str) -> str:
    """The id of a node or an edge, which Kiali makes of its own ids by SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def elements(
    # Others are called so, too; the reference has to know which.
    nodes: Iterable["refapp.query.mesh.graph.Node"],
    edges: Iterable["refapp.query.mesh.graph.Edge"],
    kind: "GraphKind",
) -> dict[str, list[dict[str, Any]]]:
    """The nodes, boxes first, and the edges, each wrapped in `data`."""
    shown = [_node(node) for node in nodes]
    boxes = _boxes(shown) if kind in ("app", "versionedApp") else []
    order = ("cluster", "namespace", "app", "version", "service", "workload")
    shown.sort(key=lambda data: [data.get(name, "") for name in order])
    drawn = sorted((_edge(edge) for edge in edges), key=lambda data: (data["source"], data["target"], data["id"]))
    return {"nodes": [{"data": data} for data in (*boxes, *shown)], "edges": [{"data": data} for data in drawn]}


def rate_text(rate: float) -> str:
    """A rate with two digits after the point, or as many as it takes to show one that is not 0."""
    digits, value = 0, rate
    while 0 < value < 1 and digits < _FINEST:
        value, digits = value * 10, digits + 1
    return f"{rate:.{max(_PRECISION, digits)}f}"


def _node(node: "Node") -> dict[str, Any]:
    names = {"workload": node.workload, "app": node.app, "version": node.version, "service": node.service}
    data: dict[str, Any] = {
        "id": digest(node.id),
        "nodeType": str(node.kind),
        "cluster": node.cluster,
        "namespace": node.namespace,
        **{name: value for name, value in names.items() if value},
    }
    if node.services:
        keys = ("cluster", "namespace", "name")
        data["destServices"] = [dict(zip(keys, service, strict=True)) for service in sorted(node.services)]
    traffic = [_node_traffic(node, protocol) for protocol in PROTOCOLS]
    if any(traffic):
        data["traffic"] = [one for one in traffic if one]
    data["healthData"] = _health_data(node)
    data |= {name: True for name, attribute in _FLAGS.items() if getattr(node, attribute)}
    if node.service_entry:
        data["isServiceEntry"] = {"hosts": list(node.hosts), "location": node.service_entry}
    return data


def _node_traffic(node: "Node", protocol: str) -> dict[str, Any] | None:
    rates = {name: rate_text(node.traffic[name]) for name in _NODE_RATES[protocol] if node.traffic.get(name, 0) > 0}
    return {"protocol": protocol, "rates": rates} if rates else None


def _health_data(node: "Node") -> dict[str, Any]:
    requests = {"inbound": node.requests.inbound, "outbound": node.requests.outbound, "healthAnnotations": {}}
    data: dict[str, Any] = {"requests": {name: dict(value) for name, value in requests.items()}}
    if node.replicas is not None:
        status = {
            "name": node.workload or node.app,
            "desiredReplicas": node.replicas.desired,
            "currentReplicas": node.replicas.current,
            "availableReplicas": node.replicas.available,
            "syncedProxies": node.replicas.synced,
        }
        data |= {"workloadStatus": status} if node.workload else {"workloadStatuses": [status]}
    return data


def _edge(edge: "Edge") -> dict[str, Any]:
    source, target = digest(edge.source), digest(edge.target)
    data: dict[str, Any] = {
        "id": digest(f"{source}.{target}.{edge.protocol}"),
        "source": source,
        "target": target,
        "traffic": _edge_traffic(edge),
    }
    time = edge.times.p95 if edge.times.p95 is not None else edge.times.average
    numbers = {
        "isMTLS": None if edge.mtls is None else 100 * edge.mtls,
        "responseTime": time,
        "throughput": edge.throughput,
    }
    data |= {name: f"{value:.0f}" for name, value in numbers.items() if value}
    principals = {"sourcePrincipal": edge.source_principal, "destPrincipal": edge.target_principal}
    return data | {name: value for name, value in principals.items() if value}


def _edge_traffic(edge: "Edge") -> dict[str, Any]:
    data: dict[str, Any] = {"protocol": edge.protocol}
    if edge.rate <= 0:
        return data
    rates = {name: rate_text(rate) for name, rate in edge.rates.items() if rate > 0}
    if edge.errors > 0:
        rates[f"{edge.protocol}PercentErr"] = f"{100 * edge.error_share:.1f}"
    if edge.protocol != "tcp" and edge.share > 0:
        rates[f"{edge.protocol}PercentReq"] = f"{100 * edge.share:.1f}"
    responses = {code: _response(response, edge.rate) for code, response in edge.responses.items()}
    return data | {"rates": rates, "responses": responses}


def _response(response: "Response", total: float) -> dict[str, dict[str, str]]:
    parts: dict[str, Mapping[str, float]] = {"flags": response.flags, "hosts": response.hosts}
    return {
        name: {key: f"{100 * rate / total:.1f}" for key, rate in sorted(rates.items())}
        for name, rates in parts.items()
        if rates
    }


def _boxes(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A box round the nodes of each application that has more than one."""
    members: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for data in nodes:
        if data.get("app", "unknown") != "unknown":
            members[data["cluster"], data["namespace"], data["app"]].append(data)
    boxes = []
    for (cluster, namespace, app), inside in sorted(members.items()):
        if len(inside) < 2:  # noqa: PLR2004 (a box of one node would say nothing)
            continue
        box = {"id": digest(f"box_{cluster}_{namespace}_{app}"), "nodeType": "box", "cluster": cluster}
        boxes.append(box | {"namespace": namespace, "app": app, "isBox": "app"})
        for data in inside:
            data["parent"] = box["id"]
    return boxes
