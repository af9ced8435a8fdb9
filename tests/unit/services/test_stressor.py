import subprocess
import sys
import time

import psutil
import pytest

from refapp.services import stressor

MIB = 1024**2


@pytest.fixture
def stress():
    """Starts the program; all that it started ends with it."""
    started = []

    def stress(*arguments):
        command = (sys.executable, "-m", "refapp.services.stressor", *map(str, arguments))
        started.append(subprocess.Popen(command))
        return psutil.Process(started[-1].pid)

    yield stress
    for program in started:
        for child in psutil.Process(program.pid).children(recursive=True):
            child.kill()
        program.kill()
        program.wait(10)


def test_memory_is_in_use(stress, eventually):
    process = stress("--memory", 80 * MIB)
    eventually(lambda: process.memory_full_info().uss >= 79 * MIB)
    assert process.memory_full_info().uss <= 85 * MIB


def test_less_memory_than_the_program_has_is_what_it_has(stress, eventually):
    process = stress("--memory", 1)
    eventually(lambda: process.status() == psutil.STATUS_SLEEPING and process.memory_info().rss > 5 * MIB)
    assert process.memory_info().rss < 40 * MIB


def test_cpu_is_used(stress, eventually):
    process = stress("--cpus", 0.25)
    (child,) = eventually(process.children)
    eventually(lambda: sum(child.cpu_times()[:2]) > 0.1)
    used, began = sum(child.cpu_times()[:2]), time.monotonic()
    eventually(lambda: time.monotonic() > began + 2)
    share = (sum(child.cpu_times()[:2]) - used) / (time.monotonic() - began)
    assert 0.05 < share < 0.4


def test_each_core_has_a_process(stress, eventually):
    process = stress("--cpus", 2.5)
    assert len(eventually(lambda: len(found := process.children()) == 3 and found)) == 3


@pytest.mark.parametrize(("cpus", "shares"), [(0, []), (0.5, [0.5]), (1, [1.0]), (2.25, [1.0, 1.0, 0.25])])
def test_cores_are_shared_out(cpus, shares):
    assert list(stressor.shares(cpus)) == shares


def test_every_page_is_written_to():
    held = stressor.hold(10 * stressor._PAGE + 1)
    assert len(held) == 10 * stressor._PAGE + 1
    assert sum(held) == 11
