"""A graph of services alone, made of one of workloads: Kiali's `ReduceToServiceGraph`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from refapp.query.mesh.graph import Edge, Graph, NodeKind, Response, ResponseTimes
from refapp.query.mesh.health import edge_health


def reduce_to_services(graph: Graph) -> Graph:
    """Services, what their workloads ask other services for, and whoever calls and is called by nobody.

    A workload that belongs to several services counts its calls for each of them.
    """
    services = {node.id for node in graph.nodes if node.kind is NodeKind.SERVICE}
    kept = services | {node.id for node in graph.nodes if node.root}
    calls: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.target in services:
            calls[edge.source].append(edge)
    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in graph.edges:
        if edge.target in services and edge.source in kept:
            _add(edges, edge)
        elif edge.source in services:
            for call in calls[edge.target]:
                # What is told of the call belongs to the workload; mutual TLS is the same for all of them.
                _add(edges, replace(call, source=edge.source, times=ResponseTimes(), throughput=None))
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in kept),
        edges=tuple(_shared(edges)),
    )


def _add(edges: dict[tuple[str, str, str], Edge], edge: Edge) -> None:
    key = (edge.source, edge.target, edge.protocol)
    known = edges.get(key)
    edges[key] = _joined(known, edge) if known else edge


def _joined(one: Edge, other: Edge) -> Edge:
    responses = {
        code: Response(
            *(
                _sum(
                    getattr(one.responses.get(code, Response()), part),
                    getattr(other.responses.get(code, Response()), part),
                )
                for part in ("flags", "hosts")
            )
        )
        for code in sorted(one.responses.keys() | other.responses.keys())
    }
    return replace(
        one,
        rate=one.rate + other.rate,
        errors=one.errors + other.errors,
        rates=_sum(one.rates, other.rates),
        responses=responses,
        mtls=_mean(one, other),
        health=edge_health(one.protocol, {code: response.rate for code, response in responses.items()}),
    )


def _mean(one: Edge, other: Edge) -> float | None:
    """The share of mutual TLS of both, as far as it is known."""
    known = [(edge.mtls, edge.rate) for edge in (one, other) if edge.mtls is not None]
    total = sum(rate for _, rate in known)
    return sum(share * rate for share, rate in known) / total if total > 0 else None


def _shared(edges: Mapping[tuple[str, str, str], Edge]) -> list[Edge]:
    sent: dict[tuple[str, str], float] = defaultdict(float)
    for edge in edges.values():
        sent[edge.source, edge.protocol] += edge.rate
    return [
        replace(edge, share=edge.rate / total if (total := sent[edge.source, edge.protocol]) > 0 else 0.0)
        for _, edge in sorted(edges.items())
    ]


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in sorted(one.keys() | other.keys())}
