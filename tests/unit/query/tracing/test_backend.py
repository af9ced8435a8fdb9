import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.query.tracing.backend import Search, assemble, digits, lift, newest_first
from refapp.query.tracing.jaeger import Jaeger
from refapp.query.tracing.zipkin import Zipkin

TRACE = "7f" * 16
HOUR = 3600 * 10**6


@pytest.fixture
def items(start):
    """Spans in Zipkin's JSON with all that it can hold."""
    edge = {"localEndpoint": {"serviceName": "edge.dev", "ipv4": "10.0.0.1"}, "traceId": TRACE}
    one = {"localEndpoint": {"serviceName": "one.dev", "port": 80}, "traceId": TRACE}
    return [
        edge | {"id": "1".zfill(16), "name": "call", "kind": "CLIENT", "timestamp": start, "duration": 9000,
                "remoteEndpoint": {"serviceName": "one.dev"}, "tags": {"http.status_code": "503", "error": "true"}},
        one | {"id": "2".zfill(16), "parentId": "1".zfill(16), "name": "serve", "kind": "SERVER",
               "timestamp": start + 10, "duration": 8000, "tags": {"http.url": "/x", "response_size": "17"}},
        one | {"id": "3".zfill(16), "parentId": "2".zfill(16), "name": "insert", "timestamp": start + 20,
               "duration": 3, "tags": {"peer.service": "mongodb", "error": "duplicate"},
               "annotations": [{"timestamp": start + 22, "value": "b"}, {"timestamp": start + 21, "value": "a"}]},
        one | {"id": "4".zfill(16), "name": "consume", "kind": "CONSUMER", "timestamp": start + 30,
               "tags": {"otlp.link.0": f"{TRACE}|{'3'.zfill(16)}||{{}}|0"}},
        one | {"id": "2".zfill(16), "parentId": "1".zfill(16), "kind": "CLIENT", "shared": True},
    ]  # fmt: skip


def both(url):
    return Zipkin(url), Jaeger(url)


def test_both_apis_give_the_same_trace(collector, items):
    collector.report(*items)
    by_zipkin, by_jaeger = (backend.get(TRACE) for backend in both(collector.url))
    assert by_zipkin == by_jaeger
    assert len(by_zipkin.spans) == 5
    assert by_zipkin.services == ("edge.dev", "one.dev")


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"service": "two.dev"},
        {"service": "two.dev", "operation": "odd"},
        {"service": "two.dev", "tags": {"error": "true"}},
        {"service": "two.dev", "tags": {"http.method": "GET", "guid:x-request-id": "a=b c"}},
        {"service": "two.dev", "min_duration": 105},
        {"service": "two.dev", "max_duration": 105},
        {"service": "two.dev", "min_duration": 102, "max_duration": 107},
        {"limit": 3},
    ],
)
def test_both_apis_find_the_same_traces(collector, start, wanted):
    for number in range(10):
        tags = {"http.method": "GET", "guid:x-request-id": "a=b c"} if number % 3 else {"error": "text"}
        collector.report(
            {"traceId": f"a{number}".zfill(32), "id": "1".zfill(16), "name": ["even", "odd"][number % 2],
             "timestamp": start + number * 1000, "duration": 100 + number, "tags": tags,
             "localEndpoint": {"serviceName": "two.dev" if number else "one.dev"}}
        )  # fmt: skip
    search = Search(start=start, end=start + HOUR, **wanted)
    by_zipkin, by_jaeger = (backend.search(search) for backend in both(collector.url))
    assert by_zipkin == by_jaeger
    assert 0 < len(by_zipkin) <= 10 - bool(wanted)
    assert by_zipkin == newest_first(by_zipkin)


def test_both_apis_give_the_same_names_and_calls(collector, items, start):
    collector.report(*items)
    zipkin, jaeger = both(collector.url)
    assert zipkin.services() == jaeger.services() == ["edge.dev", "one.dev"]
    assert zipkin.operations("one.dev") == jaeger.operations("one.dev") == ["consume", "insert", "serve"]
    calls, counted = (backend.dependencies(start, start + HOUR) for backend in (jaeger, zipkin))
    assert calls.nodes == counted.nodes
    assert [(edge.parent, edge.child, edge.calls, edge.errors) for edge in counted.edges] == [
        ("edge.dev", "one.dev", 1, 1)
    ]
    assert [edge.errors for edge in calls.edges] == [None]


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
ENDPOINTS = st.fixed_dictionaries({"serviceName": TEXT})
SPANS = st.fixed_dictionaries(
    {"id": st.integers(1, 9).map("{:016x}".format)},
    optional={
        "parentId": st.integers(1, 9).map("{:016x}".format),
        "name": TEXT,
        "kind": st.sampled_from(["CLIENT", "SERVER", "PRODUCER", "CONSUMER"]),
        "timestamp": st.integers(1, 99),
        "duration": st.integers(1, 99),
        "localEndpoint": ENDPOINTS,
        "remoteEndpoint": ENDPOINTS,
        "tags": st.dictionaries(TEXT | st.sampled_from(["error", "peer.service", "span.kind"]), TEXT, min_size=1),
        "annotations": st.lists(st.fixed_dictionaries({"timestamp": st.integers(1, 99), "value": TEXT})),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(SPANS, min_size=1, max_size=6), trace_id=st.integers(1, 2**128 - 1).map("{:032x}".format))
def test_whatever_is_stored_both_apis_give_the_same(collector, items, trace_id):
    collector.report(*(item | {"traceId": trace_id} for item in items))
    by_zipkin, by_jaeger = (backend.get(trace_id) for backend in both(collector.url))
    assert by_zipkin == by_jaeger


@pytest.mark.parametrize(("text", "padded"), [("A1", "a1".zfill(16)), ("1" * 16, "1" * 16), ("1" * 17, "1".zfill(16) + "1" * 16)])  # fmt: skip  # noqa: E501
def test_ids_have_all_their_digits(text, padded):
    assert digits(text) == padded


def test_tags_that_have_a_place_of_their_own(span):
    lifted = lift(span("a", remote="endpoint", tags={"span.kind": "server", "peer.service": "tag", "k": "v"}))
    assert (lifted.kind, lifted.remote, lifted.tags) == ("SERVER", "tag", {"k": "v"})
    assert lift(span("a", kind="CLIENT", tags={"span.kind": "server"})).kind == "CLIENT"
    assert lift(span("a", tags={"span.kind": "internal"})).kind == ""


def test_a_span_without_a_start_begins_with_its_trace(span, start):
    found = assemble([span("a", start=-start), span("b", start=5)])
    assert {item.start for item in found.spans} == {start + 5}
    with pytest.raises(ValueError, match="without spans"):
        assemble([])
