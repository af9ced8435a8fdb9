import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.tracing.store import Term
from refapp.backends.tracing.zipkin import parse_annotation_query

PATHS = ["traces", "services", "spans", "remoteServices", "trace/1", "traceMany", "dependencies", "autocompleteValues"]
PARAMETERS = ["serviceName", "spanName", "annotationQuery", "minDuration", "maxDuration", "endTs", "lookback", "limit"]


@pytest.fixture
async def filled(collector, item, start):
    await collector.report(
        item("a", service="one", name="get", kind="CLIENT", remote="two", tags={"http.method": "GET"}),
        item("a", "2", service="two", name="serve", kind="SERVER", parent="1", tags={"error": "x"}, duration=50),
        item("b", service="one", name="put", timestamp=start + 1, duration=9000, tags={"http.method": "PUT"}),
    )
    return collector


async def found(collector, start, **params):
    status, traces = await collector.get("/api/v2/traces", endTs=str(start // 1000 + 1), **params)
    assert status == 200
    return "".join(trace[0]["traceId"][-1] for trace in traces)


@pytest.mark.parametrize(
    ("params", "traces"),
    [
        ({}, "ba"),
        ({"limit": "1"}, "b"),
        ({"serviceName": "two"}, "a"),
        ({"serviceName": "one", "spanName": "put"}, "b"),
        ({"serviceName": "one", "spanName": "all", "remoteServiceName": "all"}, "ba"),
        ({"remoteServiceName": "two"}, "a"),
        ({"annotationQuery": "http.method"}, "ba"),
        ({"annotationQuery": "http.method=PUT"}, "b"),
        ({"annotationQuery": "error and http.method=GET"}, ""),
        ({"minDuration": "1000"}, "ba"),
        ({"minDuration": "1", "maxDuration": "1000"}, "a"),
        ({"lookback": "0"}, ""),
    ],
)
async def test_traces_are_found(filled, start, params, traces):
    assert await found(filled, start, **params) == traces


async def test_old_traces_are_not_found_by_default(filled):
    assert await filled.get("/api/v2/traces") == (200, [])


async def test_names(filled):
    assert await filled.get("/api/v2/services") == (200, ["one", "two"])
    assert await filled.get("/api/v2/spans", serviceName="one") == (200, ["get", "put"])
    assert await filled.get("/api/v2/remoteServices", serviceName="one") == (200, ["two"])
    assert await filled.get("/api/v2/autocompleteKeys") == (200, ["http.method"])
    assert await filled.get("/api/v2/autocompleteValues", key="http.method") == (200, ["GET", "PUT"])
    assert await filled.get("/api/v2/autocompleteValues", key="error") == (200, [])


async def test_a_trace(filled, item):
    status, trace = await filled.get(f"/api/v2/trace/{'b'.zfill(32)}")
    assert (status, len(trace)) == (200, 1)
    assert trace[0] == item("b", service="one") | {
        "name": "put", "timestamp": trace[0]["timestamp"], "duration": 9000, "tags": {"http.method": "PUT"}
    }  # fmt: skip
    assert await filled.get("/api/v2/trace/c") == (404, "000000000000000c not found")
    assert (await filled.get("/api/v2/trace/xyz"))[0] == 400


async def test_many_traces(filled):
    a, b, c = (text.zfill(32) for text in "abc")
    status, traces = await filled.get("/api/v2/traceMany", traceIds=f"{a},{b},{c}")
    assert (status, [len(trace) for trace in traces]) == (200, [2, 1])
    assert await filled.get("/api/v2/traceMany", traceIds=f"{a},{a}") == (400, "traceIds has an id twice")
    assert await filled.get("/api/v2/traceMany") == (400, "traceIds is missing")


async def test_dependencies(filled, start):
    links = [{"parent": "one", "child": "two", "callCount": 1, "errorCount": 1}]
    assert await filled.get("/api/v2/dependencies", endTs=str(start // 1000)) == (200, links)
    assert await filled.get("/api/v2/dependencies", endTs="1") == (200, [])
    assert await filled.get("/api/v2/dependencies") == (400, "endTs is missing")


async def test_good_spans_are_kept_and_bad_ones_named(collector, item):
    items = [item("a"), *[item(duration=-1)] * 12, item("b")]
    status, text = await collector.post("/api/v2/spans", items)
    lines = text.decode().splitlines()
    assert (status, len(collector.store)) == (400, 2)
    assert lines[0] == "2 spans kept, 12 refused"
    assert lines[1].startswith("span 1: duration is -1")
    assert lines[-1] == "and 2 more"


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"endTs": "x"}, {"maxDuration": "5"}, {"minDuration": "5", "maxDuration": "4"}]
)
async def test_a_search_that_makes_no_sense(collector, params):
    status, text = await collector.get("/api/v2/traces", **params)
    assert status == 400
    assert any(name in text for name in params)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["traceId", "id", "tags", "duration", "annotations"]), inner, max_size=4),
).map(lambda value: [value]))  # fmt: skip
async def test_no_body_makes_the_server_fail(collector, body):
    for path in ("/api/v2/spans", "/v1/traces"):
        assert (await collector.post(path, body))[0] < 500


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), params=st.dictionaries(st.sampled_from(PARAMETERS), TEXT))
async def test_no_query_makes_the_server_fail(collector, path, params):
    assert (await collector.get(f"/api/v2/{path}", **params))[0] < 500


@pytest.mark.parametrize(
    ("text", "terms"),
    [("", []), ("a", [("a", None)]), ("a=b=c and d", [("a", "b=c"), ("d", None)]), ("a=", [("a", "")]), (" and ", [])],
)
def test_annotation_queries(text, terms):
    assert parse_annotation_query(text) == tuple(Term(*term) for term in terms)
