"""The machine's filesystems, disks and network interfaces, and what went through them since it was started.

Which of them there are is chosen as cAdvisor does: its `container/libcontainer/handler.go` and `fs/fs.go` at
https://github.com/google/cadvisor. What a system does not tell is left out.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

import psutil

_LOOPBACK_AND_PODS = ("lo", "veth", "docker")
# Those that cAdvisor knows, and Apple's.
_FILESYSTEMS = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "overlay", "apfs", "hfs"})


class Filesystem(NamedTuple):
    """A filesystem on a device; sizes are in bytes, `available` is what is left for who is not root."""

    device: str
    kind: str
    capacity: int
    used: int
    available: int
    inodes: int
    inodes_free: int


class Disk(NamedTuple):
    """A disk: bytes and operations."""

    device: str
    bytes_read: int
    bytes_written: int
    reads: int
    writes: int


class Interface(NamedTuple):
    """A network interface: bytes, packets, packets that were broken, and packets that were dropped."""

    name: str
    bytes_received: int
    packets_received: int
    errors_received: int
    dropped_received: int
    bytes_sent: int
    packets_sent: int
    errors_sent: int
    dropped_sent: int


def filesystems() -> list[Filesystem]:
    """The filesystems that hold files of the machine; a device that is mounted at several places is one."""
    found: dict[str, Filesystem] = {}
    for device, place, kind in _mounts():
        try:
            status = os.statvfs(place)
        except OSError:
            continue
        size = status.f_frsize
        found.setdefault(
            device,
            Filesystem(
                device=device,
                kind=kind,
                capacity=status.f_blocks * size,
                used=(status.f_blocks - status.f_bfree) * size,
                available=status.f_bavail * size,
                inodes=status.f_files,
                inodes_free=status.f_ffree,
            ),
        )
    return list(found.values())


def disks() -> list[Disk]:
    """The disks, without their partitions and what is layered upon them: a byte is counted once."""
    try:
        counters = psutil.disk_io_counters(perdisk=True, nowrap=False)
    except (OSError, RuntimeError):  # NotImplementedError where there is no /proc/diskstats
        return []
    return [
        Disk(f"/dev/{name}", found.read_bytes, found.write_bytes, found.read_count, found.write_count)
        for name, found in counters.items()
        if _is_whole(name)
    ]


def interfaces() -> list[Interface]:
    """The interfaces to the network, without those that stay within the machine."""
    try:
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
    except OSError:
        return []
    return [
        Interface(
            name=name,
            bytes_received=found.bytes_recv,
            packets_received=found.packets_recv,
            errors_received=found.errin,
            dropped_received=found.dropin,
            bytes_sent=found.bytes_sent,
            packets_sent=found.packets_sent,
            errors_sent=found.errout,
            dropped_sent=found.dropout,
        )
        for name, found in counters.items()
        if not name.startswith(_LOOPBACK_AND_PODS)
    ]


def _mounts() -> list[tuple[str, str, str]]:
    """Device, place and type of what is mounted."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return []
    # Overlays are the file trees of containers; only one of them can be the machine's.
    return [
        (found.device, found.mountpoint, found.fstype)
        for found in mounts
        if found.fstype in _FILESYSTEMS and (found.fstype != "overlay" or found.mountpoint == "/")
    ]


def _is_whole(name: str) -> bool:
    return sys.platform != "linux" or Path("/sys/block", name.replace("/", "!"), "device").exists()
