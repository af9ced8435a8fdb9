import logging

import pytest
from opentelemetry.sdk.trace import TracerProvider

from refapp.services import logs
from refapp.services.exporter import open_processor
from refapp.services.settings import Tracing


@pytest.fixture
def open_tracer():
    """Opens tracers whose spans go to a URL; every one of them is exported at once, or nearly so."""
    processors = []

    def open_tracer(url):
        provider = TracerProvider(shutdown_on_exit=False)
        processors.append(open_processor(Tracing(mode="parent", service="d", endpoint=url, delay=10)))
        provider.add_span_processor(processors[-1])
        return provider.get_tracer("test")

    yield open_tracer
    for processor in processors:
        processor.span_exporter.shutdown()  # so that it does not try again
        processor.shutdown()


@pytest.fixture
def told(lines):
    """The lines about spans: those of the exporter, and those that the SDK would write."""
    found = []

    def told():
        found.extend(line for line in lines() if "spans" in line["msg"] or "opentelemetry" in line.get("logger", ""))
        return list(found)

    return told


def record(tracer, *names):
    for name in names:
        tracer.start_span(name).end()


def test_spans_arrive_in_protobuf_and_nothing_is_said(collector, open_tracer, eventually, told):
    record(open_tracer(collector.url), "one", "two")
    eventually(lambda: sorted(collector.names) == ["one", "two"])
    path, headers, _ = collector.requests[0]
    assert (path, headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf")
    assert told() == []


def test_no_proxy_stands_before_the_collector(collector, open_tracer, eventually, monkeypatch, unreachable):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, f"http://{unreachable}")
    monkeypatch.setenv("no_proxy", "")
    record(open_tracer(collector.url), "one")
    eventually(lambda: collector.names == ["one"])


def test_a_collector_that_is_away_is_told_once_and_so_is_its_return(collector, open_tracer, eventually, told):
    collector.status = 503
    tracer = open_tracer(collector.url)
    record(tracer, "one")
    eventually(lambda: len(collector.requests) >= 2)  # the second one is another attempt
    record(tracer, "two")
    collector.status = 200
    eventually(lambda: "two" in collector.names)
    eventually(lambda: len(told()) == 2)
    away, back = told()
    assert (away["level"], away["msg"]) == ("warning", "spans are not exported")
    assert "Service Unavailable" in away["detail"]
    assert (back["level"], back["msg"]) == ("info", "spans are exported again")
    assert away["collector"] == back["collector"] == collector.url


def test_the_reason_is_said_without_a_stack_trace(open_tracer, unreachable, eventually, told):
    record(open_tracer(f"http://{unreachable}/v1/traces"), "one")
    (line,) = eventually(told)
    assert line["detail"] == "Connection refused"
    assert "stacktrace" not in line


def test_spans_that_are_refused(collector, open_tracer, eventually, told):
    collector.status = 400
    record(open_tracer(collector.url), "one")
    (line,) = eventually(told)
    assert line["detail"] == "Failed to export spans batch code: 400, reason: Bad Request"


def test_what_the_queue_cannot_hold_is_lost_without_a_flood_of_lines(
    collector, open_tracer, monkeypatch, eventually, told
):
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
    collector.gate.clear()
    tracer = open_tracer(collector.url)
    record(tracer, "first")
    eventually(lambda: collector.names == ["first"])
    record(tracer, *map(str, range(100)))
    collector.gate.set()
    eventually(lambda: "99" in collector.names)
    assert collector.names == ["first", "96", "97", "98", "99"]
    eventually(lambda: len(told()) == 2)
    assert [line["msg"] for line in told()] == ["spans are not exported", "spans are exported again"]
    assert told()[0]["detail"] == "Queue full, dropping Span."


@pytest.mark.usefixtures("lines")
def test_loggers_are_left_as_they_were(collector):
    names = ("opentelemetry.exporter.otlp", "opentelemetry.sdk._shared_internal")
    processor = open_processor(Tracing(mode="parent", service="d", endpoint=collector.url, delay=10))
    assert not any(logging.getLogger(name).propagate for name in names)
    processor.shutdown()
    assert [(logging.getLogger(name).propagate, logging.getLogger(name).handlers) for name in names] == [(True, [])] * 2
    assert logs.level() == "info"
