"""Spans made with OpenTelemetry's SDK.

Names and attributes follow OpenTelemetry's semantic conventions for messaging, there "RabbitMQ", and for databases,
there "MongoDB". Those for messaging are not stable yet, so their names stand here and not in a library.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.semconv.attributes.db_attributes import (
    DB_COLLECTION_NAME,
    DB_NAMESPACE,
    DB_OPERATION_BATCH_SIZE,
    DB_OPERATION_NAME,
    DB_SYSTEM_NAME,
)
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.semconv.attributes.service_attributes import SERVICE_INSTANCE_ID, SERVICE_NAME
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    get_current_span,
    set_span_in_context,
)

from refapp.services.exporter import open_processor
from refapp.services.headers import Headers, propagated
from refapp.services.hops import HopError, reason
from refapp.services.settings import LINK, Tracing
from refapp.services.tracing import Destination, Processing, Tracer

if TYPE_CHECKING:
    from aio_pika.abc import AbstractIncomingMessage

Attributes = dict[str, str | int]

_B3 = B3MultiFormat()
_DENIED = frozenset({"0", "false"})
_SAMPLED = "x-b3-sampled"
# How long the process waits at its end for the last spans to be taken.
_FLUSH_SECONDS = 0.5


def open_provider(tracing: Tracing, pod: str) -> TracerProvider:
    """A provider of tracers whose spans are exported in the background.

    Whether a span is recorded follows its parent; one without a parent is.
    """
    resource = Resource.create({SERVICE_NAME: tracing.service, SERVICE_INSTANCE_ID: pod, "host.name": pod})
    provider = TracerProvider(sampler=ParentBased(ALWAYS_ON), resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(open_processor(tracing))
    return provider


class SpanTracer(Tracer):
    """Records spans with a provider, which it closes.

    With the mode `parent` the processing of a message continues the trace that it was published in; with `link` it
    begins a trace with a link to the publication.
    """

    def __init__(self, provider: TracerProvider, mode: str) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("refapp.services")
        self._links = mode == LINK

    @contextmanager
    def publish(
        self, destination: Destination, message_id: str, size: int, headers: Headers
    ) -> Iterator[dict[str, str]]:
        """Record a publication, unless the request has no trace."""
        parent = _context(headers)
        if not _span_context(parent).is_valid:
            yield {name: value for name, value in headers if name == _SAMPLED}
            return
        attributes = _messaging(destination, "publish", "send", message_id, size)
        name = f"publish {destination.queue}"
        span = self._tracer.start_span(name, parent, kind=SpanKind.PRODUCER, attributes=attributes)
        with _ending([span]):
            yield _injected(span)

    @contextmanager
    def process(
        self, destination: Destination, messages: Sequence["AbstractIncomingMessage"]
    ) -> Iterator[Sequence[Processing]]:
        """Record what becomes of messages; one that tells of no trace begins one."""
        spans = [_Recorded(self._processing(destination, message)) for message in messages]
        try:
            yield spans
        except BaseException as error:
            for span in spans:
                span.end(error)
            raise
        for span in spans:
            span.leave()

    @contextmanager
    def insert(self, database: str, collection: str, parents: Sequence[Headers]) -> Iterator[None]:
        """Record a write below the parents that are known."""
        attributes: Attributes = {
            DB_SYSTEM_NAME: "mongodb",
            DB_NAMESPACE: database,
            DB_COLLECTION_NAME: collection,
            DB_OPERATION_NAME: "insert",
            "service.peer.name": "mongodb",
        }
        if len(parents) > 1:  # by convention one operation is no batch
            attributes[DB_OPERATION_BATCH_SIZE] = len(parents)
        start = partial(self._tracer.start_span, f"insert {collection}", kind=SpanKind.CLIENT, attributes=attributes)
        contexts = (_context(headers) for headers in parents)
        with _ending([start(context) for context in contexts if _span_context(context).is_valid]):
            yield

    async def close(self) -> None:
        """Export what is left. A collector that does not answer is waited for half a second, and spans are lost."""
        # Not a thread of the loop's executor: the process would wait for that one at its end.
        thread = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        thread.start()
        await asyncio.to_thread(thread.join, _FLUSH_SECONDS)

    def _processing(self, destination: Destination, message: "AbstractIncomingMessage") -> Span:
        headers = _message_headers(message.headers)
        if _denied(headers):
            return INVALID_SPAN
        parent, links = self._origin(_context(headers))
        attributes = _messaging(destination, "process", "process", message.message_id or "", len(message.body))
        attributes["messaging.rabbitmq.message.delivery_tag"] = message.delivery_tag or 0
        name = f"process {destination.queue}"
        return self._tracer.start_span(name, parent, kind=SpanKind.CONSUMER, attributes=attributes, links=links)

    def _origin(self, parent: Context) -> tuple[Context, list[Link]]:
        """The parent of a message's processing, and what it is linked with."""
        publication = _span_context(parent)
        # What is not recorded before the queue is not recorded behind it either, which a parent tells, and a link not.
        if self._links and publication.trace_flags.sampled:
            return Context(), [Link(publication)]
        return parent, []


class _Recorded(Processing):
    def __init__(self, span: Span) -> None:
        self._span = span

    @property
    def headers(self) -> Headers:
        return tuple(_injected(self._span).items())

    def end(self, error: BaseException | None = None) -> None:
        if self._span.is_recording():  # it may have ended
            if error is not None:
                _fail(self._span, error)
            self._span.end()

    def leave(self) -> None:
        """End as a message that stays in the queue."""
        if self._span.is_recording():
            self._span.set_status(Status(StatusCode.ERROR, "left in the queue"))
            self._span.end()


@contextmanager
def _ending(spans: Sequence[Span]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        for span in spans:
            _fail(span, error)
        raise
    finally:
        for span in spans:
            span.end()


def _fail(span: Span, error: BaseException) -> None:
    kind, detail = type(error).__qualname__, reason(error)
    if isinstance(error, HopError):
        kind, detail = error.code.name, error.detail
    span.record_exception(error)
    span.set_attribute(ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR, detail))


def _denied(headers: Headers) -> bool:
    """Whether the headers say that nothing is to be recorded; B3 allows that also without ids."""
    return dict(headers).get(_SAMPLED, "").lower() in _DENIED


def _context(headers: Headers) -> Context:
    return _B3.extract(dict(headers), Context())


def _span_context(context: Context) -> SpanContext:
    return get_current_span(context).get_span_context()


def _injected(span: Span) -> dict[str, str]:
    headers: dict[str, str] = {}
    _B3.inject(headers, set_span_in_context(span, Context()))
    return headers


def _message_headers(values: Mapping[str, object]) -> Headers:
    """The headers of a message that carry a trace; AMQP knows other types than text."""
    return propagated((name, value) for name, value in values.items() if isinstance(value, str | bytes))


def _messaging(destination: Destination, operation: str, kind: str, message_id: str, size: int) -> Attributes:
    # The default exchange hands a message to the queue that its routing key names, so that one name says both.
    attributes: Attributes = {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination.queue,
        "messaging.rabbitmq.destination.routing_key": destination.queue,
        "messaging.message.body.size": size,
        "service.peer.name": "rabbitmq",
    }
    known: Attributes = {
        "messaging.message.id": message_id,
        SERVER_ADDRESS: destination.host,
        SERVER_PORT: destination.port,
    }
    return attributes | {name: value for name, value in known.items() if value}
