import asyncio
import threading
from types import SimpleNamespace

import pytest
from grpc import StatusCode
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import SpanKind
from opentelemetry.trace import StatusCode as Status

from refapp.services.hops import HopError
from refapp.services.settings import LINK, MESSAGE_TRACES, PARENT, Tracing
from refapp.services.spans import SpanTracer, open_provider
from refapp.services.tracing import Destination

TRACE, SERVER = 0x463AC35C9F6413AD48485A3953BB6124, 0xA2FB4A1D1A96D312
REQUEST = (("x-request-id", "7"), ("x-b3-traceid", f"{TRACE:032x}"), ("x-b3-spanid", f"{SERVER:016x}"))
SAMPLED = (*REQUEST, ("x-b3-parentspanid", "0020000000000001"), ("x-b3-sampled", "1"))
UNSAMPLED = (*REQUEST, ("x-b3-sampled", "0"))
DEBUG = (*REQUEST, ("x-b3-flags", "1"))
QUEUE = Destination("service-d.greeting", "rabbitmq.test", 5672)
AWAY = HopError("service-f", "mongodb", StatusCode.UNAVAILABLE, "Connection refused")
BROKEN = [
    {},
    {"x-b3-traceid": "no id", "x-b3-spanid": "1", "x-b3-sampled": "1"},
    {"x-b3-traceid": "0" * 32, "x-b3-spanid": "0" * 16, "x-b3-sampled": "1"},
    {"x-b3-traceid": 7, "x-b3-spanid": None, "x-b3-sampled": True, "x-b3-flags": {"a": [1]}},
    {"x-b3-traceid": b"\xff\x00", "x-b3-spanid": b"\xff"},
]


class Recorder(SpanTracer):
    """A tracer that keeps its spans."""

    def __init__(self, mode=PARENT):
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler=ParentBased(ALWAYS_ON), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        super().__init__(provider, mode)

    @property
    def spans(self):
        """Those that have ended."""
        return self._exporter.get_finished_spans()


def settings(endpoint):
    return Tracing(mode=PARENT, service="service-d", endpoint=endpoint, delay=60_000)


def message(headers=None):
    return SimpleNamespace(headers=headers or {}, body=b'{"id": "1"}', message_id="1", delivery_tag=3)


def published(tracer, headers=SAMPLED):
    with tracer.publish(QUEUE, "1", 11, headers) as carried:
        return carried


def process(tracer, *messages):
    with tracer.process(QUEUE, messages) as processings:
        for processing in processings:
            processing.end()


def told(span):
    """Whether a span failed, and why."""
    events = [(event.name, event.attributes["exception.message"]) for event in span.events]
    return span.status.status_code, span.status.description, span.attributes.get("error.type"), events


def test_a_publication_is_a_producer_below_the_span_of_the_request():
    tracer = Recorder()
    carried = published(tracer)
    (span,) = tracer.spans
    assert (span.name, span.kind) == ("publish service-d.greeting", SpanKind.PRODUCER)
    assert (span.context.trace_id, span.parent.span_id, span.status.status_code) == (TRACE, SERVER, Status.UNSET)
    assert carried == {
        "x-b3-traceid": f"{TRACE:032x}",
        "x-b3-spanid": f"{span.context.span_id:016x}",
        "x-b3-sampled": "1",
    }
    assert dict(span.attributes) == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": "service-d.greeting",
        "messaging.rabbitmq.destination.routing_key": "service-d.greeting",
        "messaging.message.id": "1",
        "messaging.message.body.size": 11,
        "server.address": "rabbitmq.test",
        "server.port": 5672,
        "service.peer.name": "rabbitmq",
    }


def test_a_short_trace_id_gets_zeros_in_front():
    tracer = Recorder()
    headers = (("x-b3-traceid", "48485a3953bb6124"), *SAMPLED[2:])
    assert published(tracer, headers)["x-b3-traceid"] == "0" * 16 + "48485a3953bb6124"
    assert tracer.spans[0].context.trace_id == 0x48485A3953BB6124


