"""What there is in the mesh whether it has traffic or not: what series cannot tell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from refapp.mesh.addresses import stores
from refapp.mesh.identity import INGRESS, host
from refapp.query.mesh.health import Replicas
from refapp.query.mesh.series import Party, Service
from refapp.topology import NAMESPACE, Topology

CLUSTER = "Kubernetes"
"""What Istio calls the cluster that it runs in, unless told otherwise."""

VERSION = "v1"
EXTERNAL = "MESH_EXTERNAL"


class Definition(NamedTuple):
    """A workload that is defined; `labels` are those of its pods."""

    name: str
    namespace: str
    app: str
    version: str

    @property
    def party(self) -> Party:
        """It as one end of a call."""
        return Party(CLUSTER, self.namespace, self.name, self.app, self.version)


@dataclass(frozen=True)
class Inventory:
    """The workloads and services that are defined, and those outside the mesh that have an entry in it.

    `services` are all of them, by namespace and name; each has the application it belongs to, or none. `entries` are
    those outside the mesh, with the hosts that they stand for.
    """

    workloads: tuple[Definition, ...] = ()
    services: Mapping[tuple[str, str], str] = field(default_factory=dict)
    entries: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, topology: Topology) -> "Inventory":
        """What a topology makes: its workloads and the edge, a service for each, and entries for its stores."""
        names = [INGRESS, *(workload.name for workload in topology)]
        external = dict.fromkeys(store for workload in topology for store in stores(workload))
        return cls(
            workloads=tuple(Definition(name, NAMESPACE, name, VERSION) for name in names),
            services={(NAMESPACE, name): name for name in names} | {(NAMESPACE, name): "" for name in external},
            entries={(NAMESPACE, name): (host(name),) for name in external},
        )

    def requested(self, namespaces: Iterable[str]) -> Iterator[Service]:
        """The services of namespaces, as a call would ask for them."""
        wanted = set(namespaces)
        for namespace, name in self.services:
            if namespace in wanted:
                yield Service(namespace, host(name), name)


def replicas(pods: pd.DataFrame | None) -> Mapping[str, Replicas] | None:
    """How many pods each workload has; None when nobody tells.

    Args:
        pods: a row a pod, with the columns `workload` and `ready`.
    """
    if pods is None:
        return None
    current = Counter(pods["workload"])
    available = Counter(pods.loc[pods["ready"].astype(bool), "workload"])
    return {name: Replicas(count, count, available[name]) for name, count in current.items()}
