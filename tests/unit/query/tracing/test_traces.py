import re
from datetime import UTC, datetime, timedelta

import pytest

from refapp.query.tracing import traces as module
from refapp.query.tracing.errors import NoTracingError, TraceBackendError, TraceNotFoundError
from refapp.query.tracing.traces import Traces, TraceSearch

TRACE = "a" * 32


def item(span_id="1", parent_id=None, trace_id=TRACE, **fields):
    parent = {"parentId": parent_id.zfill(16)} if parent_id else {}
    return {"traceId": trace_id, "id": span_id.zfill(16), "localEndpoint": {"serviceName": "one.dev"}} | parent | fields


@pytest.fixture
def now():
    return int(datetime.now(UTC).timestamp() * 10**6)


@pytest.fixture
def collected(collector):
    """The traces of a platform that has both APIs."""
    return Traces(lambda: {"zipkin": collector.url, "jaeger": collector.url, "ingress": "http://127.0.0.1:1"})


class Clock:
    """A clock on which only pauses take time."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def scripted_traces(scripted, monkeypatch):
    monkeypatch.setattr(module, "time", Clock())
    return Traces(lambda: {"zipkin": scripted.url})


def test_jaeger_is_asked_where_there_are_both(scripted):
    scripted.answer("/api/services", {"data": ["jaeger"]})
    scripted.answer("/api/v2/services", ["zipkin"])
    urls = {"zipkin": scripted.url, "jaeger": scripted.url}
    assert Traces(lambda: urls).services() == ["jaeger"]
    assert Traces(lambda: urls).services(api="zipkin") == ["zipkin"]
    assert Traces(lambda: urls, api="zipkin").services() == ["zipkin"]
    assert Traces(lambda: urls, api="zipkin").services(api="jaeger") == ["jaeger"]
    assert Traces(lambda: {"zipkin": scripted.url}).services() == ["zipkin"]


def test_a_platform_without_traces():
    traces = Traces(lambda: {"ingress": "http://127.0.0.1:1"})
    for ask in (traces.services, traces.search, traces.dependencies, lambda: traces.get("a"), lambda: traces.wait("a")):
        with pytest.raises(NoTracingError, match="runs without the mesh"):
            ask()


def test_an_api_that_is_not_there():
    with pytest.raises(NoTracingError, match="no address of jaeger; there is one of zipkin"):
        Traces(lambda: {"zipkin": "http://127.0.0.1:1"}).services(api="jaeger")
    with pytest.raises(ValueError, match="there is no API 'tempo'; choose one of jaeger, zipkin"):
        Traces(dict, api="tempo")


def test_the_address_is_asked_for_each_time(scripted):
    scripted.answer("/api/v2/services", ["one"])
    urls = {}
    traces = Traces(lambda: urls)
    urls["zipkin"] = scripted.url
    assert traces.services() == ["one"]


@pytest.mark.parametrize("api", ["jaeger", "zipkin"])
def test_search(collector, collected, now, api):
    for number in range(5):
        tags = {"error": "true"} if number == 3 else {"k": "v"}
        collector.report(
            item(trace_id=str(number + 1) * 32, name=f"get-{number % 2}", timestamp=now - number * 60 * 10**6,
                 duration=1000 * (number + 1), tags=tags)
        )  # fmt: skip

    def found(*args, **wanted):
        return [trace.trace_id[0] for trace in collected.search(*args, api=api, **wanted)]

    moment = datetime.fromtimestamp(now / 10**6, UTC)
    assert found() == list("12345")
    assert found("one.dev", "get-1", {"k": "v"}) == ["2"]
    assert found(tags={"error": "true"}) == ["4"]
    assert found(min_duration=2, max_duration=4) == list("234")
    assert found(since=timedelta(seconds=150)) == list("123")
    assert found(since=moment - timedelta(seconds=150), until=moment - timedelta(seconds=50)) == list("23")
    assert found(since=(moment - timedelta(seconds=150)).astimezone().replace(tzinfo=None)) == list("123")
    assert found(limit=2) == list("12")
    assert found("two.dev") == []


def test_old_traces_are_found_when_they_are_asked_for(collector, collected, start):
    collector.report(item(timestamp=start))
    assert len(collected.search()) == 0
    assert len(collected.search(since=datetime.fromtimestamp(start // 10**6, UTC))) == 1


def test_a_search_that_ends_before_it_begins():
    with pytest.raises(ValueError, match="after its end"):
        Traces(dict).search(since=datetime(2026, 1, 2, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC))


def test_what_was_found_is_a_sequence_and_a_table(span, trace, start):
    old = trace(span("r", duration=2500, operation="get"), span("c", "r", 5, service="two.dev", tags={"error": "x"}))
    new = trace(span("r", start=1))
    found = TraceSearch([old, new])
    assert list(found) == [new, old]
    assert (found[0], list(found[1:]), len(found), new in found) == (new, [old], 2, True)
    row = found.frame.iloc[1].to_dict()
    assert row.pop("start").to_pydatetime() == datetime.fromtimestamp(start / 10**6, UTC)
    assert row == {
        "trace_id": "t",
        "duration_ms": 2.5,
        "spans": 2,
        "services": 2,
        "errors": 1,
        "root_service": "one.dev",
        "root_operation": "get",
    }


def test_a_table_of_nothing_has_its_columns():
    frame = TraceSearch([]).frame
    assert frame.empty
    assert str(frame["start"].dt.tz) == "UTC"


@pytest.mark.parametrize("api", ["jaeger", "zipkin"])
def test_get(collector, collected, now, api):
    collector.report(item(timestamp=now))
    assert collected.get(f" {TRACE.upper()}\n", api=api).trace_id == TRACE
    with pytest.raises(TraceNotFoundError):
        collected.get("b", api=api)


@pytest.mark.parametrize("text", ["", "xyz", "a" * 33, "../services"])
def test_what_is_no_id(collected, text):
    with pytest.raises(ValueError, match="is no trace id"):
        collected.get(text)


def test_names_and_calls(collector, collected, now):
    collector.report(
        item(name="get", kind="CLIENT", timestamp=now, remoteEndpoint={"serviceName": "two.dev"}, tags={"error": "x"})
    )
    assert collected.services() == ["one.dev"]
    assert collected.operations("one.dev") == ["get"]
    for api, errors in (("jaeger", None), ("zipkin", 1)):
        (edge,) = collected.dependencies(api=api).edges
        assert (edge.parent, edge.child, edge.calls, edge.errors) == ("one.dev", "two.dev", 1, errors)
    hour = timedelta(hours=1)
    assert collected.dependencies(since=hour, until=datetime.now(UTC) - hour).edges == ()


def test_wait_until_there_are_so_many(scripted, scripted_traces):
    path = f"/api/v2/trace/{TRACE}"
    scripted.answer(path, "not found", 404)
    for count in (1, 1, 1, 3):
        scripted.answer(path, [item(str(number + 1)) for number in range(count)])
    assert len(scripted_traces.wait(TRACE, spans=3).spans) == 3
    assert len(scripted.asked) == 5


@pytest.mark.parametrize("spans", [2, None])
def test_spans_that_come_in_the_end_are_waited_for(scripted, scripted_traces, spans):
    path = f"/api/v2/trace/{TRACE}"
    for _ in range(20):
        scripted.answer(path, "not found", 404)
    for _ in range(12):  # longer than a sidecar keeps its spans
        scripted.answer(path, [item("1")])
    scripted.answer(path, [item("1"), item("2", "1")])
    assert len(scripted_traces.wait(TRACE, spans).spans) == 2


def test_parents_are_waited_for(scripted, scripted_traces):
    path = f"/api/v2/trace/{TRACE}"
    for _ in range(100):
        scripted.answer(path, [item("3", "2"), item("1")])
    scripted.answer(path, [item("3", "2"), item("2", "1"), item("1")])
    assert len(scripted_traces.wait(TRACE).spans) == 3


def test_a_trace_that_is_whole_is_not_waited_for_long(scripted, scripted_traces):
    scripted.answer(f"/api/v2/trace/{TRACE}", [item("1"), item("2", "1")])
    scripted_traces.wait(TRACE, spans=2, timeout=0)
    assert len(scripted.asked) == 1
    scripted_traces.wait(TRACE, timeout=2)


@pytest.mark.parametrize(
    ("spans", "wanted", "said"),
    [
        ([], None, f"no span of trace {TRACE} arrived within 0 s"),
        ([item("1")], None, f"trace {TRACE} has 1 span after 0 s"),
        ([item("1"), item("2")], 3, f"trace {TRACE} has 2 spans after 0 s, not 3"),
        (
            [item("1", "8"), item("2", "9")],
            None,
            f"trace {TRACE} has 2 spans after 0 s; parents missing: 2",
        ),
    ],
)
def test_waiting_in_vain_tells_how_many_there_were(scripted, scripted_traces, spans, wanted, said):
    scripted.answer(f"/api/v2/trace/{TRACE}", spans)
    with pytest.raises(TimeoutError, match=f"^{re.escape(said)}$"):
        scripted_traces.wait(TRACE, wanted, timeout=0)


def test_waiting_ends_when_the_collector_fails(scripted, scripted_traces):
    scripted.answer(f"/api/v2/trace/{TRACE}", "storage is away", 500)
    with pytest.raises(TraceBackendError, match="storage is away"):
        scripted_traces.wait(TRACE)
