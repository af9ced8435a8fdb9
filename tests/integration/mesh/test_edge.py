"""The edge of the mesh, and what can be changed while it runs."""

import base64
import struct

import httpx
import pytest

from refapp.mesh import configuration
from refapp.mesh.envoy.routes import Fault
from refapp.pb.greeting.v3 import greeting_pb2

ALLOWED = "http://ui.example.test"
FOREIGN = "http://elsewhere.example.test"


def preflight(mesh, origin):
    headers = {"origin": origin, "access-control-request-method": "GET"}
    return httpx.options(mesh.api, headers=headers)


def test_an_allowed_origin_may_ask(mesh):
    answer = preflight(mesh, ALLOWED)
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "x-request-id" in answer.headers["access-control-allow-headers"]
    assert httpx.get(mesh.api, headers={"origin": ALLOWED}).headers["access-control-allow-origin"] == ALLOWED


def test_a_foreign_origin_may_not(mesh):
    assert "access-control-allow-origin" not in preflight(mesh, FOREIGN).headers
    assert "access-control-allow-origin" not in httpx.get(mesh.api, headers={"origin": FOREIGN}).headers


def test_only_the_api_is_public(mesh):
    base = f"http://127.0.0.1:{mesh.edge.public.port}"
    assert httpx.get(f"{base}/openapi.json").is_success
    assert httpx.get(f"{base}/healthz").status_code == httpx.codes.NOT_FOUND
    assert httpx.get(f"{base}/apis").status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("text", [False, True])
def test_a_browser_calls_service_a(mesh, text):
    url = f"http://127.0.0.1:{mesh.edge.public.port}/greeting.v3.GreetingService/Greeting"
    message = greeting_pb2.GreetingRequest().SerializeToString()
    body = struct.pack(">BI", 0, len(message)) + message
    kind = "application/grpc-web-text" if text else "application/grpc-web+proto"
    content = base64.b64encode(body) if text else body
    answer = httpx.post(url, content=content, headers={"content-type": kind, "accept": kind, "origin": ALLOWED})
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    data = base64.b64decode(answer.content) if text else answer.content
    size = struct.unpack(">I", data[1:5])[0]
    response = greeting_pb2.GreetingResponse.FromString(data[5 : 5 + size])
    assert [greeting.service for greeting in response.greeting] == ["Service A"]


def test_a_call_is_aborted_until_the_fault_ends(mesh, eventually):
    configuration.write_route(mesh.mesh, "rev-proxy", "service-a", Fault(grpc_status=14))
    try:
        eventually(lambda: httpx.get(mesh.api).status_code == httpx.codes.SERVICE_UNAVAILABLE)
    finally:
        configuration.write_route(mesh.mesh, "rev-proxy", "service-a")
    eventually(lambda: httpx.get(mesh.api).is_success)


def test_a_call_is_delayed(mesh, eventually):
    configuration.write_route(mesh.mesh, "rev-proxy", "service-a", Fault(delay=0.2))
    try:
        eventually(lambda: httpx.get(mesh.api).elapsed.total_seconds() >= 0.2)
    finally:
        configuration.write_route(mesh.mesh, "rev-proxy", "service-a")
    eventually(lambda: httpx.get(mesh.api).elapsed.total_seconds() < 0.2)


def test_the_api_is_aborted_at_the_edge(mesh, eventually):
    configuration.write_edge_routes(mesh.mesh, mesh.edge, {"rev-proxy": Fault(http_status=418)})
    try:
        eventually(lambda: httpx.get(mesh.api).status_code == httpx.codes.IM_A_TEAPOT)
    finally:
        configuration.write_edge_routes(mesh.mesh, mesh.edge)
    eventually(lambda: httpx.get(mesh.api).is_success)


def test_no_replica_is_an_error_of_the_hop(mesh, eventually):
    configuration.write_endpoints(mesh.mesh, "service-a", [])
    try:
        eventually(lambda: httpx.get(mesh.api).status_code == httpx.codes.SERVICE_UNAVAILABLE)
    finally:
        configuration.write_endpoints(mesh.mesh, "service-a", [mesh.service])
    eventually(lambda: httpx.get(mesh.api).is_success)
