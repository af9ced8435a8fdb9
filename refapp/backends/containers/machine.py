"""The machine itself: its processors and memory, and what of them is in use."""

import sys
from pathlib import Path
from typing import NamedTuple

import psutil

from refapp.backends.containers.cgroups import Memory


class Machine(NamedTuple):
    """What does not change: bytes of memory, logical and physical cores, when it was started (seconds since 1970)."""

    memory: int
    cores: int
    physical_cores: int
    booted: float


class Load(NamedTuple):
    """CPU seconds since the machine started, and the memory in use.

    `mapped` is how much of the pages of files processes have mapped, `swap` what was moved to storage, in bytes.
    """

    user: float
    system: float
    memory: Memory
    mapped: int | None
    swap: int | None


class Faults(NamedTuple):
    """Page faults since the machine started: all of them, and the major ones, for which storage was read."""

    all: int
    major: int


def machine() -> Machine:
    """The machine this runs on."""
    logical = psutil.cpu_count() or 1
    return Machine(
        psutil.virtual_memory().total, logical, psutil.cpu_count(logical=False) or logical, psutil.boot_time()
    )


def load() -> Load:
    """What is in use.

    Of Linux' memory all but the free one is, and the working set is that without the pages of files that nobody touched
    lately: what cAdvisor computes for the root cgroup. Elsewhere the working set is what is not available.

    Raises:
        OSError: it cannot be read.
    """
    times = psutil.cpu_times()
    user = times.user + getattr(times, "nice", 0.0)
    system = times.system + getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0)
    return Load(user, system, *(_linux_memory() if sys.platform == "linux" else _memory()))


def faults() -> Faults | None:
    """The page faults; None where they are not counted."""
    try:
        values = dict(line.split(" ", 1) for line in Path("/proc/vmstat").read_text().splitlines())
        return Faults(int(values["pgfault"]), int(values["pgmajfault"]))
    except (OSError, KeyError, ValueError):
        return None


def _linux_memory() -> tuple[Memory, int, int]:
    lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    values = {fields[0].rstrip(":"): int(fields[1]) * 1024 for fields in lines}
    usage = values["MemTotal"] - values["MemFree"]
    file = values["Cached"] + values["Buffers"]
    memory = Memory(usage, max(0, usage - values["Inactive(file)"]), values["AnonPages"], file)
    return memory, values["Mapped"], values["SwapTotal"] - values["SwapFree"]


def _memory() -> tuple[Memory, None, int]:
    memory = psutil.virtual_memory()
    used = memory.total - memory.available
    return Memory(memory.used, used, used, 0), None, psutil.swap_memory().used
