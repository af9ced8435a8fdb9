import os
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from refapp.backends.containers import devices
from refapp.backends.containers.devices import disks, filesystems, interfaces

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")


@pytest.fixture
def mounts(monkeypatch):
    """Makes mounts up; those at `/gone` cannot be looked at."""

    def mounts(*found):
        names = ("device", "mountpoint", "fstype")
        listed = [SimpleNamespace(**dict(zip(names, mount, strict=True))) for mount in found]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_: listed)
        monkeypatch.setattr(os, "statvfs", statvfs)

    return mounts


def statvfs(place):
    if place == "/gone":
        raise OSError("gone")
    return SimpleNamespace(f_frsize=4096, f_blocks=1000, f_bfree=400, f_bavail=300, f_files=50, f_ffree=20)


def test_sizes_are_in_bytes(mounts):
    mounts(("/dev/vda", "/", "ext4"))
    (found,) = filesystems()
    assert found == ("/dev/vda", "ext4", 4096 * 1000, 4096 * 600, 4096 * 300, 50, 20)


def test_a_device_is_told_of_once(mounts):
    mounts(("/dev/vda", "/", "ext4"), ("/dev/vda", "/var", "ext4"), ("/dev/vdb", "/data", "xfs"))
    assert [found.device for found in filesystems()] == ["/dev/vda", "/dev/vdb"]


def test_what_holds_no_files_of_the_machine_is_left_out(mounts):
    mounts(
        ("proc", "/proc", "proc"),
        ("/dev/loop1", "/snap/a", "squashfs"),
        ("overlay", "/var/lib/docker/a", "overlay"),
        ("overlay", "/", "overlay"),
        ("/dev/sda", "/gone", "ext4"),
    )
    assert [(found.device, found.kind) for found in filesystems()] == [("overlay", "overlay")]


def test_real_filesystems_are_as_psutil_says():
    for found in filesystems():
        place = next(mount.mountpoint for mount in psutil.disk_partitions(all=True) if mount.device == found.device)
        usage = psutil.disk_usage(place)
        assert found.capacity == pytest.approx(usage.total, rel=0.1)
        assert found.used == pytest.approx(usage.used, rel=0.05, abs=1 << 26)
        assert found.used <= found.capacity


@linux
def test_disks_are_whole(monkeypatch):
    counters = SimpleNamespace(read_bytes=1, write_bytes=2, read_count=3, write_count=4)
    found = dict.fromkeys(("vda", "vda1", "dm-0"), counters)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: found)
    monkeypatch.setattr(devices.Path, "exists", lambda path: str(path) == "/sys/block/vda/device")
    assert disks() == [("/dev/vda", 1, 2, 3, 4)]


@linux
def test_the_counters_of_real_disks_are_the_kernels():
    lines = {fields[2]: fields for fields in map(str.split, Path("/proc/diskstats").read_text().splitlines())}
    for found in disks():
        reads, sectors = (int(field) for field in (lines[found.device[5:]][3], lines[found.device[5:]][5]))
        assert found.reads >= reads
        assert found.bytes_read >= 512 * sectors


def test_interfaces_are_those_to_elsewhere(monkeypatch):
    counters = SimpleNamespace(
        bytes_sent=1, bytes_recv=2, packets_sent=3, packets_recv=4, errin=5, errout=6, dropin=7, dropout=8
    )
    found = dict.fromkeys(("lo", "eth0", "veth12", "docker0", "en0"), counters)
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: found)
    expected = {"bytes_received": 2, "packets_received": 4, "errors_received": 5, "dropped_received": 7}
    expected |= {"bytes_sent": 1, "packets_sent": 3, "errors_sent": 6, "dropped_sent": 8}
    assert [entry._asdict() for entry in interfaces()] == [{"name": name} | expected for name in ("eth0", "en0")]


@pytest.mark.parametrize(
    ("name", "error", "ask"),
    [
        ("disk_io_counters", NotImplementedError("no /proc/diskstats"), disks),
        ("disk_io_counters", FileNotFoundError("/proc/diskstats"), disks),
        ("net_io_counters", FileNotFoundError("/proc/net/dev"), interfaces),
        ("disk_partitions", FileNotFoundError("/proc/filesystems"), filesystems),
    ],
)
def test_what_the_system_does_not_tell_is_left_out(monkeypatch, name, error, ask):
    def fail(**_):
        raise error

    monkeypatch.setattr(psutil, name, fail)
    assert ask() == []
