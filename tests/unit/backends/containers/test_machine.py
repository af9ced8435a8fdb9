import sys

import psutil
import pytest

from refapp.backends.containers import machine
from refapp.backends.containers.machine import load


def test_the_machine_is_what_psutil_says():
    found = machine.machine()
    assert (found.memory, found.cores) == (psutil.virtual_memory().total, psutil.cpu_count())
    assert 1 <= found.physical_cores <= found.cores


@pytest.mark.parametrize("platform", [sys.platform, "elsewhere"])
def test_the_load_is_within_the_machine(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    found = load()
    assert 0 < found.memory.working_set <= machine.machine().memory
    assert found.user > 0
    assert found.system > 0


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_the_working_set_leaves_out_what_nobody_touched():
    memory = load().memory
    assert memory.working_set <= memory.usage
    assert memory.usage == pytest.approx(psutil.virtual_memory().total - psutil.virtual_memory().free, rel=0.1)


def test_cpu_time_passes():
    before = load()
    total = 0
    while load().user <= before.user:
        total += sum(range(1000))
    assert load().system >= before.system
