"""Where the parts of the mesh listen: what a deployment tells and a topology cannot know."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from refapp.mesh.identity import INGRESS
from refapp.topology import Topology, Workload

MONGODB = "mongodb"
RABBITMQ = "rabbitmq"


@dataclass(frozen=True)
class Address:
    """A TCP address; as text it is `HOST:PORT`."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address of the HTTP server that listens there."""
        return f"http://{self}"


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One replica of a workload, and where its application and its sidecar listen.

    `outbound` names, for each host of `destinations`, the address at which the application reaches it.
    """

    name: str
    workload: str
    application: Address
    inbound: Address
    metrics: Address
    outbound: Mapping[str, Address] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The gateway at the edge of the mesh, and where it listens."""

    public: Address
    metrics: Address
    name: str = INGRESS
    allowed_origins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """What all sidecars of a platform share.

    `directory` is where their files are; `stores` tells where `MONGODB` and `RABBITMQ` really listen; `collector`
    takes spans as Zipkin v2 JSON; `sampling` is the percentage of requests that are traced. What is switched off,
    to measure what it costs, is not there at all: mutual TLS, metrics of requests and connections, the access log.
    """

    topology: Topology
    directory: Path
    stores: Mapping[str, Address] = field(default_factory=dict)
    collector: Address | None = None
    sampling: float = 100.0
    mutual_tls: bool = True
    metrics: bool = True
    access_log: bool = True

    def endpoints(self, workload: str) -> Path:
        """The file of the addresses at which a workload's replicas are reached."""
        return self.directory / "endpoints" / f"{workload}.json"

    def routes(self, caller: str, callee: str) -> Path:
        """The file of the route by which one workload calls another."""
        return self.directory / "routes" / caller / f"{callee}.json"

    def certificates(self, workload: str) -> Path:
        """The directory of a workload's key and certificate."""
        return self.directory / "certificates" / workload

    def bootstrap(self, pod: str) -> Path:
        """The file that a pod's Envoy is started with."""
        return self.directory / "bootstrap" / f"{pod}.json"

    def admin(self, pod: str) -> Path:
        """The unix socket of the administration of a pod's Envoy."""
        # A digest: the path of a socket has to be short, and the names of pods are not.
        digest = hashlib.blake2s(pod.encode(), digest_size=5).hexdigest()
        return self.directory / "admin" / f"{digest}.sock"


def stores(workload: Workload) -> tuple[str, ...]:
    """The stores outside the mesh that a workload talks to, by TCP."""
    queue = workload.publishes or workload.consumes
    return (MONGODB,) * bool(workload.database) + (RABBITMQ,) * bool(queue)


def destinations(workload: Workload) -> tuple[str, ...]:
    """Everything that a workload calls: workloads by name, then stores."""
    return (*workload.calls, *stores(workload))
