"""The service as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent import futures

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from refapp.deploy.local.ports import Ports
from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.logs import LEVELS

REQUEST = greeting_pb2.GreetingRequest()
Status = health_pb2.HealthCheckResponse


class Process:
    """A running service, its log, and a channel to it."""

    def __init__(self, environ, directory, eventually):
        self._eventually = eventually
        self._directory = directory
        self._channel = None
        self._address = "" if environ["PORT"].endswith(":0") else environ["PORT"]
        with (directory / "out").open("wb") as out, (directory / "err").open("wb") as err:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "refapp.services.greeting"], env=environ, stdout=out, stderr=err
            )

    @property
    def lines(self):
        return [json.loads(line) for line in (self._directory / "out").read_bytes().split(b"\n")[:-1]]

    @property
    def stderr(self):
        return (self._directory / "err").read_text()

    def line(self, msg):
        """Waits for a line of the log."""

        def found():
            return [line for line in self.lines if line["msg"] == msg]

        return self._eventually(found)[-1]

    @property
    def channel(self):
        if self._channel is None:
            self._channel = grpc.insecure_channel(self._address or self.line("listening")["address"])
        return self._channel

    def greet(self, **options):
        call = greeting_pb2_grpc.GreetingServiceStub(self.channel).Greeting
        return call(REQUEST, timeout=20, **options).greeting

    def health(self):
        return health_pb2_grpc.HealthStub(self.channel).Check(health_pb2.HealthCheckRequest(), timeout=20).status

    def exit(self, number=None):
        """Waits for the exit code, after a signal."""
        if number:
            self.popen.send_signal(number)
        return self.popen.wait(20)

    def close(self):
        if self._channel:
            self._channel.close()
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()


@pytest.fixture
def start(tmp_path, eventually):
    processes = []

    def start(**environ):
        directory = tmp_path / str(len(processes))
        directory.mkdir()
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environ = inherited | {"PORT": "127.0.0.1:0", "POD_NAME": "service-a-1"} | environ
        processes.append(Process(environ, directory, eventually))
        return processes[-1]

    yield start
    for process in processes:
        process.close()


class Slow(greeting_pb2_grpc.GreetingServiceServicer):
    """Answers when it is let."""

    def __init__(self):
        self.arrived = threading.Event()
        self.go = threading.Event()
        self.cancelled = threading.Event()

    def Greeting(self, request, context):  # noqa: N802
        context.add_callback(self.cancelled.set)
        self.arrived.set()
        assert self.go.wait(20)
        return greeting_pb2.GreetingResponse(greeting=[request.greeting])


@pytest.fixture
def slow():
    slow = Slow()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    greeting_pb2_grpc.add_GreetingServiceServicer_to_server(slow, server)
    slow.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield slow
    slow.go.set()
    server.stop(None).wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_from_start_to_end(start, number):
    service = start()
    service.line("serving")
    (greeting,) = service.greet()
    assert (greeting.service, greeting.hostname) == ("Service A", "service-a-1")
    assert service.health() == Status.SERVING
    assert service.exit(number) == 0
    messages = [line["msg"] for line in service.lines]
    assert messages == ["listening", "serving", "greeting served", "draining", "stopped"]
    assert {(line["service"], line["pod"]) for line in service.lines} == {("service-a", "service-a-1")}
    assert service.stderr == ""


def test_two_services(start):
    b = start(SERVICE_NAME="Service B", GREETING="Namasté (नमस्ते), from Service B!")
    a = start(SERVICE_B_URL=b.line("listening")["address"])
    a.line("serving")
    assert [greeting.message for greeting in a.greet()] == [
        "Hello, from Service A!",
        "Namasté (नमस्ते), from Service B!",
    ]


def test_a_downstream_that_dies_and_comes_back(start, eventually):
    b = start(SERVICE_NAME="Service B")
    address = b.line("listening")["address"]
    a = start(SERVICE_B_URL=address)
    assert len(a.greet()) == 2
    b.popen.kill()
    b.popen.wait()
    with pytest.raises(grpc.RpcError) as caught:
        a.greet()
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details().startswith("service-a → service-b: ")
    assert a.line("greeting failed")["hop"] == "service-a → service-b"
    assert a.health() == Status.SERVING
    start(SERVICE_NAME="Service B", PORT=address)

    def back():
        try:
            return len(a.greet()) == 2
        except grpc.RpcError:
            return False

    eventually(back)
    assert a.exit(signal.SIGTERM) == 0
    assert a.stderr == ""


def test_a_request_that_runs_is_answered_before_the_end(start, slow):
    service = start(SERVICE_B_URL=slow.address)
    call = greeting_pb2_grpc.GreetingServiceStub(service.channel).Greeting.future(REQUEST, timeout=20)
    assert slow.arrived.wait(20)
    service.popen.terminate()
    service.line("draining")
    slow.go.set()
    assert len(call.result().greeting) == 2
    assert service.exit() == 0
    assert [line["msg"] for line in service.lines][-3:] == ["draining", "greeting served", "stopped"]
    assert service.stderr == ""


def test_a_request_that_does_not_end_is_given_up(start, slow):
    service = start(SERVICE_B_URL=slow.address)
    call = greeting_pb2_grpc.GreetingServiceStub(service.channel).Greeting.future(REQUEST, timeout=60)
    assert slow.arrived.wait(20)
    assert service.exit(signal.SIGTERM) == 0
    assert call.exception()
    assert service.line("greeting failed")["code"] == "CANCELLED"
    assert service.stderr == ""


def test_a_caller_that_gives_up(start, slow):
    service = start(SERVICE_B_URL=slow.address)
    call = greeting_pb2_grpc.GreetingServiceStub(service.channel).Greeting.future(REQUEST, timeout=60)
    assert slow.arrived.wait(20)
    call.cancel()
    assert slow.cancelled.wait(20)
    assert service.line("greeting failed")["code"] == "CANCELLED"
    assert service.exit(signal.SIGTERM) == 0
    assert service.stderr == ""
    assert [line for line in service.lines if "logger" in line] == []


@pytest.mark.parametrize(
    ("environ", "detail"),
    [
        ({"MONGO_CONN": "mongodb://127.0.0.1:1"}, None),
        ({"RABBITMQ_CONN": "amqp://127.0.0.1:1", "QUEUE_NAME": "q"}, "service-c → rabbitmq: Connection refused"),
        ({"MONGO_CONN": "mongodb://127.0.0.1:1", "RABBITMQ_CONN": "amqp://127.0.0.1:1", "QUEUE_NAME": "q"}, None),
    ],
)
def test_without_its_database_or_broker(start, environ, detail):
    service = start(SERVICE_NAME="Service C", **environ)
    assert service.health() == Status.NOT_SERVING
    if detail:
        with pytest.raises(grpc.RpcError) as caught:
            service.greet()
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNAVAILABLE, detail)
    else:  # a request without a greeting has nothing to be stored
        assert len(service.greet()) == 1
    assert service.exit(signal.SIGTERM) == 0
    assert service.stderr == ""


LOADED = """
import os, sys
from refapp.services import {modules}
from refapp.services.settings import Settings
from refapp.services.tracing import open_tracer
open_tracer(Settings.from_environ(os.environ))
print([name for name in ("pymongo", "aio_pika", "rich", "aiohttp", "opentelemetry", "requests") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("modules", "environ", "loaded"),
    [
        ("greeting", {}, []),
        ("greeting", {"TRACE_MESSAGES": "parent"}, []),
        ("greeting, store", {"MONGO_CONN": "mongodb://127.0.0.1:1"}, ["pymongo"]),
        ("greeting, publisher, consumer", {"MONGO_CONN": "mongodb://127.0.0.1:1"}, ["aio_pika"]),
        (
            "greeting",
            {"MONGO_CONN": "mongodb://127.0.0.1:1", "TRACE_MESSAGES": "parent"},
            ["opentelemetry", "requests"],
        ),
    ],
)
def test_libraries_are_loaded_by_role(modules, environ, loaded):
    command = [sys.executable, "-c", LOADED.format(modules=modules)]
    run = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True)
    assert run.stdout == f"{loaded}\n"


