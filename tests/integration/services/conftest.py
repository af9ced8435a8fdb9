"""A MongoDB and a RabbitMQ of their own, which tests may kill, pause and start again."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from refapp.deploy.local.binaries import epmd, mongod, rabbitmq_server
from refapp.deploy.local.ports import LOOPBACK, Ports

RABBITMQ_CONF = """\
listeners.tcp.default = {host}:{port}
log.console = true
disk_free_limit.absolute = 50MB
"""


class Server:
    """A process that listens on a port."""

    def __init__(self, command, port, directory, env=None):
        self.port = port
        self._command = command
        self._env = os.environ | (env or {})
        self._log = directory / "log"
        self._process = None

    def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._env, start_new_session=True
            )

    def answers(self):
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        with socket.socket() as client:
            return client.connect_ex((LOOPBACK, self.port)) == 0

    def pause(self):
        """Stop all threads; they notice one after the other."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        while any(state != "T" for state in self._states()):
            time.sleep(0.001)

    def _states(self):
        for stat in Path(f"/proc/{self._process.pid}/task").glob("*/stat"):
            yield stat.read_text().rpartition(")")[2].split()[0]

    def resume(self):
        os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self):
        for process in self._family():
            process.kill()
        self._process.wait()

    def stop(self):
        self.resume()
        self._process.terminate()
        self._process.wait(20)

    def _family(self):
        process = psutil.Process(self._process.pid)
        return [*process.children(recursive=True), process]


@pytest.fixture(scope="session")
def session_ports():
    return Ports()


@pytest.fixture(scope="session")
def shared_mongodb(tmp_path_factory, session_ports, eventually):
    directory = tmp_path_factory.mktemp("mongodb")
    (directory / "data").mkdir()
    port = session_ports.take()
    command = [mongod(), "--dbpath", str(directory / "data"), "--bind_ip", LOOPBACK, "--port", str(port), "--quiet"]
    command += ["--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"]
    server = Server(command, port, directory)
    server.url = f"mongodb://{LOOPBACK}:{port}"
    server.start()
    eventually(server.answers)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_rabbitmq(tmp_path_factory, session_ports, eventually):
    directory = tmp_path_factory.mktemp("rabbitmq")
    port, dist, mapper = (session_ports.take() for _ in range(3))
    (directory / "rabbitmq.conf").write_text(RABBITMQ_CONF.format(host=LOOPBACK, port=port))
    (directory / "enabled_plugins").write_text("[].\n")
    env = {
        "HOME": str(directory),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(dist),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(directory / "log.d"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        "RUNNING_UNDER_SYSTEMD": "true",  # the script replaces itself by the broker
    }
    port_mapper = Server([epmd(), "-port", str(mapper), "-address", LOOPBACK], mapper, directory, env)
    port_mapper.start()
    server = Server([rabbitmq_server()], port, directory, env)
    server.url = f"amqp://guest:guest@{LOOPBACK}:{port}/"
    server.database = directory / "mnesia" / env["RABBITMQ_NODENAME"]
    server.start()
    eventually(server.answers)
    yield server
    server.stop()
    port_mapper.stop()


@pytest.fixture
def mongodb(shared_mongodb, eventually):
    """MongoDB, running at the end whatever the test did to it."""
    yield shared_mongodb
    revive(shared_mongodb, eventually)


@pytest.fixture
def rabbitmq(shared_rabbitmq, eventually):
    """RabbitMQ, running at the end whatever the test did to it."""
    yield shared_rabbitmq
    revive(shared_rabbitmq, eventually)


def revive(server, eventually):
    if server._process.poll() is not None:
        server.start()
    server.resume()
    eventually(server.answers, within=60)


@pytest.fixture
def soon():
    """Waits until a coroutine function returns something true, and returns that."""

    async def soon(condition, *, within=30.0):
        value = None
        try:
            async with asyncio.timeout(within):
                while not (value := await condition()):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"not within {within:g} s; the last value was {value!r}")
        return value

    return soon