@pytest.mark.parametrize("mode", MESSAGE_TRACES)
def test_debug_is_sampled(mode):
    tracer = Recorder(mode)
    process(tracer, message(published(tracer, DEBUG)))
    assert len(tracer.spans) == 2


@pytest.mark.parametrize("mode", MESSAGE_TRACES)
@pytest.mark.parametrize("headers", [REQUEST, UNSAMPLED, (("x-b3-sampled", "0"),), (("x-b3-sampled", "False"),)])
def test_what_is_not_sampled_has_no_spans_on_either_side_of_the_queue(mode, headers):
    tracer = Recorder(mode)
    carried = published(tracer, headers)
    with tracer.process(QUEUE, [message(carried)]) as (processing,):
        with tracer.insert("service-f", "messages", [processing.headers]):
            pass
        processing.end()
    with tracer.insert("service-c", "greetings", [headers]):
        pass
    assert carried["x-b3-sampled"] in {"0", "False"}
    assert tracer.spans == ()


@pytest.mark.parametrize("headers", [(), (("x-request-id", "7"),), (("x-b3-traceid", "no id"), ("x-b3-spanid", "1"))])
def test_a_request_without_a_trace_has_no_spans(headers):
    tracer = Recorder()
    assert published(tracer, headers) == {}
    with tracer.insert("service-c", "greetings", [headers]):
        pass
    assert tracer.spans == ()


def test_processing_continues_the_trace():
    tracer = Recorder(PARENT)
    process(tracer, message(published(tracer)))
    producer, consumer = tracer.spans
    assert (consumer.name, consumer.kind) == ("process service-d.greeting", SpanKind.CONSUMER)
    assert (consumer.context.trace_id, consumer.parent.span_id) == (TRACE, producer.context.span_id)
    assert (consumer.links, consumer.status.status_code) == ((), Status.UNSET)
    expected = {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.rabbitmq.message.delivery_tag": 3,
        "messaging.message.body.size": 11,
    }
    assert expected.items() <= dict(consumer.attributes).items()


def test_processing_is_linked():
    tracer = Recorder(LINK)
    process(tracer, message(published(tracer)))
    producer, consumer = tracer.spans
    (link,) = consumer.links
    assert (link.context.trace_id, link.context.span_id) == (TRACE, producer.context.span_id)
    assert consumer.parent is None
    assert consumer.context.trace_id != TRACE


@pytest.mark.parametrize("mode", MESSAGE_TRACES)
@pytest.mark.parametrize("headers", BROKEN)
def test_a_message_without_usable_headers_begins_a_trace(mode, headers):
    tracer = Recorder(mode)
    process(tracer, message(headers))
    (span,) = tracer.spans
    assert (span.parent, span.links) == (None, ())


@given(
    mode=st.sampled_from(MESSAGE_TRACES),
    headers=st.dictionaries(
        st.sampled_from(["x-b3-traceid", "X-B3-SpanId", "x-b3-sampled", "x-b3-flags", "b3", ""]),
        st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.integers()),
    ),
)
def test_no_headers_keep_a_message_from_being_processed(mode, headers):
    tracer = Recorder(mode)
    process(tracer, message(headers))
    assert all(span.context.is_valid for span in tracer.spans)


def test_the_write_of_a_request():
    tracer = Recorder()
    with tracer.insert("service-c", "greetings", [SAMPLED]):
        pass
    (span,) = tracer.spans
    assert (span.name, span.kind) == ("insert greetings", SpanKind.CLIENT)
    assert (span.context.trace_id, span.parent.span_id) == (TRACE, SERVER)
    assert dict(span.attributes) == {
        "db.system.name": "mongodb",
        "db.namespace": "service-c",
        "db.collection.name": "greetings",
        "db.operation.name": "insert",
        "service.peer.name": "mongodb",
    }


