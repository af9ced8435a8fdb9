"""What pods send and receive, added up over the TCP sockets that their processes have open."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from refapp.backends.containers.processes import Kernel
from refapp.backends.containers.sockets import TcpSocket

P = TypeVar("P", bound=Hashable)

SOURCE = (
    "From the kernel's counters of the TCP sockets that the pod's processes have open (sock_diag), loopback included; "
    "what is transferred after a connection's last sample, and by one that opens and closes between two samples, is "
    "missed, as is all but TCP."
)
"""Where the numbers come from and what they miss, for the help text of a metric."""


class Traffic(NamedTuple):
    """What a pod sent and received since it was first seen: payload in bytes, and TCP segments."""

    bytes_sent: int = 0
    bytes_received: int = 0
    segments_sent: int = 0
    segments_received: int = 0


class Table(Protocol):
    """Where the sockets are listed."""

    def connections(self) -> list[TcpSocket]:
        """Both ends of every connection."""


class Network(Generic[P]):
    """Adds up the traffic of pods from sample to sample, so that what a closed socket carried remains."""

    def __init__(self, kernel: Kernel, table: Table) -> None:
        self.traffic: dict[P, Traffic] = {}
        self._kernel = kernel
        self._table = table
        self._processes: dict[P, set[int]] = {}
        self._owners: dict[int, P] = {}
        self._strangers: set[int] = set()
        self._seen: dict[int, TcpSocket] = {}

    def sample(self, pods: Mapping[P, Iterable[int]]) -> None:
        """Read the sockets, given the processes of each pod.

        Raises:
            OSError: the kernel does not list them; nothing was changed.
        """
        sockets = self._table.connections()
        processes = {pod: set(pids) for pod, pids in pods.items()}
        if processes != self._processes:
            self._processes = processes
            self._strangers.clear()
        self._find_owners(sockets)
        self._add(sockets)

    def _find_owners(self, sockets: list[TcpSocket]) -> None:
        here = {found.cookie for found in sockets}
        self._strangers &= here
        self._owners = {
            cookie: pod for cookie, pod in self._owners.items() if cookie in here and pod in self._processes
        }
        # One that no process has open yet, as nobody has accepted it, will be looked for later.
        unknown = {
            found.inode: found.cookie
            for found in sockets
            if found.inode and found.cookie not in self._owners and found.cookie not in self._strangers
        }
        if not unknown:
            return
        for pod, pids in self._processes.items():
            for pid in pids:
                for inode in unknown.keys() & self._kernel.sockets(pid):
                    self._owners.setdefault(unknown[inode], pod)
        self._strangers |= set(unknown.values()) - self._owners.keys()

    def _add(self, sockets: list[TcpSocket]) -> None:
        added: dict[P, list[Traffic]] = defaultdict(list)
        seen = {found.cookie: found for found in sockets if found.cookie in self._owners}
        for cookie, found in seen.items():
            before = self._seen.get(cookie)
            if before is None or before[2:] != found[2:]:
                pairs = zip(found[2:], before[2:] if before else _NONE, strict=True)
                added[self._owners[cookie]].append(Traffic(*(now - then for now, then in pairs)))
        self._seen = seen
        self.traffic = {
            pod: Traffic(*map(sum, zip(self.traffic.get(pod, _NONE), *added[pod], strict=True)))
            for pod in self._processes
        }


_NONE = Traffic()
