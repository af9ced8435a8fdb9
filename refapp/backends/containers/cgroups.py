"""What the kernel counts of a cgroup of version 2: the files are described in its cgroup-v2.rst.

The sums over them are cAdvisor's: the working set is what is used without the pages of files that nobody touched
lately (`inactive_file`).
"""

from pathlib import Path
from typing import NamedTuple

_MICRO = 1e-6


class Memory(NamedTuple):
    """Memory in bytes: all of it, what is in use, anonymous pages, and pages of files."""

    usage: int
    working_set: int
    anonymous: int
    file: int


class Cgroup(NamedTuple):
    """What a cgroup has used: CPU in seconds, bytes of storage, page faults, and how often it ran out of memory."""

    user: float
    system: float
    memory: Memory
    read: int
    written: int
    oom_kills: int
    faults: int
    major_faults: int


def read(directory: str) -> Cgroup | None:
    """The numbers of a cgroup; None when it has no controllers of CPU and memory, or is gone."""
    path = Path(directory)
    try:
        usage = int((path / "memory.current").read_text())
        cpu = _pairs(path / "cpu.stat")
        memory = _pairs(path / "memory.stat")
        events = _pairs(path / "memory.events")
        disk = _disk(path / "io.stat")
        return Cgroup(
            user=cpu["user_usec"] * _MICRO,
            system=cpu["system_usec"] * _MICRO,
            memory=Memory(usage, max(0, usage - memory["inactive_file"]), memory["anon"], memory["file"]),
            read=disk[0],
            written=disk[1],
            oom_kills=events["oom_kill"],
            faults=memory["pgfault"],
            major_faults=memory["pgmajfault"],
        )
    except (OSError, KeyError, ValueError):
        return None


def _pairs(path: Path) -> dict[str, int]:
    return {name: int(value) for name, _, value in (line.partition(" ") for line in path.read_text().splitlines())}


def _disk(path: Path) -> tuple[int, int]:
    """Bytes read and written on all devices; the controller may be missing."""
    try:
        text = path.read_text()
    except OSError:
        return 0, 0
    pairs = [pair.partition("=") for pair in text.split()]
    read, written = (sum(int(value) for key, _, value in pairs if key == name) for name in ("rbytes", "wbytes"))
    return read, written
