"""What one container uses, added up over its processes."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from refapp.backends.containers import cgroups
from refapp.backends.containers.cgroups import Cgroup, Memory
from refapp.backends.containers.processes import Disk, Kernel, Resident, Stat

_DRIFT = 1 << 20  # bytes
_AGE = 20.0  # seconds
_NOTHING = Resident(0, 0)


class Usage(NamedTuple):
    """What a container has used so far (CPU seconds, bytes of storage, page faults), and what it uses now.

    `oom_kills` is None when it has no cgroup that counts them.
    """

    user: float = 0.0
    system: float = 0.0
    memory: Memory = Memory(0, 0, 0, 0)
    read: int = 0
    written: int = 0
    processes: int = 0
    threads: int = 0
    descriptors: int = 0
    oom_kills: int | None = None
    faults: int = 0
    major_faults: int = 0


class Ledger:
    """A counter over processes, which does not fall when one of them ends.

    A parent that awaits its child takes over the child's counters. They were counted already, as far as the child was
    seen; what is more, and children that nobody saw, are counted then. The parent may be read just before it takes
    over, so the debt of a child that is gone is kept for one more sample; not for longer, or a child that nobody
    awaits would be taken from what others use later.
    """

    def __init__(self) -> None:
        self.total = 0.0
        self._readings: dict[Hashable, tuple[float, float]] = {}
        self._debt = 0.0

    def add(self, readings: Mapping[Hashable, tuple[float, float]]) -> None:
        """Take in what each process that is there has used itself, and what it took over, since it began."""
        before, self._readings = self._readings, dict(readings)
        gone = sum(own + awaited for process, (own, awaited) in before.items() if process not in readings)
        own = awaited = 0.0
        for process, (used, taken) in readings.items():
            used_before, taken_before = before.get(process, (0.0, 0.0))
            own += used - used_before
            awaited += taken - taken_before
        debt = self._debt + gone
        self.total += max(0.0, own) + max(0.0, awaited - debt)
        self._debt = min(gone, max(0.0, debt - awaited))


@dataclass
class Member:
    """One process of a container, as it was last seen.

    `share` is its share of the memory when that was read, `at` what was resident then, `refreshed` when it was, in
    seconds.
    """

    stat: Stat
    disk: Disk
    resident: Resident
    share: Resident | None = None
    at: Resident = _NOTHING
    refreshed: float = 0.0

    @property
    def memory(self) -> Resident:
        """Its share of the memory: as it was read, and what has been added since."""
        if self.share is None:
            return self.resident
        anonymous = self.share.anonymous + self.resident.anonymous - self.at.anonymous
        return Resident(max(0, anonymous), max(0, self.share.file + self.resident.file - self.at.file))

    def refresh(self, kernel: Kernel, pid: int, now: float) -> None:
        """Read its share of the memory anew."""
        self.share, self.at, self.refreshed = kernel.share(pid), self.resident, now

    def urgency(self, now: float) -> float:
        """How much its share of the memory wants to be read anew: 1 and more when it does.

        Growth of anonymous memory is its own. Pages of files may be shared, which is not known until it is read.
        """
        return abs(self.resident.file - self.at.file) / _DRIFT + (now - self.refreshed) / _AGE


class Meter:
    """Adds up what the processes of one container use, from its start to its end.

    `cgroup` is the directory of a cgroup of its own; what that does not tell is read from the processes.
    """

    def __init__(self, kernel: Kernel, cgroup: str = "") -> None:
        self.members: dict[int, Member] = {}
        self.usage = Usage()
        self._kernel = kernel
        self._cgroup = cgroup
        self._user, self._system, self._read, self._written = (Ledger() for _ in range(4))
        self._faults, self._major_faults = Ledger(), Ledger()

    def sample(self, pids: Iterable[int], now: float) -> None:
        """Read the processes of the container at a time in seconds, parents before children.

        A parent that takes over a child's time is then never read after that child.
        """
        known = self.members
        self.members = {pid: member for pid in pids if (member := self._member(pid, known.get(pid), now))}
        self._add(self._user, lambda member: (member.stat.user, member.stat.children_user))
        self._add(self._system, lambda member: (member.stat.system, member.stat.children_system))
        self._add(self._faults, lambda member: (member.stat.faults, member.stat.children_faults))
        self._add(self._major_faults, lambda member: (member.stat.major_faults, member.stat.children_major_faults))
        # What a process did itself and what it took over is one number here.
        self._add(self._read, lambda member: (0, member.disk.read))
        self._add(self._written, lambda member: (0, member.disk.written))
        self.usage = self._measured(cgroups.read(self._cgroup) if self._cgroup else None)

    def _member(self, pid: int, known: Member | None, now: float) -> Member | None:
        stat = self._kernel.stat(pid)
        if stat is None:
            return None
        if known is None or known.stat.born != stat.born:
            known = Member(stat, Disk(0, 0), _NOTHING)
        known.stat = stat
        known.disk = self._kernel.disk(pid) or known.disk
        known.resident = self._kernel.resident(pid) or known.resident
        if not known.refreshed:
            known.refresh(self._kernel, pid, now)
        return known

    def _add(self, ledger: Ledger, counters: Callable[[Member], tuple[float, float]]) -> None:
        ledger.add({(pid, member.stat.born): counters(member) for pid, member in self.members.items()})

    def _measured(self, cgroup: Cgroup | None) -> Usage:
        memory = [member.memory for member in self.members.values()]
        anonymous, file = sum(share.anonymous for share in memory), sum(share.file for share in memory)
        usage = Usage(
            user=self._user.total,
            system=self._system.total,
            memory=Memory(anonymous + file, anonymous + file, anonymous, file),
            read=int(self._read.total),
            written=int(self._written.total),
            processes=len(self.members),
            threads=sum(member.stat.threads for member in self.members.values()),
            descriptors=sum(map(self._kernel.descriptors, self.members)),
            faults=int(self._faults.total),
            major_faults=int(self._major_faults.total),
        )
        return usage._replace(**cgroup._asdict()) if cgroup else usage
