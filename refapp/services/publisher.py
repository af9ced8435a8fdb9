"""Publishes greetings to a queue."""

import asyncio
from collections.abc import Mapping
from typing import Never

import orjson
from aio_pika import DeliveryMode, Message
from aio_pika.exceptions import DeliveryError
from grpc import StatusCode

from refapp.services import metrics
from refapp.services.broker import Broker, Link, is_cancelled
from refapp.services.headers import Headers
from refapp.services.hops import Deadline, HopError, reason
from refapp.services.tracing import UNTRACED, Destination, Tracer
from refapp.services.uncancelled import Uncancelled

_PUBLISHED = metrics.counter("greetings_published", "Greetings that the broker has confirmed.")


class Publisher(Broker):
    """Publishes to one queue; a message counts as published when the broker has it on disk."""

    def __init__(self, caller: str, url: str, queue: str, tracer: Tracer = UNTRACED) -> None:
        super().__init__(caller, url, queue)
        self._tracer = tracer
        self._destination = Destination(queue, self._url.host or "", self._url.port or 0)
        self._link: Link | None = None
        self._publications = Uncancelled()

    async def publish(self, greeting: Mapping[str, str], deadline: Deadline, headers: Headers = ()) -> None:
        """Publish a greeting as JSON and wait for the broker's confirmation.

        Args:
            greeting: its fields.
            deadline: how long to wait.
            headers: what `propagated` found in the request, for the message's trace.

        Raises:
            HopError: the broker is away, does not confirm in time, or has no such queue.
        """
        await self._publications.run(self._publish(greeting, deadline, headers))

    async def _publish(self, greeting: Mapping[str, str], deadline: Deadline, headers: Headers) -> None:
        body, message_id = orjson.dumps(greeting), greeting["id"]
        with self._tracer.publish(self._destination, message_id, len(body), headers) as trace:
            message = Message(
                body,
                headers=dict(trace),
                content_type="application/json",
                delivery_mode=DeliveryMode.PERSISTENT,
                message_id=message_id,
            )
            await self._send(message, deadline)

    async def _send(self, message: Message, deadline: Deadline) -> None:
        link = self._link
        if link is None:
            raise self._failure(StatusCode.UNAVAILABLE, self._away)
        timeout = deadline.timeout(self._caller, "rabbitmq")
        try:
            await link.channel.default_exchange.publish(message, self._queue, timeout=timeout)
            _PUBLISHED.inc()
        except TimeoutError:
            raise self._failure(StatusCode.DEADLINE_EXCEEDED, "no confirmation in time") from None
        except DeliveryError:
            detail = f"queue {self._queue} did not take the message"
            link.lose(detail)  # the next link declares the queue again
            raise self._failure(StatusCode.UNAVAILABLE, detail) from None
        except Exception as error:  # aiormq may raise a bare one when the connection closes
            raise self._failure(StatusCode.UNAVAILABLE, reason(error)) from error
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            raise self._failure(StatusCode.UNAVAILABLE, "connection lost") from None

    async def _use(self, link: Link) -> Never:
        self._link = link
        self._connected()
        try:
            await link.lost
        finally:
            self._link = None

    def _failure(self, code: StatusCode, detail: str) -> HopError:
        return HopError(self._caller, "rabbitmq", code, detail)
