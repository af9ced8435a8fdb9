"""The user interface as a workload of the mesh; what a browser does with it is in `browser`."""

import json
import uuid

import httpx
import pytest

from refapp.deploy.errors import DeployError
from refapp.mesh.identity import INGRESS, spiffe_id
from refapp.query.tracing import TraceNotFoundError
from refapp.query.tracing.expected import expected_spans


def spans_of(platform, trace_id):
    """The spans of a trace that have arrived so far."""
    try:
        return platform.traces.get(trace_id).spans
    except TraceNotFoundError:
        return ()


@pytest.fixture
def ui(platform):
    """A client of the user interface, by way of the edge."""
    with httpx.Client(base_url=platform.urls["ui"]) as client:
        yield client


def test_it_is_told_the_call_tree(platform, ui):
    told = ui.get("/config.json").json()
    assert [(one["name"], tuple(one["calls"])) for one in told["workloads"]] == [
        (workload.name, workload.calls) for workload in platform.topology if workload is not platform.topology.ui
    ]


def test_a_page_is_a_request_of_the_mesh(platform, ui, eventually):
    trace_id = uuid.uuid4().hex
    ui.get("/", headers={"x-b3-traceid": trace_id, "x-b3-spanid": trace_id[:16]}).raise_for_status()
    spans = eventually(lambda: spans_of(platform, trace_id), so=lambda found: len(found) == 2)
    assert {span.service for span in spans} == {"istio-ingressgateway.dev", "angular-ui.dev"}


def test_only_the_edge_may_call_it(platform, ui, eventually):
    ui.get("/").raise_for_status()
    called = 'istio_requests_total{reporter="destination",destination_app="angular-ui"}'
    found = eventually(lambda: platform.metrics.instant(called), so=len)
    assert set(found["source_principal"]) == {spiffe_id(INGRESS)}
    assert set(found["connection_security_policy"]) == {"mutual_tls"}


def test_an_entry_of_the_browser_s_log_is_a_line_of_its_log(platform, ui, eventually):
    ids = {"trace_id": uuid.uuid4().hex, "request_id": str(uuid.uuid4())}
    entry = {"level": 2, "message": "greeting received", "timestamp": "2026-01-01T00:00:00.000Z", "additional": [ids]}
    assert ui.post("/logs", json=entry).status_code == httpx.codes.NO_CONTENT
    query = f'filter log_processed.trace_id = "{ids["trace_id"]}" | display @logStream, @message'
    found = eventually(lambda: platform.logs.query(query, "application"), so=len, within=60)
    (row,) = found.to_dict("records")
    line = json.loads(row["@message"])["log_processed"]
    assert "angular-ui" in row["@logStream"]
    assert (line["level"], line["msg"], line["client"]) == ("info", "greeting received", True)
    assert line["request_id"] == ids["request_id"]


def test_its_log_is_as_talkative_as_it_is_told(platform, ui, eventually):
    word = uuid.uuid4().hex
    platform.set_log_level("angular-ui", "error")
    try:
        ui.post("/logs", json={"level": 2, "message": f"{word} info"}).raise_for_status()
        ui.post("/logs", json={"level": 5, "message": f"{word} error"}).raise_for_status()
        said = eventually(lambda: list(platform.logs.lines(workload="angular-ui", contains=word)))
        assert [line.msg for line in said] == [f"{word} error"]
    finally:
        platform.set_log_level("angular-ui", "info")


def test_the_trace_and_the_graph_are_those_of_the_notebooks(platform, ui, eventually):
    trace_id = uuid.uuid4().hex
    headers = {"x-b3-traceid": trace_id, "x-b3-spanid": trace_id[:16]}
    httpx.get(platform.api, headers=headers).raise_for_status()
    eventually(lambda: len(spans_of(platform, trace_id)) == sum(expected_spans(platform.topology).values()))
    (trace,) = ui.get(f"/traces/{trace_id}").json()["data"]
    shown = {(span["spanID"], span["duration"]) for span in trace["spans"]}
    # The two sides of a call have one id, and times of their own.
    assert shown == {(span.span_id, span.duration) for span in spans_of(platform, trace_id)}

    def edges():
        ui.get("/").raise_for_status()
        httpx.get(platform.api).raise_for_status()
        found = ui.get("/graph.json", params={"window": "30"}).json()["edges"]
        return {(edge["source"], edge["destination"]) for edge in found if edge["protocol"] != "tcp"}

    at_the_edge = {(INGRESS, "angular-ui"), (INGRESS, "rev-proxy")}
    eventually(edges, so=lambda found: found == at_the_edge | set(platform.topology.calls), within=60)


def test_a_fault_befalls_its_pages_alone(platform, ui, eventually):
    with platform.fault(INGRESS, "angular-ui", http_status=503):
        eventually(lambda: ui.get("/").status_code == httpx.codes.SERVICE_UNAVAILABLE)
        assert httpx.get(platform.api).is_success
        with platform.fault(INGRESS, "rev-proxy", http_status=418):  # the other one stays
            eventually(lambda: httpx.get(platform.api).status_code == httpx.codes.IM_A_TEAPOT)
            assert ui.get("/").status_code == httpx.codes.SERVICE_UNAVAILABLE
    eventually(lambda: ui.get("/").is_success and httpx.get(platform.api).is_success)


def test_its_pods_can_be_scaled_and_killed(platform, ui, pods_of, eventually):
    platform.scale("angular-ui", 2)
    try:
        first, _ = pods_of(platform, "angular-ui")
        platform.kill(first.name)
        eventually(lambda: sum(pod.restarts for pod in pods_of(platform, "angular-ui")) == 1)
        eventually(lambda: all(pod.ready for pod in pods_of(platform, "angular-ui")))
        assert all(ui.get("/").is_success for _ in range(20))
    finally:
        platform.scale("angular-ui", 1)
    assert all(ui.get("/").is_success for _ in range(20))


def test_a_page_of_another_origin_is_told_nothing(ui):
    asked = {"Origin": "http://evil.example.test", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in ui.options("/traces/x", headers=asked).headers
    assert "access-control-allow-origin" not in ui.get("/config.json", headers=asked).headers


def test_what_the_edge_does_not_lead_to_cannot_fail(platform):
    refused = pytest.raises(DeployError, match=r"does not call service-b; .* istio-ingressgateway → angular-ui")
    with refused, platform.fault(INGRESS, "service-b", http_status=503):
        pass
