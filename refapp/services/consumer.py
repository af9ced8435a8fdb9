"""Moves greetings from a queue into a database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Never

import orjson
from aio_pika.abc import AbstractIncomingMessage

from refapp.services import metrics
from refapp.services.backoff import pauses
from refapp.services.broker import Broker, Link
from refapp.services.headers import Headers
from refapp.services.hops import Deadline, HopError
from refapp.services.logs import get_logger
from refapp.services.tracing import UNTRACED, Destination, Processing, Tracer

Document = dict[str, str]
Write = Callable[[Sequence[Document], Deadline, Sequence[Headers]], Awaitable[None]]

LONGEST_MESSAGE = 2**20
"""Longest message that can be a greeting, in bytes."""

_FIELDS = ("id", "service", "message", "created", "hostname")
_PREFETCH = 64
_WRITE_SECONDS = 5.0
_SHOWN = 200

_REJECTED = metrics.counter("greetings_rejected", "Messages of the queue that were no greetings.")

log = get_logger()


def parse(body: bytes) -> Document:
    """The greeting in a message: a JSON object whose `id` is a text; further fields may be missing, as in Protobuf.

    Raises:
        ValueError: it is no greeting.
    """
    if len(body) > LONGEST_MESSAGE:
        raise ValueError(f"longer than {LONGEST_MESSAGE} bytes")
    value = orjson.loads(body)
    if not isinstance(value, dict):
        raise ValueError(f"an object was expected, not {type(value).__name__}")  # noqa: TRY004 - the body is at fault
    greeting = {name: value.get(name, "") for name in _FIELDS}
    if wrong := [name for name, text in greeting.items() if not isinstance(text, str)]:
        raise ValueError(f"not a text: {', '.join(wrong)}")
    if not greeting["id"]:
        raise ValueError("no id")
    return greeting


class _Taken(NamedTuple):
    message: AbstractIncomingMessage
    greeting: Document
    processing: Processing


class Consumer(Broker):
    """Writes each greeting of a queue once, and acknowledges it after that.

    Messages that wait are written together. While the database is away they stay with the broker; a message that is
    no greeting goes to the dead-letter queue.
    """

    def __init__(self, caller: str, url: str, queue: str, write: Write, tracer: Tracer = UNTRACED) -> None:
        super().__init__(caller, url, queue)
        self._tracer = tracer
        self._destination = Destination(queue, self._url.host or "", self._url.port or 0)
        self._write = write
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def stop(self) -> None:
        """Take no more messages, and wait for the write that runs. What is not written stays in the queue."""
        self._stopping = True
        await self._idle.wait()

    async def _use(self, link: Link) -> Never:
        inbox: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await link.channel.set_qos(prefetch_count=_PREFETCH)
        await link.queue.consume(inbox.put)
        self._connected()
        await link.while_open(self._empty(inbox))
        await link.lost

    async def _empty(self, inbox: asyncio.Queue[AbstractIncomingMessage]) -> None:
        while True:
            messages = [await inbox.get()]
            messages.extend(inbox.get_nowait() for _ in range(inbox.qsize()))
            if self._stopping:
                return
            self._idle.clear()
            try:
                await self._move(messages)
            finally:
                self._idle.set()

    async def _move(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        with self._tracer.process(self._destination, messages) as processings:
            taken = await self._taken(messages, processings)
            if taken and await self._written(taken):
                for message, _, processing in taken:
                    await message.ack()
                    processing.end()

    async def _taken(
        self, messages: Sequence[AbstractIncomingMessage], processings: Sequence[Processing]
    ) -> list[_Taken]:
        """Those of the messages that are greetings; the others are rejected."""
        taken = []
        for message, processing in zip(messages, processings, strict=True):
            try:
                taken.append(_Taken(message, parse(message.body), processing))
            except ValueError as error:
                await self._reject(message, str(error))
                processing.end(error)
        return taken

    async def _reject(self, message: AbstractIncomingMessage, detail: str) -> None:
        body = message.body[: 4 * _SHOWN].decode("utf-8", "backslashreplace")[:_SHOWN]
        log.error("message is no greeting", detail=detail, size=len(message.body), body=body, queue=self._queue)
        await message.reject(requeue=False)
        _REJECTED.inc()

    async def _written(self, taken: Sequence[_Taken]) -> bool:
        greetings = [each.greeting for each in taken]
        headers = [each.processing.headers for each in taken]
        for pause in pauses():
            try:
                await self._write(greetings, Deadline(_WRITE_SECONDS), headers)
            except HopError as error:
                detail = str(error)
            else:
                log.info("greetings stored", greetings=len(greetings), ids=[greeting["id"] for greeting in greetings])
                return True
            log.error("greetings not stored", detail=detail, greetings=len(greetings), retry_seconds=round(pause, 3))
            await asyncio.sleep(pause)
            if self._stopping:
                break
        return False
