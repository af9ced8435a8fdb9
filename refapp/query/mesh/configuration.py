"""What the sidecars of a workload are configured with, read from the files of its mesh."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from refapp.mesh.addresses import Mesh
from refapp.mesh.identity import INGRESS
from refapp.topology import NAMESPACE

_INBOUND = "inbound"
_CLUSTER = "outbound|"


@dataclass(frozen=True, kw_only=True)
class ConfigObject:
    """An object of the mesh's configuration.

    `kind` is Envoy's, as the mesh has no control plane that keeps objects of Istio's; `like` is the kind of Istio's
    from which a sidecar of Istio's would get the same.
    """

    kind: str
    name: str
    namespace: str = NAMESPACE
    like: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)


class MeshConfiguration:
    """The configuration of workloads, from the directory of a mesh; call it with the name of a workload."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh

    def __call__(self, workload: str) -> list[ConfigObject]:
        """The objects of a workload: its routes, those that lead to it, clusters, endpoints and mutual TLS."""
        return [
            *self._routes(workload),
            *self._endpoints(workload),
            *self._bootstrap(workload),
        ]

    def _routes(self, workload: str) -> Iterator[ConfigObject]:
        for path in sorted((self._mesh.directory / "routes").glob("*/*.json")):
            caller, callee = path.parent.name, path.stem
            if workload not in (caller, callee):
                continue
            for resource in _resources(path):
                yield ConfigObject(
                    kind="RouteConfiguration", name=f"{caller} → {callee}", like="VirtualService", spec=resource
                )

    def _endpoints(self, workload: str) -> Iterator[ConfigObject]:
        path = self._mesh.endpoints(workload)
        for resource in _resources(path) if path.exists() else ():
            yield ConfigObject(kind="ClusterLoadAssignment", name=workload, like="Endpoints", spec=resource)

    def _bootstrap(self, workload: str) -> Iterator[ConfigObject]:
        """What one of its pods was started with; all are started alike."""
        for path in sorted((self._mesh.directory / "bootstrap").glob("*.json")):
            configuration = json.loads(path.read_bytes())
            if configuration.get("node", {}).get("metadata", {}).get("WORKLOAD_NAME") == workload:
                yield from _static(configuration.get("static_resources", {}), workload)
                return


def frame(objects: Sequence[ConfigObject]) -> pd.DataFrame:
    """One row an object: kind, name, namespace, and the kind of Istio's that it is like."""
    rows = [(one.kind, one.name, one.namespace, one.like) for one in objects]
    return pd.DataFrame(rows, columns=["kind", "name", "namespace", "like"])


def _static(resources: Mapping[str, Any], workload: str) -> Iterator[ConfigObject]:
    for cluster in resources.get("clusters", ()):
        name = cluster["name"]
        if name.startswith(_CLUSTER):
            like = "DestinationRule" if "outlier_detection" in cluster else "ServiceEntry"
            yield ConfigObject(kind="Cluster", name=name.removeprefix(_CLUSTER), like=like, spec=cluster)
    for listener in resources.get("listeners", ()):
        if listener["name"] == _INBOUND:
            spec = {"mtls": {"mode": "STRICT" if _requires_certificate(listener) else "DISABLE"}}
            yield ConfigObject(kind="Listener", name=workload, like="PeerAuthentication", spec=spec | listener)
        elif workload == INGRESS and listener["name"] == "ingress":
            yield ConfigObject(kind="Listener", name=workload, like="Gateway", spec=listener)


def _requires_certificate(listener: Mapping[str, Any]) -> bool:
    sockets = (chain.get("transport_socket", {}) for chain in listener.get("filter_chains", ()))
    return any(socket.get("typed_config", {}).get("require_client_certificate") for socket in sockets)


def _resources(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_bytes()).get("resources", ()))
