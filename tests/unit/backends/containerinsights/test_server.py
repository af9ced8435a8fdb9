"""The agent as a process, beside the kubelet's, with real containers and a small CloudWatch Logs."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager

import psutil
import pytest

from refapp.backends.containers.inventory import Container, Inventory, Pod, write

MEGABYTE = 1 << 20
PERIOD = 0.5
GROUP = "/aws/containerinsights/istio-observe-demo/performance"
# Both make up for what they could not do while others had the processor.
BURN = """
import time
started = time.monotonic()
while True:
    while time.process_time() < 0.15 * (time.monotonic() - started): pass
    time.sleep(0.02)
"""
HOLD = f"data = b'x' * {64 * MEGABYTE}; import time; time.sleep(600)"
SEND = """
import socket, sys, time
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
started, sent = time.monotonic(), 0
while True:
    while sent < 1_000_000 * (time.monotonic() - started):
        connection.sendall(b"x" * 10_000)
        sent += 10_000
    time.sleep(0.02)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no network of processes")


class Receiver(threading.Thread):
    """Counts what it is sent."""

    def __init__(self):
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.count = 0

    def run(self):
        connection, _ = self.server.accept()
        with connection:
            while content := connection.recv(1 << 16):
                self.count += len(content)


@pytest.fixture
def receiver():
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.join(10)
    receiver.server.close()


@contextmanager
def running(*command, **environ):
    process = subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


def server(package, **environ):
    return running(sys.executable, "-m", f"refapp.backends.{package}.server", **environ)


@pytest.fixture
def ports():
    """A maker of free addresses."""

    def ports():
        with socket.create_server(("127.0.0.1", 0)) as taken:
            return f"127.0.0.1:{taken.getsockname()[1]}"

    return ports


@pytest.fixture
def environ(logs, ports, tmp_path):
    """What an agent is told; the kubelet is not there yet."""
    return {
        "PORT": ports(),
        "KUBELET": f"http://{ports()}",
        "INVENTORY": str(tmp_path / "inventory.json"),
        "PERIOD": f"{PERIOD}",
        "ENDPOINT": logs.url,
        "REGION": "us-east-1",
    }


def answered(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read().decode()
    except OSError:
        return None


class Told:
    """What the agent has told since a time: the events of periods that began after it."""

    def __init__(self, logs, since=0.0):
        self._events = [event for event in logs.events() if int(event["Timestamp"]) / 1000 - PERIOD >= since]

    def values(self, name, of):
        """A field in the events of a container, or of a type; on a busy machine a period may lack it."""
        return [
            event[name] for event in self._events if of in (event.get("ContainerName"), event["Type"]) and name in event
        ]

    def mean(self, name, of):
        values = self.values(name, of)
        return sum(values) / len(values)


@linux
def test_real_containers_are_told_of_as_psutil_and_the_receiver_see_them(environ, logs, receiver, tmp_path, eventually):
    with (
        running(sys.executable, "-c", BURN) as burning,
        running(sys.executable, "-c", HOLD) as holding,
        running(sys.executable, "-c", SEND, str(receiver.port)) as sending,
        server("containers", PORT=environ["KUBELET"][7:], INVENTORY=environ["INVENTORY"], PERIOD="0.2"),
        server("containerinsights", **environ) as agent,
    ):
        limits = {"cpu_limit": 0.5, "memory_limit": 400 * MEGABYTE}
        processes = {"burns": burning, "holds": holding, "sends": sending}
        containers = tuple(
            Container(name=name, pid=process.pid, running=True, **limits) for name, process in processes.items()
        )
        pod = Pod(name="service-f-1-1", workload="service-f", uid="u1", ready=True, containers=containers)
        write(tmp_path / "inventory.json", Inventory(pods=(pod,), replicas={"service-f": 1}))
        burns, holds = psutil.Process(burning.pid), psutil.Process(holding.pid)

        def seen():
            return time.time(), sum(burns.cpu_times()[:2]), receiver.count

        def compared():
            """What was told of a few periods, and what was seen from their beginning to their end."""
            before = seen()
            eventually(lambda: len(Told(logs, before[0]).values("pod_network_tx_bytes", "Pod")) >= 5)
            seconds, used, received = (now - then for now, then in zip(seen(), before, strict=True))
            told = Told(logs, before[0])
            return {
                "cpu": (told.mean("container_cpu_usage_total", "burns"), used / seconds * 1000),
                "of its limit": (
                    told.mean("container_cpu_utilization_over_container_limit", "burns"),
                    used / seconds * 200,
                ),
                "memory": (told.mean("container_memory_working_set", "holds"), holds.memory_full_info().pss),
                "network": (told.mean("pod_network_tx_bytes", "Pod"), received / seconds),
            }

        def agree(pairs):
            """Others may have the processor just when one looks, so not every few periods have to agree."""
            return all(told == pytest.approx(expected, rel=0.2) for told, expected in pairs.values())

        eventually(lambda: Told(logs).values("pod_network_tx_bytes", "Pod"))
        eventually(compared, so=agree, within=60.0)
        code, errors = ended(agent)

    assert (code, "Traceback" in errors) == (0, False)
    told = Told(logs)
    assert set(told.values("pod_cpu_limit", "Pod")) == {1500}
    assert min(told.values("pod_memory_working_set", "Pod")[-3:]) > 64 * MEGABYTE
    assert told.values("container_cpu_usage_total", "holds")[-1] < 20
    assert list(logs.groups[GROUP]) == ["ip-127-0-0-1"]
    written = [(timestamp, json.loads(text)["Type"]) for timestamp, text in logs.groups[GROUP]["ip-127-0-0-1"]]
    periods = [timestamp for timestamp, kind in written if kind == "Cluster"]
    assert periods == sorted({timestamp for timestamp, _ in written})
    assert all(timestamp % round(PERIOD * 1000) == 0 for timestamp in periods)


def counted(environ, name):
    """What the agent has counted."""
    lines = answered(f"http://{environ['PORT']}/metrics").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"containerinsights_{name} "))


