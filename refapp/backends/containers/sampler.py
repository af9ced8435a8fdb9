"""Samples the containers of an inventory, again and again."""

import logging
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from refapp.backends.containers import machine, processes
from refapp.backends.containers.families import Families
from refapp.backends.containers.inventory import Container, Inventory, InventoryFile, Pod
from refapp.backends.containers.meter import Meter, Usage
from refapp.backends.containers.network import Network, Traffic
from refapp.backends.containers.processes import Kernel
from refapp.backends.containers.sockets import SocketTable
from refapp.backends.containers.totals import Counters, Totals

_log = logging.getLogger(__name__)

WINDOW = 10.0
"""The seconds over which the use of CPU is averaged for `kubectl top`, unless it is told otherwise."""

_AT_ONCE = 8  # processes whose memory is read anew in one sample, which takes about a millisecond each


class Instance(NamedTuple):
    """A container from one start to the next."""

    namespace: str
    pod: str
    uid: str
    container: str
    pid: int
    restarts: int


class Measured(NamedTuple):
    """A container that runs and what it uses.

    `seen` is when that was, in seconds since 1970; `cores` is the CPU it used in the `window` of seconds before, None
    when that is not known yet.
    """

    pod: Pod
    container: Container
    usage: Usage
    oom_kills: int
    seen: float
    window: float
    cores: float | None


class _Ends(NamedTuple):
    """How often the process of a container has ended, and how often for lack of memory since it was first seen."""

    ends: int
    kills: int


_Place = tuple[str, str, str]
_PodKey = tuple[str, str, str]  # namespace, name, uid


class Rate:
    """How fast a counter rose over the last seconds."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._samples: deque[tuple[float, float]] = deque()

    def add(self, now: float, value: float) -> None:
        """Take in the counter's value at a time."""
        self._samples.append((now, value))
        # The oldest sample that is kept is the one at the beginning of the window, or just before it.
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window:  # noqa: PLR2004 - a rate needs two
            self._samples.popleft()

    @property
    def window(self) -> float:
        """The seconds between the first and the last sample."""
        return self._samples[-1][0] - self._samples[0][0] if self._samples else 0.0

    @property
    def per_second(self) -> float | None:
        """The rise a second; None before the second sample."""
        return (self._samples[-1][1] - self._samples[0][1]) / self.window if self.window > 0 else None


