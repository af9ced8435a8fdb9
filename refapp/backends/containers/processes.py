"""What the kernel tells of one process: its CPU time, memory, threads, files and disk.

On Linux that is read from /proc (proc(5)), elsewhere by psutil, which knows less. Whatever is asked of a process that
has ended meanwhile, or that belongs to somebody else, is answered with None.
"""

import os
import sys
from typing import NamedTuple, Protocol

import psutil

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_ENOUGH = 8192  # bytes; longer than any file that is read here
_SOCKET = "socket:["


class Stat(NamedTuple):
    """A process; the times are CPU seconds, and what is the children's is of those that have ended and were awaited.

    `born` is any number that tells it from another process which had the same id. Faults are those of pages: all of
    them, and the major ones, for which storage was read.
    """

    parent: int
    born: float
    threads: int
    user: float
    system: float
    children_user: float
    children_system: float
    faults: int = 0
    major_faults: int = 0
    children_faults: int = 0
    children_major_faults: int = 0


class Disk(NamedTuple):
    """Bytes that a process, and its children that were awaited, caused to be read from and written to storage."""

    read: int
    written: int


class Resident(NamedTuple):
    """Pages in memory, in bytes: anonymous ones, and those of files and shared memory; shared pages count in full."""

    anonymous: int
    file: int


class Kernel(Protocol):
    """How processes are read."""

    memory_source: str
    """Where the memory comes from, for the help text of a metric."""
    disk_source: str
    """Where the disk's numbers come from; empty when there are none."""
    fault_source: str
    """Where the page faults come from; empty when there are none."""

    def pids(self) -> set[int]:
        """The ids of all processes."""

    def stat(self, pid: int) -> Stat | None:
        """The times of a process, and its parent."""

    def disk(self, pid: int) -> Disk | None:
        """What it read and wrote."""

    def resident(self, pid: int) -> Resident | None:
        """Its pages in memory, told quickly."""

    def share(self, pid: int) -> Resident | None:
        """Its pages in memory, those it shares divided among all that share them: told slowly."""

    def descriptors(self, pid: int) -> int:
        """How many files and sockets it has open; 0 if that may not be seen."""

    def sockets(self, pid: int) -> set[int]:
        """The inodes of the sockets it has open."""


class Procfs:
    """Processes of Linux, in /proc."""

    memory_source = "proportional set size (smaps_rollup of /proc), brought up to date by the resident set size (statm)"
    disk_source = "/proc/PID/io"
    fault_source = "/proc/PID/stat"

    def pids(self) -> set[int]:
        """The ids of all processes."""
        return {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - once a second

    def stat(self, pid: int) -> Stat | None:
        """The times of a process, and its parent; a zombie has them too."""
        text = _read(f"/proc/{pid}/stat")
        if text is None:
            return None
        # The name stands in parentheses, and may itself hold blanks and parentheses.
        fields = text[text.rindex(b")") + 2 :].split()
        minor, children_minor, major, children_major = map(int, fields[7:11])
        user, system, children_user, children_system = (int(field) / _TICKS for field in fields[11:15])
        return Stat(
            parent=int(fields[1]),
            born=int(fields[19]),
            threads=int(fields[17]),
            user=user,
            system=system,
            children_user=children_user,
            children_system=children_system,
            faults=minor + major,
            major_faults=major,
            children_faults=children_minor + children_major,
            children_major_faults=children_major,
        )

    def disk(self, pid: int) -> Disk | None:
        """What it read and wrote; pages that were in the cache do not count."""
        values = _named(_read(f"/proc/{pid}/io"))
        return Disk(values[b"read_bytes"], values[b"write_bytes"]) if b"write_bytes" in values else None

    def resident(self, pid: int) -> Resident | None:
        """Its pages in memory, told quickly."""
        text = _read(f"/proc/{pid}/statm")
        if text is None:
            return None
        _, resident, shared, *_ = map(int, text.split())
        return Resident((resident - shared) * _PAGE, shared * _PAGE)

    def share(self, pid: int) -> Resident | None:
        """Its pages in memory, those it shares divided among all that share them: told slowly."""
        values = _named(_read(f"/proc/{pid}/smaps_rollup"))
        total = values.get(b"Pss")
        if total is None:
            return None
        # Pss_Anon has been there since Linux 5.4.
        anonymous = values.get(b"Pss_Anon", min(total, values.get(b"Anonymous", total)))
        return Resident(anonymous * 1024, (total - anonymous) * 1024)

    def descriptors(self, pid: int) -> int:
        """How many files and sockets it has open; 0 if that may not be seen."""
        directory = f"/proc/{pid}/fd"
        try:
            # Since Linux 6.2 that is their number; before it was 0.
            return os.stat(directory).st_size or len(os.listdir(directory))  # noqa: PTH116, PTH208
        except OSError:
            return 0

    def sockets(self, pid: int) -> set[int]:
        """The inodes of the sockets it has open."""
        try:
            directory = os.open(f"/proc/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return set()
        try:
            links = [_link(directory, name) for name in os.listdir(directory)]  # noqa: PTH208
        except OSError:
            return set()
        finally:
            os.close(directory)
        return {int(link[len(_SOCKET) : -1]) for link in links if link.startswith(_SOCKET)}


class Portable:
    """Processes of any system that psutil knows, such as macOS."""

    memory_source = "resident set size; pages that processes share count in each of them"
    disk_source = ""
    fault_source = ""

    def pids(self) -> set[int]:
        """The ids of all processes."""
        return set(psutil.pids())

    def stat(self, pid: int) -> Stat | None:
        """The times of a process, and its parent."""
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                times, parent, threads = process.cpu_times(), process.ppid(), process.num_threads()
                born = process.create_time()
        except (psutil.Error, OSError):
            return None
        children = getattr(times, "children_user", 0.0), getattr(times, "children_system", 0.0)
        return Stat(parent, born, threads, times.user, times.system, *children)

    def disk(self, pid: int) -> Disk | None:
        """Nothing is known."""
        del pid
        return None

    def resident(self, pid: int) -> Resident | None:
        """Its pages in memory, all of them as anonymous ones."""
        try:
            return Resident(psutil.Process(pid).memory_info().rss, 0)
        except (psutil.Error, OSError):
            return None

    def share(self, pid: int) -> Resident | None:
        """Nothing is known."""
        del pid
        return None

    def descriptors(self, pid: int) -> int:
        """How many files and sockets it has open; 0 if that may not be seen."""
        try:
            return psutil.Process(pid).num_fds()
        except (psutil.Error, OSError):
            return 0

    def sockets(self, pid: int) -> set[int]:
        """None is known."""
        del pid
        return set()


def kernel() -> Kernel:
    """How processes are read on this system."""
    return Procfs() if sys.platform == "linux" else Portable()


def _read(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, _ENOUGH) or None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _named(text: bytes | None) -> dict[bytes, int]:
    """The numbers of lines such as `Pss:  12 kB`."""
    pairs = (line.split(None, 2)[:2] for line in (text or b"").splitlines())
    return {pair[0][:-1]: int(pair[1]) for pair in pairs if len(pair) > 1 and pair[1].isdigit()}


def _link(directory: int, name: str) -> str:
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError:
        return ""
