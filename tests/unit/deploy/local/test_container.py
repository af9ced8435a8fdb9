import asyncio
import os
import signal
import sys
import time

import psutil
import pytest

from refapp.backends.shipper.layout import log_files
from refapp.deploy.local import container as container_module
from refapp.deploy.local.container import Container
from refapp.deploy.local.containerlog import Rotation
from refapp.deploy.local.ports import LOOPBACK, Ports
from refapp.deploy.local.specs import ContainerSpec
from refapp.deploy.stress import Stress
from refapp.topology import MIB, Resources

SERVER = """
import signal, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("listening", flush=True)
while True:
    listener.accept()[0].close()
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(container_module, "_FIRST_DELAY", 0.01)


@pytest.fixture
async def keep(tmp_path):
    kept = []

    def keep(code, *, rotation=None, **changes):
        port = Ports().take()
        command = (sys.executable, "-c", code, LOOPBACK, str(port))
        spec = ContainerSpec(**{"name": "server", "command": command, "ports": {"tcp": port}, **changes})
        container = Container(spec, tmp_path, rotation)
        kept.append((container, asyncio.create_task(container.keep())))
        return container

    yield keep
    for container, task in kept:
        await container.stop(task)


async def started(logs):
    """A container that is ready, and the task that keeps it, for tests that stop it themselves."""
    port = Ports().take()
    command = (sys.executable, "-c", SERVER, LOOPBACK, str(port))
    container = Container(ContainerSpec(name="server", command=command, ports={"tcp": port}), logs)
    task = asyncio.create_task(container.keep())
    await container.settled.wait()
    return container, task


async def test_ready_when_the_probe_succeeds(keep):
    container = keep(SERVER)
    assert not container.ready
    await asyncio.wait_for(container.settled.wait(), 30)
    assert container.ready
    assert container.restarts == 0


async def test_output_is_logged(keep, until):
    container = keep(SERVER)
    await container.settled.wait()
    await until(lambda: "stdout F listening" in container.log_file.read_text())


async def test_killed_process_is_started_again(keep, until):
    container = keep(SERVER)
    await container.settled.wait()
    first = container.pid
    container.kill(signal.SIGKILL)
    await until(lambda: container.restarts == 1 and container.ready)
    assert container.pid != first
    assert container.reason == "killed by SIGKILL"


async def test_a_process_over_its_memory_limit_is_killed_and_started_again(keep, until):
    before = time.time()
    container = keep(SERVER, resources=Resources(memory_limit=100 * MIB))
    await container.settled.wait()
    first, began = container.pid, container.started
    assert before - 1 <= began <= time.time()
    container.limit_memory(100 * MIB)
    assert container.restarts == 0
    container.limit_memory(101 * MIB)
    await until(lambda: container.restarts == 1 and container.ready)
    assert container.pid != first
    assert container.started > began
    assert container.terminated == "OOMKilled"
    assert container.reason == "was killed because it used 101 MiB of memory, and 100 are its limit"
    container.kill(signal.SIGKILL)
    await until(lambda: container.restarts == 2)
    assert (container.terminated, container.reason) == ("Error", "killed by SIGKILL")


async def test_a_stress_comes_again_with_the_process_and_ends_when_it_is_told_to(keep, until):
    container = keep(SERVER)
    await container.settled.wait()
    assert container.pids == [container.pid]
    await container.stress(Stress(memory=1))
    first = list(container.others)
    assert container.pids == [container.pid, *first]
    container.kill(signal.SIGKILL)
    await until(lambda: container.restarts == 1 and container.others)
    assert container.others != first
    assert not psutil.pid_exists(*first)
    await container.stress(None)
    assert container.others == []
    assert container.pids == [container.pid]


async def test_a_stress_ends_with_the_container(tmp_path):
    container, task = await started(tmp_path)
    await container.stress(Stress(memory=1))
    (pid,) = container.others
    await container.stop(task)
    assert not psutil.pid_exists(pid)


async def test_each_run_has_its_own_log(keep, until):
    container = keep("print('run', flush=True); raise SystemExit(3)")
    await until(lambda: container.restarts >= 2)
    assert container.reason == "exited with code 3"
    assert "stdout F run" in container.last_log_file.read_text()
    assert container.last_log_file.name != "0.log"


async def test_delay_between_restarts_grows(keep, monkeypatch, until):
    delays = []
    wait_for = asyncio.wait_for

    async def record(awaitable, timeout):  # noqa: ASYNC109
        if timeout != container_module._PIPES_CLOSE:
            delays.append(timeout)
        return await wait_for(awaitable, timeout)

    monkeypatch.setattr(container_module.asyncio, "wait_for", record)
    container = keep("raise SystemExit(1)")
    await until(lambda: container.restarts >= 3)
    assert delays[:3] == [0.01, 0.02, 0.04]


async def test_program_that_cannot_be_started(keep, until):
    container = keep("", command=("/nowhere/to/be/found",))
    await until(lambda: container.restarts >= 1)
    assert container.reason.startswith("cannot be started: [Errno 2] No such file or directory")
    assert "cannot be started" in container.last_log_file.read_text()


async def test_stop_asks_first(tmp_path):
    container, task = await started(tmp_path)
    await container.stop(task)
    assert container.reason == "exited with code 0"
    assert container.restarts == 0
    assert container.pid is None


async def test_stop_kills_whoever_does_not_listen(tmp_path):
    port = Ports().take()
    stubborn = SERVER.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    spec = ContainerSpec(
        name="server",
        command=(sys.executable, "-c", stubborn, LOOPBACK, str(port)),
        ports={"tcp": port},
        grace=0.1,
    )
    container = Container(spec, tmp_path)
    task = asyncio.create_task(container.keep())
    await container.settled.wait()
    await container.stop(task)
    assert container.reason == "killed by SIGKILL"


async def test_full_disk_holds_the_output_back_and_loses_none(keep, monkeypatch, until):
    monkeypatch.setattr(container_module, "_DISK_RETRY", 0.01)
    lines = 50_000
    container = keep(f"for n in range({lines}): print('line', n, flush=n == {lines - 1})\nimport time; time.sleep(600)")
    write = container_module.ContainerLog.flush
    full = True

    def flush(log):
        if not full:
            write(log)

    monkeypatch.setattr(container_module.ContainerLog, "flush", flush)
    await until(container.log_file.exists)
    full = False
    await until(lambda: f"line {lines - 1}\n" in container.log_file.read_text())
    texts = [line.split(" ", 3)[3] for line in container.log_file.read_text().splitlines()]
    assert [text for text in texts if text.startswith("line")][:lines] == [f"line {n}" for n in range(lines)]


async def test_a_slow_disk_loses_nothing_in_any_rotation(keep, monkeypatch, tmp_path, until):
    write, took = os.write, []

    def slowly(file, data):
        time.sleep(0.001)  # a disk that is slower than the process
        took.append(write(file, bytes(data[:5000])))
        return took[-1]

    monkeypatch.setattr(container_module.os, "write", slowly)
    lines = 20_000
    code = f"for n in range({lines}): print('line', n)\nimport sys, time; sys.stdout.flush(); time.sleep(600)"
    keep(code, rotation=Rotation(size=100_000, files=1000))

    def texts():
        whole = "".join(file.path.read_text() for file in log_files(tmp_path))
        return [line.split(" ", 3)[3] for line in whole.splitlines() if line.count(" ") > 3]

    await until(lambda: texts()[-1:] == [f"line {lines - 1}"])
    assert texts() == [f"line {n}" for n in range(lines)]
    assert len(log_files(tmp_path)) > 2
    assert max(took) == 5000
