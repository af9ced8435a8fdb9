"""What the tests of several backends share: a small CloudWatch Logs that may be unwell."""

import contextlib
import json
import socket
import threading
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

APPLICATION = "/aws/containerinsights/istio-observe-demo/application"
_DAY = 24 * 3600 * 1000


class ProblemError(Exception):
    """An error that the endpoint answers with."""

    def __init__(self, code, status=400):
        super().__init__(code)
        self.code, self.status = code, status


class Logs(ThreadingHTTPServer):
    """As much of CloudWatch Logs as the shipper and the agent use, with the limits of PutLogEvents.

    `ill` is called with the name of each operation and its request, and may sleep, or raise a ProblemError, or a
    ConnectionAbortedError as if the connection were lost. Of the next `lost` answers to PutLogEvents none arrives,
    though the events are taken. `rejected` is told of each batch and answers with its `rejectedLogEventsInfo`. With
    `sink` each is given to that as it comes, and nothing else is done.
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

    def messages(self, group=APPLICATION, stream=None):
        """The events' messages of a group or stream, in their order."""
        streams = [stream] if stream else sorted(self.groups.get(group, ()))
        return [json.loads(text) for name in streams for _, text in self.groups[group][name]]

    def events(self, kind=None):
        """All events that were taken, or the performance events of a type, as they were written."""
        found = [event for group in list(self.groups) for event in self.messages(group=group)]
        return [event for event in found if kind in (None, event.get("Type"))]

    @property
    def taken(self):
        """How many events there are."""
        return sum(len(events) for streams in list(self.groups.values()) for events in list(streams.values()))

    def lines(self, **where):
        return [message["log"] for message in self.messages(**where)]

    def call(self, operation, body):
        with self._lock:
            self.calls[operation] += 1
        self.ill(operation, body)
        with self._lock:
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
        except ConnectionAbortedError:
            self._hang_up()
            return
        if operation == "PutLogEvents" and status == 200 and self.server.lost > 0:
            self.server.lost -= 1
            self._hang_up()
            return
        text = json.dumps(answer or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _hang_up(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, operation, body):
        if self.server.sink:
            return self.server.sink(body)
        request = json.loads(body)
        with self.server.one_at_a_time(operation, request):
            return self.server.call(operation, request)

    def log_message(self, *_):
        pass


@pytest.fixture
def credentials(monkeypatch):
    """What boto3 needs before it asks anybody."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def logs(credentials):  # noqa: ARG001 - whoever asks it has some
    """An endpoint; one that takes its place is stopped by the test."""
    server = Logs()
    yield server
    server.ill = lambda *_: None
    server.stop()


@pytest.fixture(scope="session")
def problem():
    """An error of the endpoint."""
    return ProblemError
