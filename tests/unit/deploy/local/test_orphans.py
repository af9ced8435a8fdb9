import os
import subprocess
import sys
import uuid

import psutil
import pytest

from refapp.deploy.local import orphans

# A process that makes itself a daemon: its child is in a session of its own, its parent is gone.
DAEMON = """
import os, sys, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
sys.stdout.close()
time.sleep(600)
"""


@pytest.fixture
def platform_id():
    return str(uuid.uuid4())


@pytest.fixture
def spawn(platform_id):
    processes = []

    def spawn(code, *, mark=platform_id):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ | {orphans.MARK: mark}
        )
        processes.append(process)
        return process

    yield spawn
    for process in processes:
        process.kill()
        process.communicate()


def test_daemons_of_the_platform_are_killed(platform_id, spawn):
    daemon = int(spawn(DAEMON).stdout.readline())
    assert daemon in orphans.kill_orphans(platform_id)
    assert not psutil.pid_exists(daemon) or psutil.Process(daemon).status() == psutil.STATUS_ZOMBIE


def test_another_platform_is_left_alone(platform_id, spawn):
    other = spawn("import time; print('up', flush=True); time.sleep(600)", mark=str(uuid.uuid4()))
    other.stdout.readline()
    assert orphans.kill_orphans(platform_id) == []
    assert other.poll() is None


def test_processes_of_the_platform(platform_id, spawn):
    process = spawn("import time; print('up', flush=True); time.sleep(600)")
    process.stdout.readline()
    assert [found.pid for found in orphans.processes(platform_id)] == [process.pid]


def test_guardian_kills_when_its_supervisor_is_gone(platform_id, spawn):
    process = spawn("import time; print('up', flush=True); time.sleep(600)")
    process.stdout.readline()
    guardian = subprocess.Popen([sys.executable, orphans.__file__, platform_id], stdin=subprocess.PIPE)
    guardian.stdin.close()
    assert guardian.wait() == 0
    assert process.wait() == -9
