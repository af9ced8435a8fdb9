import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ERROR = {"data": None, "total": 0, "limit": 0, "offset": 0}


@pytest.fixture
async def filled(collector, item, start):
    await collector.report(
        item("a", service="one", name="Get", kind="CLIENT", remote="two", tags={"http.status_code": "200", "k": "5"}),
        item("a", "2", service="two", name="Serve", kind="SERVER", parent="1", tags={"error": "boom"}, duration=1200),
        item("b", service="one", name="Put", timestamp=start + 1, duration=9000, tags={"error": "true"}),
        item("c", service="one", timestamp=start + 2, annotations=[{"timestamp": 5, "value": "retry"}], tags={
            "otlp.link.0": f"{'d' * 32}|{'e' * 16}||{{}}|0"
        }),
    )  # fmt: skip
    return collector


@pytest.mark.parametrize(
    ("params", "traces"),
    [
        ({}, "cba"),
        ({"limit": "2"}, "cb"),
        ({"operation": "Put"}, "b"),
        ({"tags": json.dumps({"http.status_code": "200"})}, "a"),
        ({"tag": "http.status_code:200"}, "a"),
        ({"tags": json.dumps({"error": "true"})}, "b"),
        ({"tags": json.dumps({"span.kind": "client"})}, "a"),
        ({"service": "two", "tags": json.dumps({"error": "true"})}, "a"),
        ({"service": "two", "minDuration": "1.2ms"}, "a"),
        ({"service": "two", "minDuration": "1201us"}, ""),
        ({"maxDuration": "1ms"}, "ca"),
        ({"service": "none"}, ""),
    ],
)
async def test_traces_are_found(filled, start, params, traces):
    params = {"service": "one", "start": str(start), "end": str(start + 2), "lookback": "custom"} | params
    status, answer = await filled.get("/api/traces", **params)
    assert (status, answer["errors"]) == (200, None)
    assert "".join(trace["traceID"][-1] for trace in answer["data"]) == traces


async def test_a_time_is_kept_to(filled, start):
    times = {"start": str(start + 1), "end": str(start + 1)}
    _, answer = await filled.get("/api/traces", service="one", **times)
    assert [trace["traceID"][-1] for trace in answer["data"]] == ["b"]
    assert (await filled.get("/api/traces", service="one"))[1]["data"] == []


async def test_the_shape_of_a_trace(filled, start):
    trace_id = "a".zfill(32)
    status, answer = await filled.get(f"/api/traces/{trace_id}")
    assert (status, answer["total"], answer["errors"]) == (200, 1, None)
    (trace,) = answer["data"]
    assert trace["processes"] == {"p1": {"serviceName": "one", "tags": []}, "p2": {"serviceName": "two", "tags": []}}
    client, server = trace["spans"]
    assert client == {
        "traceID": trace_id,
        "spanID": "1".zfill(16),
        "flags": 1,
        "operationName": "Get",
        "references": [],
        "startTime": start,
        "duration": 1000,
        "tags": [
            {"key": "peer.service", "type": "string", "value": "two"},
            {"key": "http.status_code", "type": "int64", "value": 200},
            {"key": "k", "type": "string", "value": "5"},
            {"key": "span.kind", "type": "string", "value": "client"},
        ],
        "logs": [],
        "processID": "p1",
        "warnings": None,
    }
    assert server["references"] == [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": "1".zfill(16)}]
    assert {"key": "error", "type": "string", "value": "boom"} in server["tags"]


async def test_links_logs_and_flags(filled):
    _, answer = await filled.get(f"/api/traces/{'c'.zfill(32)}")
    (span,) = answer["data"][0]["spans"]
    assert span["references"] == [{"refType": "FOLLOWS_FROM", "traceID": "d" * 32, "spanID": "e" * 16}]
    assert span["tags"] == []
    assert span["logs"] == [{"timestamp": 5, "fields": [{"key": "event", "type": "string", "value": "retry"}]}]
    _, answer = await filled.get(f"/api/traces/{'b'.zfill(32)}")
    assert answer["data"][0]["spans"][0]["tags"] == [{"key": "error", "type": "bool", "value": True}]


async def test_traces_by_their_ids(filled):
    _, answer = await filled.get("/api/traces", traceID="a".zfill(32))
    assert [len(trace["spans"]) for trace in answer["data"]] == [2]


async def test_names(filled):
    assert (await filled.get("/api/services"))[1]["data"] == ["one", "two"]
    assert (await filled.get("/api/services/one/operations"))[1]["data"] == ["", "Get", "Put"]
    _, answer = await filled.get("/api/operations", service="one", spanKind="client")
    assert (answer["data"], answer["total"]) == ([{"name": "Get", "spanKind": "client"}], 1)


async def test_dependencies(filled, start):
    times = {"endTs": str(start // 1000 + 1), "lookback": "1000"}
    links = [{"parent": "one", "child": "two", "callCount": 1}]
    assert (await filled.get("/api/dependencies", **times))[1]["data"] == links
    assert (await filled.get("/api/dependencies", service="x", **times))[1]["data"] == []


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("traces", 400, "parameter 'service' is required"),
        ("operations", 400, "parameter 'service' is required"),
        (f"traces/{'f' * 32}", 404, "trace not found"),
        ("traces/xyz", 400, "traceID is 'xyz': it must be 1 to 32 lower-case hexadecimal digits"),
        ("traces?service=a&tag=x", 400, "tag is 'x': it must be key:value"),
        ("traces?service=a&minDuration=2ms&maxDuration=1ms", 400, "maxDuration must not be shorter than minDuration"),
        ("traces?service=a&tags=[]", 400, 'tags must be an object of texts, such as {"http.status_code": "500"}'),
    ],
)
async def test_errors_have_their_shape(collector, path, status, message):
    assert await collector.get(f"/api/{path}") == (status, ERROR | {"errors": [{"code": status, "msg": message}]})


NAMES = ["service", "operation", "tags", "tag", "minDuration", "maxDuration", "start", "end", "limit", "traceID"]
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=st.dictionaries(st.sampled_from(NAMES), TEXT))
async def test_no_query_makes_the_server_fail(collector, params):
    for path in ("traces", "operations", "dependencies"):
        assert (await collector.get(f"/api/{path}", **params))[0] < 500
