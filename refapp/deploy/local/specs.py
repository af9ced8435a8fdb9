"""What the supervisor is to run: pods, their containers, and how to tell that they are ready."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from refapp.mesh import Edge, Mesh, Pod
from refapp.topology import Resources

# Kubernetes' alphabet for generated names: no vowels, so no words, and no characters that look alike
# (k8s.io/apimachinery/pkg/util/rand).
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


APPLICATION_METRICS = "app-metrics"
"""The port at which an application, and not its sidecar, tells what it counts."""


class Tier(IntEnum):
    """Pods of a higher tier use those of a lower one, and are stopped before them.

    Those of the node send to the cloud what all above them have to say, to their last line.
    """

    CLOUD = 0
    NODE = 1
    STORE = 2
    SERVICE = 3
    GATEWAY = 4
    EDGE = 5


class Probe(IntEnum):
    """How a container shows that it is ready, on its first port."""

    TCP = 0
    GRPC = 1
    HTTP = 2


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """One process of a pod. `ports` maps names to numbers, the probed one first; `grace` is in seconds.

    `path` is what is asked for where `probe` speaks HTTP. What has no `resources` may use all there is.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    probe: Probe = Probe.TCP
    path: str = "/healthz"
    grace: float = 10.0
    resources: Resources | None = None

    @property
    def port(self) -> int:
        """The port that is probed."""
        return next(iter(self.ports.values()))


@dataclass(frozen=True, kw_only=True)
class PodSpec:
    """A pod. Its containers start one after the other, each when the one before is ready.

    `addresses` is where a pod of the mesh and its sidecar listen.
    """

    name: str
    workload: str
    tier: Tier
    containers: tuple[ContainerSpec, ...]
    addresses: Pod | None = None
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that one platform runs, and the addresses at which it is reached.

    With a mesh, `edge` is where it is entered. `inventory` is the file that the node's metrics are told of the pods by,
    and `monitoring` the directory of Prometheus' targets, where there is one.
    """

    pods: tuple[PodSpec, ...]
    urls: Mapping[str, str]
    mesh: Mesh | None = None
    edge: Edge | None = None
    inventory: Path | None = None
    monitoring: Path | None = None


def pod_name(workload: str, template: str) -> str:
    """A name as a Deployment gives its pods: workload, a hash of the pod template, a random suffix."""
    digest = hashlib.sha256(template.encode()).digest()
    template_hash = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])
    return f"{workload}-{template_hash}-{''.join(secrets.choice(_ALPHABET) for _ in range(5))}"
