"""The applications, workloads and services of a mesh, as Kiali lists them."""

from collections.abc import Iterable, Mapping

import pandas as pd

from refapp.query.mesh.graph import Graph, Node, NodeKind
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.series import is_known


def applications(graph: Graph, inventory: Inventory) -> pd.DataFrame:
    """One row an application: name, namespace, health, labels, its workloads, and its inbound requests.

    Args:
        graph: of applications.
        inventory: what tells their versions.
    """
    columns = ["name", "namespace", "health", "labels", "workloads", "requests", "error_share"]
    rows = []
    for node in _sorted(graph.nodes, NodeKind.APP):
        own = [w for w in inventory.workloads if (w.app, w.namespace) == (node.app, node.namespace)]
        versions = ",".join(dict.fromkeys(w.version for w in own if is_known(w.version)))
        labels = _labels({"app": node.app, "version": versions})
        rows.append((node.name, node.namespace, str(node.health.status), labels, len(own) or 1, *_inbound(node)))
    return pd.DataFrame(rows, columns=columns)


def workloads(graph: Graph) -> pd.DataFrame:
    """One row a workload: name, namespace, health, labels, pods that are ready and wanted, inbound requests.

    The pods are missing where nobody tells them.

    Args:
        graph: of workloads.
    """
    columns = ["name", "namespace", "health", "labels", "ready", "desired", "requests", "error_share"]
    rows = []
    for node in _sorted(graph.nodes, NodeKind.WORKLOAD):
        pods = (node.replicas.available, node.replicas.desired) if node.replicas else (None, None)
        labels = _labels({"app": node.app, "version": node.version})
        rows.append((node.name, node.namespace, str(node.health.status), labels, *pods, *_inbound(node)))
    return pd.DataFrame(rows, columns=columns).astype({"ready": "Int64", "desired": "Int64"})


def services(graph: Graph) -> pd.DataFrame:
    """One row a service: name, namespace, health, its application, whether it is outside the mesh, inbound requests.

    Args:
        graph: with services.
    """
    columns = ["name", "namespace", "health", "app", "external", "requests", "error_share", "tcp_bytes"]
    rows = [
        (
            node.name,
            node.namespace,
            str(node.health.status),
            node.app,
            bool(node.service_entry),
            *_inbound(node),
            node.traffic.get("tcpIn", 0.0),
        )
        for node in _sorted(graph.nodes, NodeKind.SERVICE)
        if is_known(node.service)
    ]
    return pd.DataFrame(rows, columns=columns)


def _sorted(nodes: Iterable[Node], kind: NodeKind) -> list[Node]:
    return sorted((node for node in nodes if node.kind is kind), key=lambda node: (node.namespace, node.name))


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items() if is_known(value))


def _inbound(node: Node) -> tuple[float, float]:
    """Inbound requests a second, and the share of them that failed."""
    rate = sum(node.traffic.get(f"{protocol}In", 0.0) for protocol in ("http", "grpc"))
    names = ("httpIn4xx", "httpIn5xx", "httpInNoResponse", "grpcInErr", "grpcInNoResponse")
    failed = sum(node.traffic.get(name, 0.0) for name in names)
    return rate, failed / rate if rate > 0 else 0.0
