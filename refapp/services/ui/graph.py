"""Who calls whom: nodes and edges, made of what sidecars report.

The rules are Kiali's for a graph of workloads without service nodes (`graph/telemetry/istio`): what the callee's
sidecar reports goes before what the caller's reports of the same, which adds what the other does not know: connections
to stores outside the mesh, and requests that reached nobody. These lead to the service that was asked for, which has
the name of its workload here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from refapp.services.ui.telemetry import UNKNOWN, Sample, Telemetry

PROTOCOLS = ("grpc", "http", "tcp")

_DIGITS = 6  # after the point of what is answered
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(:\d+)?")
_DESTINATION = 1  # the rank of what a callee reports
# What reports of the same calls share, beside the names of their ends and the protocol.
_IDENTITY = (
    "source_workload_namespace",
    "destination_workload_namespace",
    "destination_service",
    "response_code",
    "grpc_response_status",
    "response_flags",
)
_UNSECURED = 1e-9  # what is left of a rate by rounding


@dataclass
class _Edge:
    """Traffic a second: requests, or bytes over TCP; `secured` of the `told` part went by mutual TLS."""

    rate: float = 0.0
    errors: float = 0.0
    p95: float | None = None
    told: float = 0.0
    secured: float = 0.0


_Key = tuple[str, str, str]  # source, destination, protocol


def graph(telemetry: Telemetry, namespace: str) -> dict[str, list[dict[str, Any]]]:
    """The graph of a namespace.

    Returns:
        `nodes` have an `id`, which is the name, and a `kind`: `workload`, `service` where no workload is known, or
        `unknown`. `edges` have `source` and `destination` (ids), `protocol`, `rate` (requests a second; bytes a second
        for tcp), `errors` (failed requests a second), `p95` (milliseconds, or None) and `mtls` (whether all of it was
        secured by mutual TLS; None where nobody tells).
    """
    kinds: dict[str, str] = {}
    edges: dict[_Key, _Edge] = {}
    for key, sample in _counted(telemetry.requests, namespace):
        _add(edges.setdefault(key, _Edge()), key[2], sample)
        _meet(kinds, sample.labels)
    for key, sample in _counted(telemetry.tcp, namespace, protocol="tcp"):
        _add(edges.setdefault(key, _Edge()), key[2], sample)
        _meet(kinds, sample.labels)
    for key, sample in _preferred(telemetry.p95, namespace):
        if edge := edges.get(key):
            edge.p95 = max(sample.value, edge.p95 or 0.0)
    return {
        "nodes": [{"id": name, "kind": kind} for name, kind in sorted(kinds.items())],
        "edges": [_as_dict(key, edge) for key, edge in sorted(edges.items())],
    }


def _counted(samples: Iterable[Sample], namespace: str, protocol: str = "") -> Iterator[tuple[_Key, Sample]]:
    """The samples with traffic, each call once: a report is left out when one of a higher rank tells the same."""
    tellers: dict[tuple[object, ...], int] = {}
    for rank, sample in _ranked(samples, namespace):
        key = _key(sample.labels, protocol)
        identity = (*key, *(sample.labels.get(name, "") for name in _IDENTITY))
        if key[2] in PROTOCOLS and sample.value > 0 and tellers.setdefault(identity, rank) == rank:
            yield key, sample


def _preferred(samples: Iterable[Sample], namespace: str) -> Iterator[tuple[_Key, Sample]]:
    """The samples of the highest rank for each edge."""
    ranks: dict[_Key, int] = {}
    for rank, sample in _ranked(samples, namespace):
        key = _key(sample.labels)
        if ranks.setdefault(key, rank) == rank:
            yield key, sample


def _ranked(samples: Iterable[Sample], namespace: str) -> list[tuple[int, Sample]]:
    ranked = ((_rank(sample.labels, namespace), sample) for sample in samples if _is_complete(sample.labels))
    return sorted(((rank, sample) for rank, sample in ranked if rank is not None), key=lambda pair: pair[0])


def _rank(labels: Mapping[str, str], namespace: str) -> int | None:
    """The place of a report among those of the same call, the best first; None if it has none in this graph."""
    inside = labels.get("source_workload_namespace") == namespace
    if labels.get("reporter") == "destination":
        return _DESTINATION if labels.get("destination_workload_namespace") == namespace else None
    if labels.get("reporter") != "source":
        return None
    if inside:
        return 2
    served = _known(labels, "destination_workload") or _known(labels, "destination_workload_namespace")
    return None if served else 0


def _is_complete(labels: Mapping[str, str]) -> bool:
    """Whether a report is not one of those that Kiali leaves out: of a pod that comes or goes, or about an address."""
    comes = _known(labels, "source_workload_namespace") and not _known(labels, "source_workload")
    service = labels.get("destination_service_name", "")
    return not comes and (_known(labels, "destination_workload") or not _ADDRESS.fullmatch(service))


def _key(labels: Mapping[str, str], protocol: str = "") -> _Key:
    return (_source(labels), _destination(labels), protocol or labels.get("request_protocol", ""))


def _source(labels: Mapping[str, str]) -> str:
    return labels["source_workload"] if _known(labels, "source_workload") else UNKNOWN


def _destination(labels: Mapping[str, str]) -> str:
    names = ("destination_workload", "destination_service_name")
    return next((labels[name] for name in names if _known(labels, name)), UNKNOWN)


def _meet(kinds: dict[str, str], labels: Mapping[str, str]) -> None:
    for name, side in ((_source(labels), "source"), (_destination(labels), "destination")):
        if _known(labels, f"{side}_workload"):
            kinds[name] = "workload"
        else:
            kinds.setdefault(name, UNKNOWN if name == UNKNOWN else "service")


def _add(edge: _Edge, protocol: str, sample: Sample) -> None:
    edge.rate += sample.value
    if _failed(protocol, sample.labels):
        edge.errors += sample.value
    if sample.labels.get("reporter") == "destination":  # the caller's sidecar does not tell how it was secured
        edge.told += sample.value
        if sample.labels.get("connection_security_policy") == "mutual_tls":
            edge.secured += sample.value


def _failed(protocol: str, labels: Mapping[str, str]) -> bool:
    """Whether requests got 4xx, 5xx or no answer over HTTP, or any status but 0 over gRPC."""
    code = labels.get("response_code", "")
    if protocol == "tcp":
        return False
    if code in ("", "0") or code[0] in "45":
        return True
    return protocol == "grpc" and labels.get("grpc_response_status", "0") != "0"


def _known(labels: Mapping[str, str], name: str) -> bool:
    return labels.get(name, "") not in ("", UNKNOWN)


def _as_dict(key: _Key, edge: _Edge) -> dict[str, Any]:
    source, destination, protocol = key
    return {
        "source": source,
        "destination": destination,
        "protocol": protocol,
        "rate": round(edge.rate, _DIGITS),
        "errors": round(edge.errors, _DIGITS),
        "p95": None if edge.p95 is None else round(edge.p95, _DIGITS),
        "mtls": edge.told - edge.secured < _UNSECURED if edge.told > 0 else None,
    }
