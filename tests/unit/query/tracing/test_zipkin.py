import pytest

from refapp.query.tracing.backend import Search
from refapp.query.tracing.errors import TraceBackendError, TraceNotFoundError
from refapp.query.tracing.spans import Event, Link
from refapp.query.tracing.zipkin import Zipkin


def test_a_span_with_all_its_fields(scripted, start):
    link = f"{'b' * 32}|{'c' * 16}||{{}}|0"
    item = {
        "traceId": "A1", "id": "2", "parentId": "1", "kind": "CLIENT", "name": "call", "timestamp": start,
        "duration": 7, "localEndpoint": {"serviceName": "one", "ipv4": "1.2.3.4"}, "debug": True,
        "remoteEndpoint": {"serviceName": "two"}, "tags": {"k": "v", "otlp.link.0": link, "otlp.link.odd": "x"},
        "annotations": [{"timestamp": 5, "value": "late"}, {"timestamp": 4, "value": "early"}],
    }  # fmt: skip
    scripted.answer("/api/v2/trace/a1", [item])
    trace = Zipkin(scripted.url).get("a1")
    (span,) = trace.spans
    assert trace.trace_id == span.trace_id == "a1".zfill(16)
    assert (span.span_id, span.parent_id) == ("2".zfill(16), "1".zfill(16))
    assert (span.kind, span.operation, span.start, span.duration) == ("CLIENT", "call", start, 7)
    assert (span.service, span.remote, span.tags) == ("one", "two", {"k": "v"})
    assert span.events == (Event(time=4, text="early"), Event(time=5, text="late"))
    assert span.links == (Link(trace_id="b" * 32, span_id="c" * 16),)


def test_what_is_not_known_is_left_out(scripted):
    items = [
        {"traceId": "1", "id": "1"},
        {"traceId": "1", "id": "2", "localEndpoint": {"ipv4": "1.2.3.4"}, "tags": None},
    ]
    scripted.answer("/api/v2/trace/1", items)
    for span in Zipkin(scripted.url).get("1").spans:
        assert (span.parent_id, span.service, span.operation, span.kind, span.remote) == ("",) * 5
        assert (span.start, span.duration, span.tags, span.events, span.links) == (0, 0, {}, (), ())


def test_the_parameters_of_a_search(scripted, start):
    scripted.answer("/api/v2/traces", [[], [{"traceId": "1", "id": "1", "timestamp": 1}]])
    zipkin = Zipkin(scripted.url)
    tags = {"error": "true", "http.method": "GET"}
    assert len(zipkin.search(Search(service="one", operation="get", tags=tags, max_duration=9, start=start, end=start + 1500))) == 1  # fmt: skip  # noqa: E501
    zipkin.search(Search(min_duration=3, start=0, end=0, limit=7))
    first, second = (params for _, params in scripted.asked)
    assert first == {
        "serviceName": "one",
        "spanName": "get",
        "annotationQuery": "error and http.method=GET",
        "minDuration": "1",
        "maxDuration": "9",
        "endTs": str(start // 1000 + 2),
        "lookback": "2",
        "limit": "20",
    }
    assert second == {"minDuration": "3", "endTs": "1", "lookback": "1", "limit": "7"}


def test_names(scripted):
    scripted.answer("/api/v2/services", ["two", "one"])
    scripted.answer("/api/v2/spans", ["put", "", "get"])
    zipkin = Zipkin(scripted.url)
    assert zipkin.services() == ["one", "two"]
    assert zipkin.operations("one two") == ["get", "put"]
    assert scripted.asked[-1] == ("/api/v2/spans", {"serviceName": "one two"})


def test_dependencies(scripted, start):
    links = [
        {"parent": "b", "child": "c", "callCount": 2, "errorCount": 1},
        {"parent": "a", "child": "b", "callCount": 3},
    ]
    scripted.answer("/api/v2/dependencies", links)
    found = Zipkin(scripted.url).dependencies(start, start + 5000)
    assert [(edge.parent, edge.calls, edge.errors) for edge in found.edges] == [("a", 3, 0), ("b", 2, 1)]
    assert scripted.asked == [("/api/v2/dependencies", {"endTs": str(start // 1000 + 5), "lookback": "5"})]


def test_an_unknown_trace(collector, scripted):
    with pytest.raises(TraceNotFoundError, match=f"{'a' * 32} not found"):
        Zipkin(collector.url).get("a" * 32)
    scripted.answer("/api/v2/trace/a", [])
    with pytest.raises(TraceNotFoundError):
        Zipkin(scripted.url).get("a")


def test_what_the_collector_refuses(collector, start):
    with pytest.raises(TraceBackendError, match=r"/api/v2/traces answered 400 Bad Request: limit is 0"):
        Zipkin(collector.url).search(Search(start=0, end=start, limit=0))


@pytest.mark.parametrize("answer", [{}, [[]], ["x"], [{"id": "1"}], [{"traceId": 5, "id": "1"}], 7])
def test_an_answer_of_another_kind(scripted, answer):
    scripted.answer("/api/v2/trace/a", answer)
    with pytest.raises(TraceBackendError):
        Zipkin(scripted.url).get("a")
