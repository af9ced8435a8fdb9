"""What the tests of the shipper share: a small CloudWatch Logs that may be unwell, containers, and a shipper."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.shipper import stream
from refapp.backends.shipper.checkpoints import Checkpoints
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.endpoint import Endpoint
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.shipper import Shipper
from refapp.backends.shipper.stream import Services
from refapp.deploy.local.containerlog import ContainerLog, Rotation

POD = "dev_service-a-69d7469cbf-ts4t7_0f6a1b2c"
APPLICATION = "/aws/containerinsights/istio-observe-demo/application"
_DAY = 24 * 3600 * 1000


class ProblemError(Exception):
    """An error that the endpoint answers with."""

    def __init__(self, code, status=400):
        super().__init__(code)
        self.code, self.status = code, status


class Logs(ThreadingHTTPServer):
    """As much of CloudWatch Logs as the shipper uses, with the limits of PutLogEvents.

    `ill` is called with the name of each operation and its request, and may raise a ProblemError, or sleep. Of the next
    `lost` answers to PutLogEvents none arrives, though the events are taken. `rejected` is told of each batch and
    answers with its `rejectedLogEventsInfo`. With `sink` each is given to that as it comes, and nothing else is done.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), _Requests)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.groups = defaultdict(dict)
        self.calls = Counter()
        self.ill = lambda *_: None
        self.rejected = lambda _: {}
        self.lost = 0
        self.sink = None
        self.most_at_a_time = 0
        self._operations = {
            "CreateLogGroup": self._create_group,
            "CreateLogStream": self._create_stream,
            "PutLogEvents": self._put,
            "GetLogEvents": self._get,
        }
        self._busy = Counter()
        self._lock = threading.Lock()
        self._connections = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        """As if killed: whoever waits for an answer gets none."""
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

    def messages(self, group=APPLICATION, stream=None):
        """The events' messages of a group or stream, in their order."""
        streams = [stream] if stream else sorted(self.groups.get(group, ()))
        return [json.loads(text) for name in streams for _, text in self.groups[group][name]]

    @property
    def taken(self):
        """How many events there are."""
        return sum(len(events) for streams in list(self.groups.values()) for events in list(streams.values()))

    def lines(self, **where):
        return [message["log"] for message in self.messages(**where)]

    def call(self, operation, body):
        self.ill(operation, body)
        with self._lock:
            self.calls[operation] += 1
            return self._operations[operation](body)

    @contextlib.contextmanager
    def one_at_a_time(self, operation, body):
        stream = body.get("logStreamName")
        if operation == "PutLogEvents":
            self._busy[stream] += 1
            self.most_at_a_time = max(self.most_at_a_time, self._busy[stream])
        try:
            yield
        finally:
            if operation == "PutLogEvents":
                self._busy[stream] -= 1

    def process_request(self, request, client_address):
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Say nothing of a client that was killed."""

    def _stream(self, body):
        try:
            return self.groups[body["logGroupName"]][body["logStreamName"]]
        except KeyError:
            raise ProblemError("ResourceNotFoundException") from None

    def _create_group(self, body):
        if body["logGroupName"] in self.groups:
            raise ProblemError("ResourceAlreadyExistsException")
        self.groups[body["logGroupName"]] = {}

    def _create_stream(self, body):
        if body["logStreamName"] in self.groups[body["logGroupName"]]:
            raise ProblemError("ResourceAlreadyExistsException")
        self.groups[body["logGroupName"]][body["logStreamName"]] = []

    def _put(self, body):
        stream = self._stream(body)
        events = [(event["timestamp"], event["message"]) for event in body["logEvents"]]
        times = [time for time, _ in events]
        size = sum(len(message.encode()) + 26 for _, message in events)
        largest = max(len(message.encode()) for _, message in events)
        if not 0 < len(events) <= 10_000 or size > 1_048_576 or largest > 1_000_000:
            raise ProblemError("InvalidParameterException")
        if times != sorted(times) or times[-1] - times[0] >= _DAY:
            raise ProblemError("InvalidParameterException")
        rejected = self.rejected(events)
        first = max(rejected.get("tooOldLogEventEndIndex", 0), rejected.get("expiredLogEventEndIndex", 0))
        stream.extend(events[first : rejected.get("tooNewLogEventStartIndex", len(events))])
        return {"rejectedLogEventsInfo": rejected} if rejected else {}

    def _get(self, body):
        since, until = body.get("startTime", 0), body.get("endTime", 2**62)
        events = sorted(
            (event for event in self._stream(body) if since <= event[0] < until), key=lambda event: event[0]
        )
        start = int(body["nextToken"].removeprefix("f/")) if "nextToken" in body else 0
        page = events[start : start + min(body["limit"], 1000)]
        return {
            "events": [{"timestamp": timestamp, "message": message} for timestamp, message in page],
            "nextForwardToken": f"f/{start + len(page)}",
        }


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            answer, status = self._answer(operation, body), 200
        except ProblemError as problem:
            answer, status = {"__type": problem.code, "message": problem.code}, problem.status
        if operation == "PutLogEvents" and status == 200 and self.server.lost > 0:
            self.server.lost -= 1
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        text = json.dumps(answer or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _answer(self, operation, body):
        if self.server.sink:
            return self.server.sink(body)
        request = json.loads(body)
        with self.server.one_at_a_time(operation, request):
            return self.server.call(operation, request)

    def log_message(self, *_):
        pass


@pytest.fixture(autouse=True)
def _credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(stream, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(stream, "_LONGEST_PAUSE", 0.1)


@pytest.fixture
def logs():
    """An endpoint; one that takes its place is stopped by the test."""
    server = Logs()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def problem():
    """An error of the endpoint."""
    return ProblemError


@pytest.fixture
def environ(tmp_path, logs):
    """The environment of a shipper that loses no time."""
    return {
        "PORT": "127.0.0.1:0",
        "LOGS": str(tmp_path / "pods"),
        "STATE": str(tmp_path / "state"),
        "ENDPOINT": logs.url,
        "REGION": "us-east-1",
        "FLUSH": "0.01",
        "POLL": "0.01",
        "SETTLE": "0.05",
        "TIMEOUT": "20",
        "GRACE": "20",
    }


class Container(ContainerLog):
    """The log of a container that says something."""

    def say(self, lines):
        self.write("stdout", "".join(f"{line}\n" for line in lines).encode())

    def is_seen(self):
        """Whether its file was seen, as each is by a look a second at files of 10 MiB."""
        return self.path.stat().st_nlink == 2


@pytest.fixture
def container(tmp_path):
    """Begins the log of a container."""
    opened = []

    def container(name="service-a", *, pod=POD, run=0, **rotation):
        path = tmp_path / "pods" / pod / name / f"{run}.log"
        log = Container(path, Rotation(**rotation))
        opened.append(log)
        return log

    yield container
    for log in opened:
        with contextlib.suppress(OSError):
            log.close()


class Running:
    """A shipper that runs in this process, and what it counts."""

    def __init__(self, shipper, services):
        self.shipper, self.services = shipper, services

    def sent(self):
        """How many events the shipper knows to be taken."""
        return self.value("fluentbit_output_proc_records_total")

    def value(self, metric, **labels):
        """The sum of a metric over all series that have these labels."""
        families = text_string_to_metric_families(self.services.counters.text().decode())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )


@pytest.fixture
def shipping(environ):
    """Ships while a block runs, with changes to the environment; ends as it does at a signal."""

    @asynccontextmanager
    async def shipping(**changes):
        settings = ShipperSettings.from_environ({**environ, **changes})
        endpoint = Endpoint(
            url=settings.endpoint, region=settings.region, connections=settings.connections, timeout=settings.timeout
        )
        with Checkpoints(settings.state / "checkpoints.db") as checkpoints:
            services = Services(endpoint, checkpoints, Counters(), settings.cluster, settings.settle)
            shipper = Shipper(settings, services)
            task = asyncio.create_task(shipper.run())
            try:
                yield Running(shipper, services)
            finally:
                task.cancel()
                await asyncio.wait([task])
                await shipper.end()
                endpoint.close()

    return shipping


@pytest.fixture(scope="session")
def until():
    """Wait, in a test that is a coroutine, until a value is as it has to be; one that never is fails the test."""

    async def until(asked, *, so=bool, within=30):
        deadline = time.monotonic() + within
        while not so(value := asked()):
            if time.monotonic() > deadline:
                pytest.fail(f"not within {within} s; the last value was {str(value)[:2000]}")
            await asyncio.sleep(0.01)
        return value

    return until


@pytest.fixture(scope="session")
def numbered():
    """Lines that can be told from each other: from one number to before another."""
    return lambda first, last: [f"line {number}" for number in range(first, last)]


@pytest.fixture
def pods(tmp_path):
    """The directory of the containers' logs."""
    return Path(tmp_path / "pods")