def test_it_tells_of_itself_and_ends_when_it_is_told_to(environ, logs, eventually):
    with server("containerinsights", **environ) as agent:
        url = f"http://{environ['PORT']}"
        eventually(lambda: logs.events("Cluster"))
        health = json.loads(answered(f"{url}/health"))
        assert (health["status"], health["failure"]) == ("UP", "")
        eventually(lambda: counted(environ, "kubelet_errors_total") >= 2)
        code, errors = ended(agent)
    assert code == 0
    # What it has to complain of is said once: there is no inventory, and no kubelet.
    assert [line.split(" ", 3)[3].partition(":")[0] for line in errors.splitlines()] == [
        "the inventory before stays in use",
        "nothing is told of the node and its pods until the kubelet answers",
    ]


def waiting(environ):
    """How many batches wait to be sent."""
    return json.loads(answered(f"http://{environ['PORT']}/health") or "{}").get("waiting", 0)


def test_an_endpoint_that_comes_late_gets_every_period(environ, logs, eventually):
    logs.stop()
    with server("containerinsights", **environ) as agent:
        url = f"http://{environ['PORT']}"
        eventually(lambda: waiting(environ) >= 3)
        assert json.loads(answered(f"{url}/health"))["failure"]

        again = logs.again()
        try:
            eventually(lambda: counted(environ, "periods_total") == len(again.events("Cluster")) >= 5)
            code, errors = ended(agent)
        finally:
            again.stop()
    assert code == 0
    assert errors.count("events wait until") == 1
    times = [event["Timestamp"] for event in again.events("Cluster")]
    assert times == sorted(set(times), key=int)


def test_what_could_not_be_sent_at_the_end_is_told(environ, logs, eventually):
    logs.stop()
    with server("containerinsights", **environ, GRACE="1") as agent:
        eventually(lambda: waiting(environ) >= 2)
        code, errors = ended(agent)
    assert code == 0
    assert "batches of events are lost: they could not be sent in time" in errors


@pytest.mark.parametrize(
    ("variable", "value", "code", "complaint"),
    [
        ("PERIOD", "x", 2, "PERIOD is 'x': it must be a number of seconds greater than 0\n"),
        ("ENDPOINT", "nowhere", 2, "ENDPOINT is 'nowhere', REGION 'us-east-1': Invalid endpoint: nowhere\n"),
    ],
)
def test_a_process_that_cannot_start_says_why(environ, variable, value, code, complaint):
    with server("containerinsights", **environ | {variable: value}) as agent:
        _, errors = agent.communicate(timeout=20)
    assert (agent.returncode, errors) == (code, complaint)


def test_an_address_that_is_taken_is_told(environ):
    host, _, port = environ["PORT"].partition(":")
    with socket.create_server((host, int(port))), server("containerinsights", **environ) as agent:
        _, errors = agent.communicate(timeout=20)
    assert agent.returncode == 1
    assert errors.count("\n") == 1
    assert "in use" in errors
