"""What the tests of the agent share: what cAdvisor would tell, and a small CloudWatch Logs that may be unwell."""

import contextlib
import json
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from refapp.backends.containerinsights.measurements import Measurements, measured
from refapp.backends.containerinsights.rates import Rates, Restarts
from refapp.backends.containerinsights.readings import snapshot
from refapp.backends.containers.inventory import Container, Inventory, Pod

GIBIBYTE = 1 << 30


class Node:
    """What cAdvisor tells of a node that is made up: 4 cores, 16 GiB, read `seconds` after it was started."""

    cores = 4
    memory = 16 * GIBIBYTE

    def __init__(self):
        self.seconds = 0
        self.infos = {}
        self.tell("/", cpu=cpu(0), memory={"working_set": 4 * GIBIBYTE})

    def tell(self, name, labels=None, **stats):
        """Tell of one cgroup; what was told before of its other parts is forgotten."""
        minutes, seconds = divmod(self.seconds, 60)
        stats["timestamp"] = f"2024-01-01T00:{minutes:02.0f}:{seconds:09.6f}Z"
        spec = {"labels": labels} if labels else {}
        self.infos[name] = {"name": name, "spec": spec, "stats": [stats]}

    def pod(self, pod, used, working_set=0, received=0, sent=0, faults=0):
        """Tell of a pod with one container, which has used so many milliseconds of CPU."""
        path = f"/kubepods/pod{pod.uid}"
        usage = {"cpu": cpu(used), "memory": memory(working_set, faults)}
        self.tell(path, **usage)
        for container in pod.containers:
            if container.running:
                self.tell(f"{path}/{container.name}-{container.restarts}", labels(pod, container.name), **usage)
        interface = {"name": "eth0", "rx_bytes": received, "tx_bytes": sent}
        self.tell(f"{path}/sandbox", labels(pod, "POD"), network={**interface, "interfaces": [interface]})

    def snapshot(self):
        """What an agent understands of it."""
        machine = {"num_cores": self.cores, "memory_capacity": self.memory}
        return snapshot(machine, json.loads(json.dumps(list(self.infos.values()))))


def cpu(milliseconds):
    """CPU time, a third of it in the kernel."""
    nanoseconds = round(milliseconds * 1e6)
    return {"usage": {"total": nanoseconds, "user": nanoseconds * 2 // 3, "system": nanoseconds // 3}}


def memory(working_set, faults=0):
    """Memory, and page faults."""
    counted = {"pgfault": faults, "pgmajfault": faults // 10}
    sizes = {"usage": working_set + 100, "working_set": working_set, "rss": working_set // 2, "cache": 10}
    return {**sizes, "mapped_file": 5, "container_data": counted, "hierarchical_data": counted}


def labels(pod, container):
    """The labels of a container."""
    values = {"pod.namespace": pod.namespace, "pod.name": pod.name, "pod.uid": pod.uid, "container.name": container}
    return {f"io.kubernetes.{name}": value for name, value in values.items()}


class Watch:
    """Finds out, from period to period, what events are written from."""

    def __init__(self, node):
        self.node = node
        self._rates = Rates()
        self._restarts = Restarts()

    def found(self, *pods, **fields):
        """What is found out now; without a node if that is None."""
        inventory = Inventory(pods=pods, **fields)
        restarts = self._restarts.update(inventory)
        if self.node is None:
            return Measurements(inventory, restarts)
        told = self.node.snapshot()
        return Measurements(inventory, restarts, *measured(told, self._rates.update(told.readings)))


@pytest.fixture
def node():
    return Node()


@pytest.fixture
def watch(node):
    return Watch(node)


@pytest.fixture
def silent():
    """A watch on a node that does not tell what it measures."""
    return Watch(None)


@pytest.fixture
def pod():
    """A maker of pods of one container, which runs."""

    def pod(name="service-f-1-1", **fields):
        (uid,) = (fields.pop(part, f"uid-{name}") for part in ("uid",))
        of_pod = {part: fields.pop(part) for part in ("namespace", "service", "ready", "reason") if part in fields}
        workload = fields.pop("workload", "service-f")
        containers = fields.pop("containers", None) or (
            Container(**{"name": workload, "pid": 10, "running": True} | fields),
        )
        return Pod(name=name, workload=workload, uid=uid, containers=containers, **{"ready": True} | of_pod)

    return pod


class ProblemError(Exception):
    """An error that the endpoint answers with."""

    def __init__(self, code, status=400):
        super().__init__(code)
        self.code, self.status = code, status


class Logs(ThreadingHTTPServer):
    """As much of CloudWatch Logs as the agent uses.

    `ill` is called with the name of each operation, and may raise a ProblemError, or wait. Of the next `lost` answers
    to PutLogEvents none arrives, though the events are taken. `rejected` is the `rejectedLogEventsInfo` of all batches.
    """

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), _Requests)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.groups = {}
        self.calls = Counter()
        self.ill = lambda _: None
        self.rejected = {}
        self.lost = 0
        self._connections = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        """As if killed, so that whoever waits for an answer gets none; it may have been before."""
        if not self._thread.is_alive():
            return
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def again(self):
        """A new one at the same address, that still has what the old one had."""
        new = Logs(self.server_port)
        new.groups = self.groups
        return new

    def events(self, kind=None):
        """All events that were taken, or those of a type."""
        streams = [stream for streams in self.groups.values() for stream in streams.values()]
        events = [json.loads(message) for stream in streams for _, message in stream]
        return [event for event in events if kind in (None, event.get("Type"))]

    def process_request(self, request, client_address):
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Say nothing of a client that was killed."""

    def call(self, operation, body):
        self.calls[operation] += 1
        self.ill(operation)
        return getattr(self, _METHODS[operation])(body)

    def _stream(self, body):
        try:
            return self.groups[body["logGroupName"]][body["logStreamName"]]
        except KeyError:
            raise ProblemError("ResourceNotFoundException") from None

    def _create_group(self, body):
        self.groups.setdefault(body["logGroupName"], {})

    def _create_stream(self, body):
        self.groups[body["logGroupName"]].setdefault(body["logStreamName"], [])

    def _put(self, body):
        stream = self._stream(body)
        stream += [(event["timestamp"], event["message"]) for event in body["logEvents"]]
        if self.lost:
            self.lost -= 1
            raise ConnectionAbortedError
        return {"nextSequenceToken": "1", **({"rejectedLogEventsInfo": self.rejected} if self.rejected else {})}

    def _get(self, body):
        page = [
            {"timestamp": timestamp, "message": message}
            for timestamp, message in self._stream(body)
            if body["startTime"] <= timestamp < body["endTime"]
        ]
        return {"events": [] if "nextToken" in body else page, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}


_METHODS = {
    "CreateLogGroup": "_create_group",
    "CreateLogStream": "_create_stream",
    "PutLogEvents": "_put",
    "GetLogEvents": "_get",
}


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet

    def do_POST(self):
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._answer(200, self.server.call(operation, body) or {})
        except ProblemError as problem:
            self._answer(problem.status, {"__type": problem.code, "message": problem.code})
        except ConnectionAbortedError:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status, answer):
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def logs(monkeypatch):
    """A small CloudWatch Logs; whoever asks it has credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    logs = Logs()
    yield logs
    logs.ill = lambda _: None
    logs.stop()


@pytest.fixture
def problem():
    return ProblemError