class Sampler:
    """Measures what the containers of an inventory use, and the machine they run on.

    Without a table of sockets, which `open_sockets` gives, the network is not measured.
    """

    def __init__(
        self, file: InventoryFile, *, kernel: Kernel, sockets: SocketTable | None, window: float = WINDOW
    ) -> None:
        self.file = file
        self.kernel = kernel
        self.machine = machine.machine()
        self.inventory = Inventory()
        self.taken = 0.0
        self.load: machine.Load | None = None
        self.node_rate = Rate(window)
        self.network: Network[_PodKey] | None = Network(kernel, sockets) if sockets else None
        self._window = window
        self._families: Families[Instance] = Families(kernel)
        self._meters: dict[Instance, Meter] = {}
        self._rates: dict[Instance, Rate] = {}
        self._ends: dict[_Place, _Ends] = {}
        self._totals: Totals[_PodKey, Instance] = Totals()

    def sample(self) -> None:
        """Read the inventory if it is new, and everything that it names."""
        self.inventory = self.file.current()
        now = time.monotonic()
        self.taken = time.time()
        running = {instance: container for instance, _, container in _instances(self.inventory)}
        families = self._families.update(
            {instance: (instance.pid, *container.others) for instance, container in running.items()}
        )
        self._meters = {
            instance: self._meters.get(instance) or Meter(self.kernel, container.cgroup)
            for instance, container in running.items()
            if instance in families
        }
        self._rates = {instance: self._rates.get(instance) or Rate(self._window) for instance in families}
        for instance, meter in self._meters.items():
            meter.sample(families[instance], now)
            self._rates[instance].add(now, meter.usage.user + meter.usage.system)
        self._refresh(now)
        self._add_up()
        self._count_kills()
        self._sample_network(families)
        self._sample_machine(now)

    def containers(self) -> Iterator[Measured]:
        """The containers that ran at the last sample, in the order of the inventory."""
        for instance, pod, container in _instances(self.inventory):
            meter = self._meters.get(instance)
            if meter and meter.usage.processes:
                usage, rate = meter.usage, self._rates[instance]
                kills = self._ends[_place(pod, container)].kills if usage.oom_kills is None else usage.oom_kills
                yield Measured(pod, container, usage, kills, self.taken, rate.window, rate.per_second)

    def totals(self) -> Iterator[tuple[Pod, Counters]]:
        """What the pods have used so far, their containers that have ended included."""
        for pod in self.inventory.pods:
            if (counters := self._totals.pods.get(_key(pod))) is not None:
                yield pod, counters

    def traffic(self) -> Iterator[tuple[Pod, Traffic]]:
        """What the pods sent and received, as far as it is measured."""
        for pod in self.inventory.pods:
            traffic = self.network.traffic.get(_key(pod)) if self.network else None
            if traffic is not None:
                yield pod, traffic

    def _refresh(self, now: float) -> None:
        """Read the memory of those processes anew that want it most."""
        members = [(member, pid) for meter in self._meters.values() for pid, member in meter.members.items()]
        urgent = sorted(members, key=lambda pair: pair[0].urgency(now), reverse=True)[:_AT_ONCE]
        for member, pid in urgent:
            if member.urgency(now) >= 1:
                member.refresh(self.kernel, pid, now)

    def _add_up(self) -> None:
        pods: dict[_PodKey, dict[Instance, Usage]] = {_key(pod): {} for pod in self.inventory.pods}
        for instance, meter in self._meters.items():
            pods[instance[:3]][instance] = meter.usage
        self._totals.add(pods)

    def _count_kills(self) -> None:
        before, self._ends = self._ends, {}
        for pod in self.inventory.pods:
            for container in pod.containers:
                place = _place(pod, container)
                ends, kills = before.get(place, _Ends(0, 0))
                killed = container.terminations > ends and container.reason == "OOMKilled"
                self._ends[place] = _Ends(container.terminations, kills + killed)

    def _sample_network(self, families: dict[Instance, list[int]]) -> None:
        if self.network is None:
            return
        pods: dict[_PodKey, list[int]] = {}
        for instance, pids in families.items():
            pods.setdefault(instance[:3], []).extend(pids)
        try:
            self.network.sample(pods)
        except OSError as error:
            _log.warning("the sockets cannot be read: %s", error)

    def _sample_machine(self, now: float) -> None:
        try:
            self.load = machine.load()
        except OSError as error:
            _log.warning("the machine cannot be read: %s", error)
            self.load = None
        else:
            self.node_rate.add(now, self.load.user + self.load.system)


def open_sockets() -> SocketTable | None:
    """The kernel's table of sockets; None where there is none, which the log tells."""
    try:
        return SocketTable()
    except OSError as error:
        _log.warning("the network is not measured: %s", error)
        return None


def sampler(file: InventoryFile, window: float = WINDOW) -> Sampler:
    """A sampler that measures all that this system tells."""
    return Sampler(file, kernel=processes.kernel(), sockets=open_sockets(), window=window)


def _instances(inventory: Inventory) -> Iterator[tuple[Instance, Pod, Container]]:
    for pod in inventory.pods:
        for container in pod.containers:
            if container.running and container.pid is not None:
                instance = Instance(pod.namespace, pod.name, pod.uid, container.name, container.pid, container.restarts)
                yield instance, pod, container


def _key(pod: Pod) -> _PodKey:
    return pod.namespace, pod.name, pod.uid


def _place(pod: Pod, container: Container) -> _Place:
    return pod.namespace, pod.name, container.name
