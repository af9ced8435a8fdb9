"""A gateway and a service as processes, each behind a real Envoy, and an Envoy at the edge."""

import json
import os
import socketserver
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from refapp.deploy.local.ports import Ports
from refapp.mesh import MONGODB, Address, Edge, Mesh, Pod, configuration
from refapp.mesh.envoy import EnvoyNotFoundError, arguments, binary
from refapp.topology import Kind, Topology, Workload

TOPOLOGY = Topology(
    (
        Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY, calls=("service-a",)),
        Workload(name="service-a", title="Service A", database="service-a"),
    )
)


@dataclass
class Running:
    """The mesh, its parts, and the processes' logs."""

    mesh: Mesh
    gateway: Pod
    service: Pod
    replica: Pod
    edge: Edge
    stack: ExitStack
    spans: list = field(default_factory=list)

    @property
    def api(self):
        """The URL of the API at the edge."""
        return f"http://127.0.0.1:{self.edge.public.port}/api/greeting"

    def start(self, name):
        """Start the Envoy of a pod whose configuration is written."""
        _start(self.stack, arguments(self.mesh.bootstrap(name)), self.mesh.directory / f"{name}.log")


class Echo(socketserver.StreamRequestHandler):
    """Stands for a database: it sends each line back."""

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Collector(BaseHTTPRequestHandler):
    """Keeps the spans that it is sent."""

    protocol_version = "HTTP/1.1"
    spans: list

    def do_POST(self):
        self.spans += json.loads(b"".join(self._chunks()))
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def _chunks(self):
        # Envoy does not tell the length beforehand.
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_):
        """Say nothing."""


def _serve(stack, server):
    stack.enter_context(server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return Address(*server.server_address)


def _start(stack, command, log, **environment):
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=os.environ | environment
        )
    stack.callback(process.wait)
    stack.callback(process.terminate)


@pytest.fixture(scope="session")
def mesh(tmp_path_factory, eventually):
    """The running mesh."""
    try:
        binary()
    except EnvoyNotFoundError as error:
        pytest.skip(str(error))
    directory = tmp_path_factory.mktemp("mesh")
    ports = Ports()

    def address():
        return Address("127.0.0.1", ports.take())

    gateway = Pod(
        name="rev-proxy-0",
        workload="rev-proxy",
        application=address(),
        inbound=address(),
        metrics=address(),
        outbound={"service-a": address()},
    )
    service = Pod(
        name="service-a-0",
        workload="service-a",
        application=address(),
        inbound=address(),
        metrics=address(),
        outbound={MONGODB: address()},
    )
    edge = Edge(public=address(), metrics=address(), allowed_origins=("http://ui.example.test",))
    # The replica is another sidecar before the same application.
    replica = replace(service, name="service-a-1", inbound=address(), metrics=address(), outbound={MONGODB: address()})
    with ExitStack() as stack:
        spans = []
        shared = Mesh(
            topology=TOPOLOGY,
            directory=directory,
            stores={MONGODB: _serve(stack, socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo))},
            collector=_serve(
                stack,
                ThreadingHTTPServer(("127.0.0.1", 0), type("Keeping", (Collector,), {"spans": spans})),
            ),
        )
        running = Running(shared, gateway, service, replica, edge, stack, spans)
        configuration.write(shared, [gateway, service], edge)
        configuration.write_sidecar(shared, replica)
        _start(
            stack,
            [sys.executable, "-m", "refapp.services.greeting"],
            directory / "service-a.log",
            PORT=f"127.0.0.1:{service.application.port}",
            SERVICE_NAME="Service A",
        )
        _start(
            stack,
            [sys.executable, "-m", "refapp.services.gateway"],
            directory / "rev-proxy.log",
            PORT=f"127.0.0.1:{gateway.application.port}",
            SERVICE_A_URL=f"127.0.0.1:{gateway.outbound['service-a'].port}",
        )
        for name in (gateway.name, service.name, replica.name, edge.name):
            running.start(name)
        eventually(lambda: _answers(running.api))
        yield running


def _answers(url):
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
