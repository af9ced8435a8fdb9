"""How many pods a workload should have: the algorithm of Kubernetes' HorizontalPodAutoscaler.

Sources: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ (algorithm, defaults), and for what
the page leaves open the controller itself (`pkg/controller/podautoscaler` of kubernetes/kubernetes).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

TOLERANCE = 0.1
"""A metric that is off its target by no more than this share changes nothing."""

SYNC_PERIOD = 15.0
"""Seconds between two looks of Kubernetes' controller."""

_PERIOD = 15.0  # seconds, of the policies
_DOWN_WINDOW = 300.0  # seconds
_PODS_A_PERIOD = 4
_WHOLE = 100  # per cent


class AutoscalerError(ValueError):
    """An autoscaler that cannot be."""


@dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """What is asked of one workload.

    `minimum` and `maximum` bound the number of its pods. `targets` maps a resource, `cpu` or `memory`, to the per cent
    of what its pods request that they are to use on average.

    Raises:
        AutoscalerError: the bounds contradict each other, or there is no target that can be aimed at.
    """

    minimum: int = 2
    maximum: int = 6
    targets: Mapping[str, int] = field(default_factory=lambda: {"cpu": 80})

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.maximum:
            raise AutoscalerError(
                f"an autoscaler keeps one pod or more, up to its maximum: not {self.minimum} to {self.maximum}"
            )
        if not self.targets or not self.targets.keys() <= {"cpu", "memory"}:
            raise AutoscalerError(
                f"an autoscaler aims at cpu, memory or both, not at {', '.join(self.targets) or 'none'}"
            )
        if any(target <= 0 for target in self.targets.values()):
            raise AutoscalerError("the target of an autoscaler is a positive percentage")


@dataclass(frozen=True, kw_only=True)
class PodUse:
    """What one pod uses and requests of each resource; `used` lacks what was not measured yet."""

    ready: bool
    used: Mapping[str, float]
    requested: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """How many pods there should be, and why; `utilisation` is the use that told so, in per cent of the requests."""

    replicas: int
    utilisation: Mapping[str, float]
    reason: str


class Controller:
    """Decides for one workload, look by look; it remembers what it recommended and what became of it.

    `scale` stretches all of Kubernetes' times: 0.1 makes a window of five minutes one of thirty seconds.
    """

    def __init__(self, autoscaler: Autoscaler, *, scale: float = 1.0) -> None:
        self.autoscaler = autoscaler
        self._period = _PERIOD * scale
        self._window = _DOWN_WINDOW * scale
        self._recommended: list[tuple[float, int]] = []
        self._changes: list[tuple[float, int]] = []

    def decide(self, now: float, pods: Sequence[PodUse]) -> Decision:
        """The number of pods that is right at a time, in seconds of any clock, for the pods that there are."""
        current = len(pods)
        if not self._recommended:  # what runs was right until now
            self._recommended.append((now, current))
        proposals = {name: _proposal(name, target, pods) for name, target in self.autoscaler.targets.items()}
        utilisation = {name: proposal.utilisation for name, proposal in proposals.items() if proposal.known}
        wanted = _largest(current, proposals.values())
        stabilised = self._stabilise(now, current, wanted)
        limited = self._limit(now, current, stabilised)
        replicas = min(max(limited, self.autoscaler.minimum), self.autoscaler.maximum)
        reason = self._reason(current, wanted, stabilised, replicas)
        self._note(now, current, replicas)
        return Decision(replicas=replicas, utilisation=utilisation, reason=reason)

    def _stabilise(self, now: float, current: int, wanted: int) -> int:
        """Going down, the largest recommendation of the window counts: a short lull takes no pod away."""
        self._recommended = [(at, number) for at, number in self._recommended if now - at < self._window]
        self._recommended.append((now, wanted))
        return wanted if wanted >= current else min(current, max(number for _, number in self._recommended))

    def _limit(self, now: float, current: int, wanted: int) -> int:
        """No faster than the policies allow: doubled or four more in a period going up, all of them going down."""
        before = current - sum(change for at, change in self._changes if now - at < self._period)
        return min(wanted, max(before + _PODS_A_PERIOD, 2 * before, current))

    def _reason(self, current: int, wanted: int, stabilised: int, replicas: int) -> str:
        """What held the number back, in the words of the conditions of a HorizontalPodAutoscaler."""
        if stabilised < self.autoscaler.minimum:
            return "TooFewReplicas"
        if stabilised > self.autoscaler.maximum == replicas:
            return "TooManyReplicas"
        if stabilised != wanted:
            return "ScaleDownStabilized"
        if replicas != stabilised:
            return "ScaleUpLimit"
        return "DesiredWithinRange" if replicas == current else "SucceededRescale"

    def _note(self, now: float, current: int, replicas: int) -> None:
        self._changes = [(at, change) for at, change in self._changes if now - at < self._period]
        if replicas != current:
            self._changes.append((now, replicas - current))


@dataclass(frozen=True)
class _Proposal:
    replicas: int
    utilisation: float
    known: bool = True


def _proposal(resource: str, target: int, pods: Sequence[PodUse]) -> _Proposal:
    """The number of pods at which the use of one resource would be on target."""
    current = len(pods)
    # The CPU that a pod needs to start says nothing of what it will need; its memory does.
    measured = [pod for pod in pods if resource in pod.used and (pod.ready or resource != "cpu")]
    if not measured or not any(pod.requested.get(resource) for pod in measured):
        return _Proposal(current, math.nan, known=False)
    utilisation = _utilisation(resource, measured)
    ratio = utilisation / target
    # A pod that was not measured is assumed to use what makes the change smaller.
    share = 0.0 if ratio > 1 else max(1.0, target / _WHOLE)
    assumed = [_assume(resource, pod, share) for pod in pods if resource not in pod.used]
    starting = [_assume(resource, pod, 0.0) for pod in pods if resource in pod.used and pod not in measured]
    counted = [*measured, *assumed, *(starting if ratio > 1 else ())]
    corrected = _utilisation(resource, counted) / target
    if _on_target(corrected) or (ratio - 1) * (corrected - 1) < 0:
        return _Proposal(current, utilisation)
    replicas = math.ceil(corrected * len(counted))
    against = (replicas - current) * (corrected - 1) < 0
    return _Proposal(current if against else replicas, utilisation)


def _on_target(ratio: float) -> bool:
    return abs(ratio - 1) <= TOLERANCE or math.isclose(abs(ratio - 1), TOLERANCE)


def _utilisation(resource: str, pods: Iterable[PodUse]) -> float:
    """The use of all pods in per cent of what they request together."""
    pods = list(pods)
    return _WHOLE * sum(pod.used[resource] for pod in pods) / sum(pod.requested[resource] for pod in pods)


def _assume(resource: str, pod: PodUse, share: float) -> PodUse:
    return replace(pod, used={**pod.used, resource: share * pod.requested[resource]})


def _largest(current: int, proposals: Iterable[_Proposal]) -> int:
    """What the neediest resource asks for; while one cannot tell, no pod is taken away."""
    proposals = list(proposals)
    known = [proposal.replicas for proposal in proposals if proposal.known]
    wanted = max(known, default=current)
    return wanted if len(known) == len(proposals) else max(wanted, current)
