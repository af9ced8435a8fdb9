"""CPU and memory of groups of processes and their children, from the kernel."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

import psutil

Groups = Mapping[str, Iterable[int]]
"""The process ids of each named group."""


class Meter:
    """Measures how much CPU groups of processes use between two samples."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._rates: dict[str, float] = {}
        self._sampled = time.monotonic()

    def sample(self, groups: Groups) -> None:
        """Take a sample."""
        now = time.monotonic()
        elapsed = max(now - self._sampled, 1e-3)
        seconds = {name: sum(map(_cpu_seconds, family)) for name, family in _families(groups).items()}
        # A restarted process begins at zero again, which is no negative use; what a new group has used is not known.
        self._rates = {
            name: max(0.0, total - self._seconds[name]) / elapsed * 1000
            for name, total in seconds.items()
            if name in self._seconds
        }
        self._seconds, self._sampled = seconds, now

    def knows(self, name: str) -> bool:
        """Whether a group was there in the last two samples."""
        return name in self._rates

    def millicores(self, name: str) -> float:
        """The CPU that a group used between the last two samples, in thousandths of a core."""
        return round(self._rates.get(name, 0.0), 1)


def memory(groups: Groups) -> dict[str, int]:
    """The memory of each group in bytes, shared pages divided among the processes that share them.

    That is the proportional set size; the resident set size where the kernel does not tell it.
    """
    return {name: sum(map(_memory, family)) for name, family in _families(groups).items()}


def resident(groups: Groups) -> dict[str, int]:
    """The resident set size of each group in bytes: never less than `memory`, and quick to be had."""
    return {name: sum(map(_resident, family)) for name, family in _families(groups).items()}


def _families(groups: Groups) -> dict[str, list[psutil.Process]]:
    """The processes of each group and all that descend from them."""
    processes = {process.pid: process for process in psutil.process_iter()}
    children = defaultdict(list)
    for pid, process in processes.items():
        try:
            children[process.ppid()].append(pid)
        except psutil.Error:
            continue

    def descendants(pid: int) -> Iterable[int]:
        yield pid
        for child in children[pid]:
            yield from descendants(child)

    return {
        name: [processes[pid] for root in roots for pid in descendants(root) if pid in processes]
        for name, roots in groups.items()
    }


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(full, "pss", full.rss))
