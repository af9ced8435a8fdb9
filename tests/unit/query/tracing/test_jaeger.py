import json

import pytest

from refapp.query.tracing.backend import Search
from refapp.query.tracing.errors import TraceBackendError, TraceNotFoundError
from refapp.query.tracing.jaeger import Jaeger
from refapp.query.tracing.spans import Event, Link

EMPTY = {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": None}


def envelope(*data):
    return EMPTY | {"data": list(data), "total": len(data)}


def tag(key, value, kind="string"):
    return {"key": key, "type": kind, "value": value}


def reference(span_id, kind="CHILD_OF", trace_id="a1"):
    return {"refType": kind, "traceID": trace_id, "spanID": span_id}


def traced(*spans, trace_id="a1"):
    processes = {"p1": {"serviceName": "one", "tags": [tag("ip", "1.2.3.4")]}}
    return {"traceID": trace_id, "spans": [{"traceID": trace_id, **span} for span in spans], "processes": processes}


def read(scripted, *spans):
    scripted.answer("/api/traces/a1", envelope(traced(*spans)))
    return Jaeger(scripted.url).get("a1").spans


def test_a_span_with_all_its_fields(scripted, start):
    fields = [tag("event", "retry"), tag("attempt", 2, "int64")]
    (span,) = read(
        scripted,
        {
            "spanID": "2",
            "flags": 1,
            "operationName": "call",
            "references": [reference("1")],
            "startTime": start,
            "duration": 7,
            "tags": [
                tag("span.kind", "client"),
                tag("peer.service", "two"),
                tag("http.status_code", 200, "int64"),
                tag("share", 0.5, "float64"),
                tag("error", value=True, kind="bool"),
                tag("none", None),
            ],
            "logs": [{"timestamp": 5, "fields": fields}, {"timestamp": 4, "fields": [tag("message", "hello")]}],
            "processID": "p1",
            "warnings": ["clock skew"],
        },
    )
    assert (span.trace_id, span.span_id, span.parent_id) == ("a1".zfill(16), "2".zfill(16), "1".zfill(16))
    assert (span.kind, span.operation, span.start, span.duration) == ("CLIENT", "call", start, 7)
    assert (span.service, span.remote) == ("one", "two")
    assert span.tags == {"http.status_code": "200", "share": "0.5", "error": "true", "none": ""}
    assert span.events == (Event(time=4, text="message=hello"), Event(time=5, text="retry attempt=2"))


def test_what_is_not_known_is_left_out(scripted):
    nulls = dict.fromkeys(["references", "tags", "logs", "processID", "operationName", "startTime", "duration"])
    for span in read(scripted, {"spanID": "1"}, {"spanID": "2", **nulls}, {"spanID": "3", "processID": "p9"}):
        assert (span.parent_id, span.service, span.operation, span.kind, span.remote) == ("",) * 5
        assert (span.start, span.duration, span.tags, span.events, span.links) == (0, 0, {}, (), ())


@pytest.mark.parametrize(
    ("references", "parent", "links"),
    [
        ([reference("1", "FOLLOWS_FROM"), reference("2")], "2", ["1"]),
        ([reference("1"), reference("2")], "1", ["2"]),
        ([reference("1", trace_id="b2"), reference("2")], "2", ["1"]),
        ([reference("1", "FOLLOWS_FROM")], "", ["1"]),
        ([reference("1"), reference("1", "FOLLOWS_FROM")], "1", []),
    ],
)
def test_references(scripted, references, parent, links):
    (span,) = read(scripted, {"spanID": "9", "references": references})
    assert span.parent_id.lstrip("0") == parent
    assert [link.span_id.lstrip("0") for link in span.links] == links


def test_a_link_to_another_trace(scripted):
    (span,) = read(scripted, {"spanID": "9", "references": [reference("1", "FOLLOWS_FROM", "b" * 32)]})
    assert span.links == (Link(trace_id="b" * 32, span_id="1".zfill(16)),)


def test_the_parent_in_spans_of_old_versions(scripted):
    (span,) = read(scripted, {"spanID": "9", "parentSpanID": "1", "references": [reference("1")]})
    assert (span.parent_id.lstrip("0"), span.links) == ("1", ())


def test_the_parameters_of_a_search(scripted, start):
    scripted.answer("/api/traces", envelope(traced({"spanID": "1"}), traced()))
    jaeger = Jaeger(scripted.url)
    tags = {"error": "true", "http.method": "GET"}
    search = Search(
        service="one", operation="get", tags=tags, min_duration=3, max_duration=9, start=start, end=start + 5
    )
    assert len(jaeger.search(search)) == 1
    jaeger.search(Search(service="one", start=start, end=start + 5, limit=7))
    first, second = (params for _, params in scripted.asked)
    assert json.loads(first.pop("tags")) == tags
    common = {"service": "one", "start": str(start), "end": str(start + 5)}
    assert first == common | {"operation": "get", "minDuration": "3us", "maxDuration": "9us", "limit": "20"}
    assert second == common | {"limit": "7"}


def test_without_a_service_every_one_is_asked_for(scripted, start):
    scripted.answer("/api/services", envelope("one", "two"))
    old, new, newest = (traced({"spanID": "1", "startTime": start + n}, trace_id=f"a{n}") for n in range(3))
    scripted.answer("/api/traces", envelope(old, newest))
    scripted.answer("/api/traces", envelope(newest, new))
    found = Jaeger(scripted.url).search(Search(start=start, end=start + 5, limit=2))
    assert [trace.trace_id.lstrip("0") for trace in found] == ["a2", "a1"]
    assert [params.get("service") for _, params in scripted.asked] == [None, "one", "two"]


def test_names(scripted):
    scripted.answer("/api/services", envelope("two", "one"))
    scripted.answer("/api/services", EMPTY)
    operations = [{"name": "put", "spanKind": "client"}, {"name": "put", "spanKind": "server"}, {"name": ""}]
    scripted.answer("/api/operations", envelope(*operations))
    jaeger = Jaeger(scripted.url)
    assert jaeger.services() == ["one", "two"]
    assert jaeger.services() == []
    assert jaeger.operations("one") == ["put"]
    assert scripted.asked[-1] == ("/api/operations", {"service": "one"})


def test_dependencies(scripted, start):
    scripted.answer("/api/dependencies", envelope({"parent": "a", "child": "b", "callCount": 3, "source": ""}))
    (edge,) = Jaeger(scripted.url).dependencies(start, start + 5000).edges
    assert (edge.parent, edge.child, edge.calls, edge.errors) == ("a", "b", 3, None)
    assert scripted.asked == [("/api/dependencies", {"endTs": str(start // 1000 + 5), "lookback": "5"})]


def test_an_unknown_trace(collector, scripted):
    with pytest.raises(TraceNotFoundError, match="answered 404 Not Found: trace not found"):
        Jaeger(collector.url).get("a" * 32)
    scripted.answer("/api/traces/a", EMPTY | {"errors": [{"code": 404, "msg": "trace not found"}]})
    scripted.answer("/api/traces/b", EMPTY)
    for trace_id in "ab":
        with pytest.raises(TraceNotFoundError):
            Jaeger(scripted.url).get(trace_id)


def test_what_the_collector_refuses(collector, start):
    with pytest.raises(TraceBackendError, match=r"/api/traces answered 400 Bad Request: limit is 0"):
        Jaeger(collector.url).search(Search(service="one", start=0, end=start, limit=0))


@pytest.mark.parametrize(
    "answer", [{}, [], {"data": 5}, {"data": ["x"]}, envelope({"spans": [{}]}), envelope({"spans": 1}), 7]
)
def test_an_answer_of_another_kind(scripted, answer):
    scripted.answer("/api/traces/a", answer)
    with pytest.raises(TraceBackendError):
        Jaeger(scripted.url).get("a")
