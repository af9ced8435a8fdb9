"""The trace of a request through the whole platform, at both APIs."""

import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

import httpx
import pytest

from refapp.deploy.local.options import Options
from refapp.deploy.local.target import LocalTarget
from refapp.mesh.identity import INGRESS
from refapp.query.tracing import NoTracingError, Traces, expected_spans, steps
from refapp.topology import REFERENCE, Kind, Topology, Workload


def ask(platform, **headers):
    """Send a request; its id, and the answer."""
    request_id = str(uuid.uuid4())
    return request_id, httpx.get(platform.api, headers={"x-request-id": request_id, **headers}, timeout=30)


@pytest.mark.parametrize("api", ["jaeger", "zipkin"])
def test_a_request_leaves_the_trace_that_the_topology_tells(platform, api):
    expected = expected_spans(platform.topology)
    request_id, response = ask(platform)
    assert response.is_success
    trace = platform.traces.of_request(request_id, spans=expected.total(), api=api)
    assert steps(trace) == expected
    assert (len(trace.spans), len(trace.services)) == (16, 9)
    (root,) = trace.roots
    assert root.service == f"{INGRESS}.dev"
    for span in trace.spans:
        parent = trace.parent(span)
        assert parent is None or parent.start <= span.start
        assert parent is None or span.end <= parent.end + 2000  # clocks of two processes, in microseconds


def test_many_requests_at_once_have_a_trace_each(platform):
    ids = [ask(platform)[0] for _ in range(10)]
    expected = expected_spans(platform.topology)
    traces = [platform.traces.of_request(request_id, spans=expected.total()) for request_id in ids]
    assert len({trace.trace_id for trace in traces}) == len(ids)
    assert all(steps(trace) == expected for trace in traces)


def test_a_request_that_is_not_to_be_sampled_leaves_nothing(platform):
    sampled, _ = ask(platform)
    unsampled, response = ask(platform, **{"x-b3-sampled": "0"})
    assert response.is_success
    last, _ = ask(platform)
    for request_id in (sampled, last):  # whatever was sent between them has arrived, too
        platform.traces.of_request(request_id, spans=16)
    assert not platform.traces.search(tags={"guid:x-request-id": unsampled})


def test_the_trace_of_a_client_goes_on(platform):
    trace_id = uuid.uuid4().hex
    context = {"x-b3-traceid": trace_id, "x-b3-spanid": "00000000000000ab", "x-b3-sampled": "1"}
    ask(platform, **context)
    trace = platform.traces.wait(trace_id, spans=16)
    (root,) = trace.roots
    assert (root.service, root.parent_id) == (f"{INGRESS}.dev", context["x-b3-spanid"])


def test_a_fault_shows_in_the_span_where_it_befell(platform):
    with platform.fault("service-e", "service-g", grpc_status=14):
        request_id, response = ask(platform)
    assert response.status_code == 503
    trace = platform.traces.of_request(request_id)
    (span,) = (span for span in trace.spans if span.tags["response_flags"] == "FI")
    assert (span.service, span.kind, trace.children(span)) == ("service-e.dev", "CLIENT", ())
    while span:  # all those that waited for it failed, too
        assert span.error
        span = trace.parent(span)
    assert "service-g.dev" not in trace.services


def test_a_delay_shows_in_the_span_that_waits(platform):
    with platform.fault("service-b", "service-d", delay=0.3):
        request_id, _ = ask(platform)
    trace = platform.traces.of_request(request_id, spans=16)
    slow = [span for span in trace.spans if trace.self_time(span) >= 290_000]
    assert [(span.service, span.kind, span.tags["response_flags"]) for span in slow] == [
        ("service-b.dev", "CLIENT", "DI")
    ]


def test_traces_are_found_by_what_they_are(platform):
    request_id, _ = ask(platform)
    trace = platform.traces.of_request(request_id, spans=16)
    longest = max(span.duration for span in trace.spans) / 1000
    assert trace in list(platform.traces.search("service-g.dev", tags={"http.status_code": "200"}, limit=100))
    assert all(one.duration / 1000 >= longest for one in platform.traces.search(f"{INGRESS}.dev", min_duration=longest))
    assert {f"{name}.dev" for name in platform.topology.answer} < set(platform.traces.services())


def test_dependencies_are_the_calls(platform):
    since = datetime.now(UTC)  # before, others may have called Service A by gRPC-Web
    request_id, _ = ask(platform)
    platform.traces.of_request(request_id, spans=16)
    found = {(edge.parent, edge.child) for edge in platform.traces.dependencies(since=since).edges}
    calls = [(INGRESS, platform.topology.gateway.name), *platform.topology.calls]
    assert found == {(f"{caller}.dev", f"{callee}.dev") for caller, callee in calls}


@pytest.fixture
def small(tmp_path):
    """A platform of a gateway and one service, not yet started."""
    topology = Topology(
        (
            Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY, calls=("service-a",)),
            Workload(name="service-a", title="Service A", greeting="Hello, from Service A!"),
        )
    )
    target = LocalTarget(tmp_path, topology=topology)
    yield target
    target.stop()


def test_a_ninth_service_changes_the_expectation_by_itself():
    workloads = [replace(one, calls=("service-i",)) if one.name == "service-c" else one for one in REFERENCE]
    nine = Topology((*workloads, Workload(name="service-i", title="Service I")))
    added = expected_spans(nine) - expected_spans(REFERENCE)
    assert added == Counter(
        [("service-c.dev", "CLIENT", "service-c.dev"), ("service-c.dev", "SERVER", "service-i.dev")]
    )


def test_spans_go_to_an_external_collector(small):
    received = Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            received.put(self.path)
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        status = small.start(Options(zipkin=url))
        assert status.urls["zipkin"] == url
        assert "tracing" not in {pod.workload for pod in status.pods}
        assert received.get(timeout=30) == "/api/v2/spans"  # of the start's own request; Envoy sends spans in batches
        small.stop()
        server.shutdown()


def test_nothing_is_sampled_at_zero_per_cent(small):
    status = small.start(Options(sampling=0))
    traces = Traces(lambda: status.urls)
    httpx.get(f"{status.urls['ingress']}/api/greeting").raise_for_status()
    forced = str(uuid.uuid4())
    headers = {"x-request-id": forced, "x-b3-sampled": "1"}
    httpx.get(f"{status.urls['ingress']}/api/greeting", headers=headers).raise_for_status()
    trace = traces.of_request(forced, spans=4)
    assert list(traces.search()) == [trace]


def test_the_answer_tells_the_id_by_which_its_trace_is_found(platform):
    response = httpx.get(platform.api)
    trace = platform.traces.of_request(response.headers["x-request-id"], spans=16)
    assert steps(trace) == expected_spans(platform.topology)


def test_a_request_whose_id_is_no_uuid_is_traced_too(platform):
    request_id = f"request {uuid.uuid4()} of a test"
    ask(platform, **{"x-request-id": request_id})
    assert steps(platform.traces.of_request(request_id, spans=16)) == expected_spans(platform.topology)


def test_without_the_mesh_there_are_no_traces(small):
    status = small.start(Options(mesh=False))
    with pytest.raises(NoTracingError, match="runs without the mesh"):
        Traces(lambda: status.urls).services()
