"""The JSON of Kiali's graph API as a graph: the inverse of `refapp.query.mesh.cytoscape`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from refapp.query.mesh.graph import Edge, Graph, GraphKind, Node, NodeKind, Response, ResponseTimes
from refapp.query.mesh.health import Health, Replicas, RequestRates, Status, edge_health, node_health
from refapp.query.mesh.nodes import describe, describe_service
from refapp.query.mesh.series import UNKNOWN, Party, Service
from refapp.query.mesh.traffic import errors

_STATUSES = {str(status): status for status in Status}
_KINDS = ("versionedApp", "app", "workload", "service")


def from_kiali(answer: Mapping[str, Any], namespaces: Iterable[str] = ()) -> Graph:
    """The graph that Kiali answered with; its boxes are left out, and its response times taken to be of 95 %.

    Raises:
        KeyError, TypeError, ValueError: it is no graph.
    """
    kind = answer["graphType"]
    if kind not in _KINDS:
        raise ValueError(f"there is no graph of type {kind!r}")
    found: dict[str, Node] = {}
    for wrapper in answer["elements"]["nodes"] or ():
        data = wrapper["data"]
        if not data.get("isBox"):
            found[data["id"]] = _node(data, kind)
    edges = [_edge(wrapper["data"], found) for wrapper in answer["elements"]["edges"] or ()]
    return Graph(
        kind=kind,
        time=datetime.fromtimestamp(int(answer["timestamp"]), UTC),
        duration=timedelta(seconds=int(answer["duration"])),
        namespaces=tuple(namespaces),
        nodes=tuple(sorted(found.values(), key=lambda node: node.id)),
        edges=tuple(sorted(edges, key=lambda edge: (edge.source, edge.target, edge.protocol))),
    )


def _node(data: Mapping[str, Any], kind: GraphKind) -> Node:
    cluster, namespace = data.get("cluster") or UNKNOWN, data["namespace"]
    node_kind = NodeKind(data["nodeType"])
    entry = data.get("isServiceEntry") or {}
    if node_kind is NodeKind.SERVICE:
        node = replace(describe_service(Service(namespace, "", data["service"]), cluster), app=data.get("app", ""))
    else:
        names = (data.get(name, UNKNOWN) for name in ("workload", "app", "version"))
        node = replace(describe(Party(cluster, namespace, *names), None, kind), kind=node_kind)
    requests, replicas, told = _health(data.get("healthData"))
    return replace(
        node,
        traffic={
            name: float(rate) for protocol in data.get("traffic") or () for name, rate in protocol["rates"].items()
        },
        services=tuple(
            (service.get("cluster", UNKNOWN), service["namespace"], service["name"])
            for service in data.get("destServices") or ()
        ),
        requests=requests,
        replicas=replicas,
        health=told or node_health(requests, replicas, service=node_kind is NodeKind.SERVICE),
        service_entry=entry.get("location", "") if isinstance(entry, dict) else entry,
        hosts=tuple(entry.get("hosts") or ()) if isinstance(entry, dict) else (),
        dead=bool(data.get("isDead")),
        idle=bool(data.get("isIdle")),
        inaccessible=bool(data.get("isInaccessible")),
        outside=bool(data.get("isOutside")),
        root=bool(data.get("isRoot")),
    )


def _health(data: Any) -> tuple[RequestRates, Replicas | None, Health | None]:
    """What health is judged by, and the judgement where Kiali has made it itself, as later versions do."""
    if not isinstance(data, dict):
        return RequestRates(), None, None
    requests = data.get("requests") or {}
    rates = RequestRates(*(dict(requests.get(name) or {}) for name in ("inbound", "outbound")))
    statuses = [data["workloadStatus"]] if data.get("workloadStatus") else data.get("workloadStatuses") or []
    names = ("desiredReplicas", "currentReplicas", "availableReplicas")
    pods = Replicas(*(sum(status[name] for status in statuses) for name in names)) if statuses else None
    judged = data.get("status")
    name = judged.get("status") if isinstance(judged, dict) else judged
    return rates, pods, Health(_STATUSES[name]) if name in _STATUSES else None


def _edge(data: Mapping[str, Any], nodes: Mapping[str, Node]) -> Edge:
    traffic = data.get("traffic") or {}
    protocol = traffic.get("protocol", "")
    told = {name: float(rate) for name, rate in (traffic.get("rates") or {}).items()}
    rates = {name: rate for name, rate in told.items() if "Percent" not in name}
    rate = rates.get(protocol, 0.0)
    responses = {
        code: Response(
            *(
                {key: rate * float(part) / 100 for key, part in (detail.get(name) or {}).items()}
                for name in ("flags", "hosts")
            )
        )
        for code, detail in (traffic.get("responses") or {}).items()
    }
    return Edge(
        source=nodes[data["source"]].id,
        target=nodes[data["target"]].id,
        protocol=protocol,
        rate=rate,
        errors=errors(protocol, rates),
        share=told.get(f"{protocol}PercentReq", 100.0 if rate else 0.0) / 100,
        rates=rates,
        responses=responses,
        times=ResponseTimes(p95=_number(data.get("responseTime"))),
        throughput=_number(data.get("throughput")),
        mtls=None if (share := _number(data.get("isMTLS"))) is None else share / 100,
        source_principal=data.get("sourcePrincipal", ""),
        target_principal=data.get("destPrincipal", ""),
        health=edge_health(protocol, {code: response.rate for code, response in responses.items()}),
    )


def _number(text: Any) -> float | None:
    return None if text in (None, "") else float(text)
