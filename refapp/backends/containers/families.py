"""Which processes belong to a container: those it began with, and all that descend from them."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from refapp.backends.containers.processes import Kernel

K = TypeVar("K")


class Families(Generic[K]):
    """The processes of containers, followed from sample to sample.

    A process stays with its container when its parent ends, as it would stay in a cgroup. A process whose parent
    ended before it was first seen is nobody's.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._roots: dict[K, tuple[int, ...]] = {}
        self._owners: dict[int, K] = {}
        self._strangers: set[int] = set()

    def update(self, roots: Mapping[K, tuple[int, ...]]) -> dict[K, list[int]]:
        """The processes of every container that has any, parents before children; `roots` are the first of each."""
        pids = self._kernel.pids()
        if self._roots != roots:
            self._roots = dict(roots)
            self._strangers.clear()
        self._strangers &= pids
        self._owners = {pid: owner for pid, owner in self._owners.items() if pid in pids and owner in roots}
        self._owners |= {pid: owner for owner, firsts in roots.items() for pid in firsts if pid in pids}
        self._adopt(pids - self._owners.keys() - self._strangers)
        families: dict[K, list[int]] = {}
        for pid, owner in self._owners.items():
            families.setdefault(owner, []).append(pid)
        return families

    def _adopt(self, newcomers: set[int]) -> None:
        parents = {pid: stat.parent for pid in newcomers if (stat := self._kernel.stat(pid))}
        for newcomer in parents:
            line = [newcomer]
            while line[-1] in parents and line[-1] not in self._owners and len(line) <= len(parents):
                line.append(parents[line[-1]])
            owner = self._owners.get(line[-1])
            if owner is None:
                self._strangers.add(newcomer)
            else:
                self._owners |= dict.fromkeys(reversed(line), owner)
