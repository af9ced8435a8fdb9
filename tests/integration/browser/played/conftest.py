"""A site to look at: the user interface, with what is behind it played by small servers.

What these answer is always the same. Answers that a platform gives seldom are put in by the browser.
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from importlib import resources

import aiohttp
import pytest
from aiohttp import web

from refapp.deploy.local import frontend
from refapp.mesh.identity import INGRESS
from refapp.topology import REFERENCE


async def api(_request):
    """The gateway's answer."""
    greetings = [
        {
            "id": f"00000000-0000-4000-8000-{place:012}",
            "service": REFERENCE[name].title,
            "message": REFERENCE[name].greeting,
            "created": "2026-11-29T13:00:00.123456Z",
            "hostname": f"{name}-7d4b9c6f5-abcde",
        }
        for place, name in enumerate(REFERENCE.answer)
    ]
    return web.json_response({"greeting": greetings})


async def jaeger(request):
    """A trace of three spans with whatever id is asked for."""
    trace_id = request.path.rpartition("/")[2]
    names = (f"{INGRESS}.dev", "rev-proxy.dev", "service-a.dev")
    spans = [
        {
            "traceID": trace_id,
            "spanID": f"{place + 1:016x}",
            "operationName": f"{name.partition('.')[0]}.dev.svc.cluster.local:80/*",
            "references": [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": f"{place:016x}"}] if place else [],
            "startTime": 1_700_000_000_000_000 + 1000 * place,
            "duration": 9000 - 2000 * place,
            "tags": [{"key": "span.kind", "type": "string", "value": "server"}],
            "logs": [],
            "processID": f"p{place}",
        }
        for place, name in enumerate(names)
    ]
    processes = {f"p{place}": {"serviceName": name, "tags": []} for place, name in enumerate(names)}
    trace = {"traceID": trace_id, "spans": spans, "processes": processes, "warnings": None}
    return web.json_response({"data": [trace], "total": 0, "limit": 0, "offset": 0, "errors": None})


async def prometheus(request):
    """Traffic on every edge, and on one from a service to its database."""
    query = request.query["query"]
    entrances = [(INGRESS, name, "http") for name in (REFERENCE.ui.name, REFERENCE.gateway.name)]
    calls = [*entrances, *((*call, "grpc") for call in REFERENCE.calls)]
    result = []
    for source, destination, protocol in calls if "tcp" not in query else [("service-c", "mongodb", "tcp")]:
        store = destination == "mongodb"
        labels = {
            "reporter": "source" if store else "destination",
            "source_workload": source,
            "source_workload_namespace": "dev",
            "destination_workload": "unknown" if store else destination,
            "destination_workload_namespace": "unknown" if store else "dev",
            "destination_service_name": destination,
            "request_protocol": protocol,
            "response_code": "200",
            "connection_security_policy": "unknown" if store else "mutual_tls",
        }
        result.append({"metric": labels, "value": [1.5, "12.5"]})
    return web.json_response({"status": "success", "data": {"resultType": "vector", "result": result}})


def ingress(ui):
    """The handler of the edge: the API is the gateway's, everything else the user interface's."""
    openapi = resources.files("refapp.pb.greeting.v3").joinpath("greeting.swagger.json").read_bytes()

    async def handle(request):
        if request.path == "/api/greeting":
            return await api(request)
        if request.path == "/openapi.json":
            return web.Response(body=openapi, content_type="application/json")
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                f"{ui}{request.path_qs}",
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            kept = {name: value for name, value in answer.headers.items() if name != "Transfer-Encoding"}
            return web.Response(body=await answer.read(), status=answer.status, headers=kept)

    return handle


BEHIND = {"jaeger": jaeger, "prometheus": prometheus}


@contextmanager
def user_interface(environ):
    """The origin of the user interface's own process, and the lines of its log so far."""
    process = subprocess.Popen(
        [sys.executable, "-m", "refapp.services.ui.server"],
        env=os.environ | {"PORT": "127.0.0.1:0", "POD_NAME": "angular-ui-1"} | environ,
        stdout=subprocess.PIPE,
    )
    lines = []
    try:
        first = json.loads(process.stdout.readline())
        assert first["msg"] == "listening", first
        reader = threading.Thread(target=lambda: lines.extend(map(json.loads, iter(process.stdout.readline, b""))))
        reader.start()
        yield f"http://{first['addresses'][0]}", lines
    finally:
        process.terminate()
        process.wait(30)
    reader.join()
    process.stdout.close()


@pytest.fixture(scope="session")
def played(servers):
    """The site that small servers play: its origin, and the lines of the user interface's log."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(servers.serving(handle)) for name, handle in BEHIND.items()}
        ui, lines = stack.enter_context(user_interface(frontend.environment(REFERENCE, urls, "info")))
        yield stack.enter_context(servers.serving(ingress(ui))), lines


@pytest.fixture
def site(played):
    """The origin of the site to look at."""
    return played[0]


@pytest.fixture
def log(played):
    """The lines of the user interface's log."""
    return played[1]