def test_each_message_of_a_batch_has_a_write_of_its_own():
    tracer = Recorder()
    messages = [message(published(tracer)), message(), message(published(tracer, UNSAMPLED))]
    with tracer.process(QUEUE, messages) as processings:
        with tracer.insert("service-f", "messages", [processing.headers for processing in processings]):
            pass
        for processing in processings:
            processing.end()
    _, *writes, first, second = tracer.spans
    assert [write.parent.span_id for write in writes] == [first.context.span_id, second.context.span_id]
    assert [write.context.trace_id for write in writes] == [TRACE, second.context.trace_id]
    assert [write.attributes["db.operation.batch.size"] for write in writes] == [3, 3]
    assert first.start_time <= writes[0].start_time <= writes[0].end_time <= first.end_time


@pytest.mark.parametrize(
    "block",
    [
        lambda tracer: tracer.publish(QUEUE, "1", 11, SAMPLED),
        lambda tracer: tracer.insert("service-f", "messages", [SAMPLED]),
        lambda tracer: tracer.process(QUEUE, [message()]),
    ],
)
@pytest.mark.parametrize(
    ("error", "kind", "description"),
    [
        (AWAY, "UNAVAILABLE", "Connection refused"),
        (KeyError("surprise"), "KeyError", "'surprise'"),
        (asyncio.CancelledError(), "CancelledError", "CancelledError"),
    ],
)
def test_errors_pass_and_are_recorded(block, error, kind, description):
    tracer = Recorder()
    with pytest.raises(type(error)) as caught, block(tracer):
        raise error
    assert caught.value is error
    (span,) = tracer.spans
    assert told(span) == (Status.ERROR, description, kind, [("exception", str(error))])


def test_a_message_that_is_rejected():
    tracer = Recorder()
    with tracer.process(QUEUE, [message()]) as (processing,):
        processing.end(ValueError("no id"))
    (span,) = tracer.spans
    assert told(span) == (Status.ERROR, "no id", "ValueError", [("exception", "no id")])


def test_messages_that_stay_in_the_queue():
    tracer = Recorder()
    with tracer.process(QUEUE, [message(), message()]) as (first, _):
        first.end()
    assert [told(span)[:2] for span in tracer.spans] == [(Status.UNSET, None), (Status.ERROR, "left in the queue")]


def test_an_error_does_not_change_what_has_ended():
    tracer = Recorder()
    with pytest.raises(HopError), tracer.process(QUEUE, [message(), message()]) as (first, _):  # noqa: PT012
        first.end()
        raise AWAY
    assert [span.status.status_code for span in tracer.spans] == [Status.UNSET, Status.ERROR]


async def test_who_recorded_a_span(monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=dev,service.name=other")
    provider = open_provider(settings("http://127.0.0.1:1/v1/traces"), "service-d-1")
    expected = {
        "service.name": "service-d",
        "service.instance.id": "service-d-1",
        "host.name": "service-d-1",
        "deployment.environment.name": "dev",
        "telemetry.sdk.language": "python",
    }
    assert expected.items() <= dict(provider.resource.attributes).items()
    await SpanTracer(provider, PARENT).close()


async def test_closing_exports_what_is_left(collector):
    tracer = SpanTracer(open_provider(settings(collector.url), "service-d-1"), PARENT)
    published(tracer)
    await tracer.close()
    assert collector.names == ["publish service-d.greeting"]


async def test_closing_does_not_wait_for_a_collector_that_says_nothing(collector):
    collector.gate.clear()
    tracer = SpanTracer(open_provider(settings(collector.url), "service-d-1"), PARENT)
    published(tracer)
    await tracer.close()
    (left,) = (thread for thread in threading.enumerate() if thread.name == "last spans")
    collector.gate.set()
    left.join()
    assert collector.names == ["publish service-d.greeting"]
