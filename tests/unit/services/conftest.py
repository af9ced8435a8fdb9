"""What the tests of the services share: logs, a service to call, a gateway, and library.proto's service.

The latter has every form of rule and of field that the transcoding knows.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import aiohttp
import grpc.aio
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.downstream import Callee, Fanout
from refapp.services.gateway import Gateway, listen, server_runner
from refapp.services.roles import Role
from refapp.services.server import Server
from refapp.services.servicer import GreetingService
from refapp.services.settings import GatewaySettings, Settings
from refapp.services.transcoding import Binding, Transcoder

HERE = Path(__file__).parent


class Running:
    """A gateway that listens on loopback, and a client of it."""

    def __init__(self, gateway, runner):
        self.gateway = gateway
        self.runner = runner
        self.address = runner.addresses[0][:2]
        self.client = aiohttp.ClientSession(f"http://127.0.0.1:{self.address[1]}", auto_decompress=False)

    async def ask(self, path="/api/greeting", *, method="GET", **kwargs):
        """The status, the JSON body and the headers of the answer."""
        async with self.client.request(method, path, **kwargs) as response:
            return response.status, await response.json() if method != "HEAD" else None, response.headers


@dataclass(frozen=True)
class Library:
    file: FileDescriptor
    transcoder: Transcoder

    @property
    def service(self) -> ServiceDescriptor:
        return self.file.services_by_name["Library"]

    def binding(self, rpc: str) -> Binding:
        return next(binding for binding in self.transcoder.bindings if binding.method.name == rpc)

    def message(self, name: str, /, **fields: object) -> Message:
        """A message whose fields are given in the JSON form."""
        return ParseDict(fields, GetMessageClass(self.file.message_types_by_name[name])())

    def book(self, /, **fields: object) -> Message:
        return self.message("Book", **fields)

    def request(self, http_method: str, path: str, query: str = "", body: bytes = b"") -> Message:
        return self.transcoder.call(http_method, path, query, body).request


@pytest.fixture
def process():
    """Runs a module as a process, which is ended with the block."""

    @contextlib.asynccontextmanager
    async def process(module, **environ):
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            env=os.environ | {"PORT": "127.0.0.1:0"} | environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(60):
                yield running
        finally:
            if running.returncode is None:
                running.kill()
            await running.communicate()

    return process


@pytest.fixture
def line():
    """The next line of a process's log with some message."""

    async def line(running, msg):
        while raw := await running.stdout.readline():
            if (read := json.loads(raw))["msg"] == msg:
                return read
        pytest.fail(f"no line {msg!r}; stderr: {await running.stderr.read()!r}")

    return line


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    out = tmp_path_factory.mktemp("library") / "descriptors"
    well_known = Path(find_spec("grpc_tools").origin).parent / "_proto"
    vendored = HERE.parents[2] / "protos" / "third_party" / "googleapis"
    paths = [f"--proto_path={path}" for path in (HERE, well_known, vendored)]
    assert protoc.main(["protoc", *paths, f"--descriptor_set_out={out}", "library.proto"]) == 0
    (file,) = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    for dependency in file.dependency:
        import_module(dependency.removesuffix(".proto").replace("/", ".") + "_pb2")
    descriptor = descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return Library(descriptor, Transcoder([descriptor.services_by_name["Library"]]))


@pytest.fixture
async def callee():
    """Starts services that answer as a coroutine function of request and context says; returns their addresses."""
    servers = []

    async def start(greet):
        class Servicer(greeting_pb2_grpc.GreetingServiceServicer):
            async def Greeting(self, request, context):  # noqa: N802
                return await greet(request, context)

        server = grpc.aio.server()
        servers.append(server)
        greeting_pb2_grpc.add_GreetingServiceServicer_to_server(Servicer(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        await server.stop(None)


@pytest.fixture
def says():
    """Makes what a service answers: one greeting for each of some names."""

    def says(*names):
        async def greet(_request, _context):
            return greeting_pb2.GreetingResponse(greeting=[greeting_pb2.Greeting(service=name) for name in names])

        return greet

    return says


@pytest.fixture
async def service():
    """Starts a service with a role and downstreams, and returns the call to it."""
    environment = {"PORT": "127.0.0.1:0", "POD_NAME": "service-a-1", "GREETING": "Namasté (नमस्ते)"}
    ends = []

    async def start(*targets, role=None, **environ):
        urls = {f"SERVICE_{chr(ord('B') + i)}_URL": target for i, target in enumerate(targets)}
        settings = Settings.from_environ(environment | urls | environ)
        fanout = Fanout([Callee(settings.slug, each) for each in settings.downstreams], concurrent=True)
        server = Server(GreetingService(settings, role or Role(), fanout), settings.address)
        channel = grpc.aio.insecure_channel(await server.start())
        ends.extend((channel.close(), server.drain(0), fanout.close()))
        return greeting_pb2_grpc.GreetingServiceStub(channel).Greeting

    yield start
    for end in ends:
        await end


@pytest.fixture
async def start_gateway():
    """Starts gateways to a gRPC target."""
    started = []

    async def start_gateway(target, *, grace=5.0, services=None, **environ):
        read = GatewaySettings.from_environ({"SERVICE_A_URL": target, "PORT": "127.0.0.1:0", **environ})
        gateway = Gateway(read) if services is None else Gateway(read, services)
        runner = server_runner(gateway, grace)
        await listen(runner, read)
        started.append(Running(gateway, runner))
        return started[-1]

    yield start_gateway
    for running in started:
        await running.client.close()
        await running.runner.cleanup()
        await running.gateway.close()


class Collector:
    """Takes spans by OTLP. `status` is what it answers, once the gate is open."""

    def __init__(self):
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(handler):  # noqa: N805
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.requests.append((handler.path, handler.headers, ExportTraceServiceRequest.FromString(body)))
                self.gate.wait()
                handler.send_response(self.status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(handler, *_):  # noqa: N805
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def names(self):
        """The names of the spans that came."""
        resources = [resource for *_, request in self.requests for resource in request.resource_spans]
        return [span.name for resource in resources for scope in resource.scope_spans for span in scope.spans]

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def unreachable():
    """The address of a port that is taken, and at which nobody listens."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"
