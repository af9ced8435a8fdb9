import subprocess
import sys

import psutil
import pytest

from refapp.deploy.local.usage import Meter, memory, resident

# A child that holds 64 MB and a parent that waits for it.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
print(child.stdout.readline(), flush=True)
child.wait()
"""
HOLD = "data = b'x' * 64 * 1024**2; print(flush=True); import time; time.sleep(600)"
SPIN = "print(flush=True)\nwhile True: pass"


@pytest.fixture
def parent_of():
    processes = []

    def parent_of(code):
        process = subprocess.Popen([sys.executable, "-c", PARENT, code], stdout=subprocess.PIPE)
        process.stdout.readline()
        processes.append(process)
        return process.pid

    yield parent_of
    for process in processes:
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.communicate()


def test_memory_of_children_is_counted(parent_of):
    used = memory({"holds": [parent_of(HOLD)], "nobody": []})
    assert 64 * 1024**2 <= used["holds"] <= 128 * 1024**2
    assert used["nobody"] == 0


def test_the_resident_set_is_no_less(parent_of):
    groups = {"holds": [parent_of(HOLD)], "nobody": []}
    assert resident(groups)["holds"] >= memory(groups)["holds"]
    assert resident(groups)["nobody"] == 0


def test_cpu_of_children_is_counted(parent_of, eventually):
    meter = Meter()
    groups = {"spins": [parent_of(SPIN)], "nobody": []}
    meter.sample(groups)

    def busy():
        meter.sample(groups)
        return meter.millicores("spins") > 100

    eventually(busy)
    assert meter.millicores("nobody") == 0


def test_process_that_is_gone_uses_nothing(parent_of):
    pid = parent_of(HOLD)
    gone = {"gone": [2**22 + 1]}
    meter = Meter()
    meter.sample({"gone": [pid]})
    meter.sample(gone)
    assert meter.millicores("gone") == 0
    assert memory(gone) == {"gone": 0}