def test_an_address_that_is_taken(start):
    address = start().line("listening")["address"]
    second = start(PORT=address)
    assert second.exit() == 1
    (line,) = second.lines
    assert (line["level"], line["msg"]) == ("fatal", "not started")
    assert address in line["detail"]
    assert second.stderr == ""


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LOG_LEVEL": "loud"}, ", ".join(LEVELS)),
        ({"PORT": "50051"}, "PORT"),
        ({"FANOUT": "both"}, "FANOUT"),
        ({"TRACE_MESSAGES": "both"}, "parent, link"),
        ({"DEADLINE_SECONDS": "0"}, "DEADLINE_SECONDS"),
    ],
)
def test_a_broken_setting(start, environ, said):
    service = start(**environ)
    assert service.exit() == 2
    assert said in service.stderr
    assert service.stderr.count("\n") == 1
    assert service.lines == []


@pytest.mark.parametrize("level", LEVELS)
def test_log_level(start, level):
    service = start(LOG_LEVEL=level, PORT=f"127.0.0.1:{Ports().take()}")
    service.greet(wait_for_ready=True, metadata=(("x-request-id", "1"),))
    assert service.exit(signal.SIGTERM) == 0
    seen = {line["msg"] for line in service.lines if line.get("logger") is None}
    lowest = LEVELS.index(level)
    assert ("headersIn" in seen) == (lowest <= LEVELS.index("debug"))
    assert ("greeting served" in seen) == (lowest <= LEVELS.index("info"))
    assert all(LEVELS.index(line["level"]) >= lowest for line in service.lines)


def test_the_level_of_a_running_process_follows_its_file(start, tmp_path, eventually):
    file = tmp_path / "log-level"
    file.write_text("info\n")
    service = start(LOG_LEVEL_FILE=str(file))
    service.line("serving")
    service.greet(metadata=(("x-request-id", "1"),))
    file.write_text("debug\n")
    eventually(lambda: service.line("log level set")["log_level"] == "debug")
    service.greet(metadata=(("x-request-id", "2"),))
    headers = [line["headers"]["x-request-id"] for line in service.lines if line["msg"] == "headersIn"]
    assert headers == ["2"]
    file.write_text("loud\n")
    assert ", ".join(LEVELS) in service.line("log level not changed")["detail"]
    service.greet(metadata=(("x-request-id", "3"),))
    assert service.exit(signal.SIGTERM) == 0


def test_a_reader_of_the_log_that_goes_away():
    read, write = os.pipe()
    environ = {"PORT": "127.0.0.1:0", "PATH": os.environ["PATH"]}
    process = subprocess.Popen([sys.executable, "-m", "refapp.services.greeting"], env=environ, stdout=write)
    os.close(write)
    with os.fdopen(read) as log:
        address = json.loads(log.readline())["address"]
    with grpc.insecure_channel(address) as channel:
        for _ in range(3):
            greeting_pb2_grpc.GreetingServiceStub(channel).Greeting(REQUEST, timeout=20, wait_for_ready=True)
    process.terminate()
    assert process.wait(20) == 0
