"""What pods have used so far, added up over their containers: those that have ended included."""

from collections.abc import Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

from refapp.backends.containers.meter import Usage

P = TypeVar("P", bound=Hashable)
C = TypeVar("C", bound=Hashable)


class Counters(NamedTuple):
    """What only rises: CPU seconds and page faults."""

    user: float = 0.0
    system: float = 0.0
    faults: float = 0
    major_faults: float = 0


class Totals(Generic[P, C]):
    """Adds up the counters of pods from sample to sample, as the cgroup around a pod's containers would.

    A container that is started again counts from nothing; its pod does not.
    """

    def __init__(self) -> None:
        self.pods: dict[P, Counters] = {}
        self._seen: dict[C, Counters] = {}

    def add(self, pods: Mapping[P, Mapping[C, Usage]]) -> None:
        """Take in what the containers of each pod have used since they were started."""
        now = {
            container: Counters(usage.user, usage.system, usage.faults, usage.major_faults)
            for usages in pods.values()
            for container, usage in usages.items()
        }
        before, self._seen = self._seen, now
        self.pods = {
            pod: _sum(
                self.pods.get(pod, _NOTHING),
                *(_added(now[container], before.get(container, _NOTHING)) for container in usages),
            )
            for pod, usages in pods.items()
        }


def _sum(*counters: Counters) -> Counters:
    return Counters(*map(sum, zip(*counters, strict=True)))


def _added(now: Counters, then: Counters) -> Counters:
    """What was added since; the counters of a cgroup that was made anew fall."""
    return Counters(*(max(0, value - before) for value, before in zip(now, then, strict=True)))


_NOTHING = Counters()
