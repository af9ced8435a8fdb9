"""Spans of the queue and of the database, which no sidecar records.

The sidecars make the spans of the calls between services and hand their ids to a service in B3 headers. What the
service does with a queue or a database hangs below these spans when TRACE_MESSAGES asks for it, and is not recorded
otherwise.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from refapp.services.headers import Headers
from refapp.services.lifecycle import StartError
from refapp.services.settings import Settings

if TYPE_CHECKING:
    from aio_pika.abc import AbstractIncomingMessage


class Destination(NamedTuple):
    """A queue, and the address of its broker as far as it is known."""

    queue: str
    host: str = ""
    port: int = 0


class Processing:
    """What becomes of one message; this one is not recorded."""

    @property
    def headers(self) -> Headers:
        """The B3 headers by which a write for the message finds its parent."""
        return ()

    def end(self, error: Exception | None = None) -> None:
        """Say that the message was acknowledged, or, given the error, that it was rejected."""


class Tracer:
    """Records nothing."""

    def publish(
        self, destination: Destination, message_id: str, size: int, headers: Headers
    ) -> AbstractContextManager[dict[str, str]]:
        """Record the block as the publication of a message.

        Args:
            destination: where it is published.
            message_id: what tells it from others.
            size: of its body, in bytes.
            headers: what `propagated` found in the request that it is published for.

        Returns:
            A context manager that gives the headers for the message.
        """
        del destination, message_id, size, headers
        return nullcontext({})

    def process(
        self, destination: Destination, messages: Sequence["AbstractIncomingMessage"]
    ) -> AbstractContextManager[Sequence[Processing]]:
        """Record the processing of messages, each from now until its `Processing` is ended.

        Returns:
            A context manager that gives one `Processing` for each message. Where the block ends before they do, they
            end with an error: the messages stay in the queue.
        """
        del destination
        return nullcontext((_UNRECORDED,) * len(messages))

    def insert(self, database: str, collection: str, parents: Sequence[Headers]) -> AbstractContextManager[None]:
        """Record the block as one write of documents, once for each.

        Args:
            database: its name.
            collection: its name.
            parents: for each document the headers of the request, or of the message, that it comes from.
        """
        del database, collection, parents
        return nullcontext()

    async def close(self) -> None:
        """Export what is left, for half a second at most."""


UNTRACED = Tracer()
"""The tracer that records nothing."""

_UNRECORDED = Processing()


def open_tracer(settings: Settings) -> Tracer:
    """The tracer of a service; OpenTelemetry is loaded only when there is something for it to record.

    Raises:
        StartError: a variable of OpenTelemetry's holds a value that its SDK refuses.
    """
    if settings.tracing is None or not (settings.mongo_url or settings.amqp_url):
        return UNTRACED
    from refapp.services.spans import SpanTracer, open_provider  # noqa: PLC0415

    try:
        return SpanTracer(open_provider(settings.tracing, settings.pod), settings.tracing.mode)
    except ValueError as error:
        raise StartError(f"spans cannot be recorded: {error}") from None
