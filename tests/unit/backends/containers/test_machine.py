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


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_memory_that_is_mapped_or_swapped_is_told():
    found = load()
    assert 0 < found.mapped <= found.memory.file
    assert found.swap == psutil.swap_memory().used


def test_elsewhere_nobody_tells_what_is_mapped(monkeypatch):
    monkeypatch.setattr(sys, "platform", "elsewhere")
    found = load()
    assert (found.mapped, found.swap) == (None, psutil.swap_memory().used)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_page_faults_only_rise():
    before = machine.faults()
    data = bytearray(1 << 24)
    after = machine.faults()
    assert len(data) == 1 << 24
    assert after.all > before.all
    assert after.major >= before.major


@pytest.mark.parametrize("text", ["", "pgfault x\npgmajfault 1\n", "pgfault 1\n", "nonsense\n"])
def test_page_faults_may_not_be_counted(monkeypatch, text):
    monkeypatch.setattr(machine.Path, "read_text", lambda _: text)
    assert machine.faults() is None


def test_there_may_be_no_file_of_page_faults(monkeypatch):
    def fail(_):
        raise FileNotFoundError

    monkeypatch.setattr(machine.Path, "read_text", fail)
    assert machine.faults() is None


def test_cpu_time_passes():
    before = load()
    total = 0
    while load().user <= before.user:
        total += sum(range(1000))
    assert load().system >= before.system
