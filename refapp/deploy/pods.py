"""Pods as every target reports them."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """Where a platform stands."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One pod at the moment of asking.

    `cpu` is in millicores over the last few seconds, `memory` in bytes (proportional set size where the
    kernel tells it, resident set size elsewhere), `ports` maps a container's port names to numbers.
    """

    name: str
    workload: str
    ready: bool
    restarts: int
    cpu: float
    memory: int
    ports: dict[str, int] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """An autoscaler at the moment of asking.

    `targets` and `utilisation` map resources to per cent of what the pods request; `utilisation` is of the last look,
    and so are `desired`, the number of pods, and `reason`, which is a word of Kubernetes' own.
    """

    workload: str
    minimum: int
    maximum: int
    targets: dict[str, int]
    current: int
    desired: int
    utilisation: dict[str, float] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """A platform at the moment of asking.

    `urls` names where to reach it: `ingress` is the public REST address. `age` and `idle` are in seconds.
    `options` is what was asked of it when it was started.
    """

    target: str
    phase: Phase
    error: str = ""
    age: float = 0.0
    idle: float = 0.0
    idle_limit: float = 0.0
    pods: tuple[Pod, ...] = ()
    urls: dict[str, str] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    autoscalers: tuple[Autoscaling, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The status as JSON types, as `refapp status --json` prints it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Status":
        """The inverse of `to_dict`."""
        pods = tuple(Pod(**pod) for pod in data["pods"])
        autoscalers = tuple(Autoscaling(**autoscaler) for autoscaler in data["autoscalers"])
        return cls(**{**data, "phase": Phase(data["phase"]), "pods": pods, "autoscalers": autoscalers})
