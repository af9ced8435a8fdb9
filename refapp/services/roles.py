"""What a service does beside calling others: store, publish or consume greetings."""

import asyncio
from typing import TYPE_CHECKING, Never

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services.headers import Headers
from refapp.services.hops import Deadline
from refapp.services.lifecycle import StartError
from refapp.services.logs import get_logger
from refapp.services.settings import Settings
from refapp.services.tracing import UNTRACED, Tracer

if TYPE_CHECKING:
    from refapp.services.consumer import Consumer
    from refapp.services.publisher import Publisher
    from refapp.services.store import Store

_FIELDS = tuple(field.name for field in greeting_pb2.Greeting.DESCRIPTOR.fields)

log = get_logger()


class Role:
    """Nothing but greetings."""

    async def connect(self) -> None:
        """Wait until the database and the broker have been reached for the first time."""

    async def work(
        self, sent: greeting_pb2.Greeting, own: greeting_pb2.Greeting, headers: Headers, deadline: Deadline
    ) -> None:
        """Do the service's part in a request, given the greeting it was sent, its own, and the trace's headers.

        Raises:
            HopError: the database or the broker failed.
        """

    async def drain(self) -> None:
        """Take no more work, and finish what runs."""

    async def close(self) -> None:
        """Close the connections."""


class _Storing(Role):
    """Stores the greeting it was sent. A request without one, as a person may send it, stores nothing."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    async def connect(self) -> None:
        await self._store.connect()

    async def work(
        self, sent: greeting_pb2.Greeting, own: greeting_pb2.Greeting, headers: Headers, deadline: Deadline
    ) -> None:
        if sent.id:
            await self._store.insert(_document(sent), deadline, headers)
        else:
            log.warning("nothing stored", detail="the request holds no greeting with an id", answer=own.id)

    async def close(self) -> None:
        await self._store.close()


class _Publishing(Role):
    """Publishes its own greeting."""

    def __init__(self, publisher: "Publisher") -> None:
        self._publisher = publisher
        self._task = asyncio.create_task(publisher.run())

    async def connect(self) -> None:
        await self._publisher.connected.wait()

    async def work(
        self, _: greeting_pb2.Greeting, own: greeting_pb2.Greeting, headers: Headers, deadline: Deadline
    ) -> None:
        await self._publisher.publish(_document(own), deadline, headers)

    async def close(self) -> None:
        await _end(self._task)


class _Consuming(Role):
    """Moves greetings from a queue into a database, whether or not requests come."""

    def __init__(self, consumer: "Consumer", store: "Store") -> None:
        self._store = store
        self._consumer = consumer
        self._task = asyncio.create_task(consumer.run())

    async def connect(self) -> None:
        await self._store.connect()
        await self._consumer.connected.wait()

    async def drain(self) -> None:
        await self._consumer.stop()

    async def close(self) -> None:
        await _end(self._task)
        await self._store.close()


def open_role(settings: Settings, tracer: Tracer = UNTRACED) -> Role:
    """The role of a service, begun; each loads only the libraries that it needs. The tracer stays the caller's.

    Raises:
        StartError: the URL of the database or of the broker cannot be understood.
    """
    try:
        if settings.consumes:
            return _consuming(settings, tracer)
        if settings.publishes:
            return _publishing(settings, tracer)
        if settings.stores:
            return _Storing(_store(settings, "greetings", tracer))
    except ValueError as error:
        raise StartError(str(error)) from None
    return Role()


def _store(settings: Settings, collection: str, tracer: Tracer) -> "Store":
    from refapp.services.store import Store  # noqa: PLC0415

    return Store(settings.slug, settings.mongo_url or "", collection, tracer)


def _publishing(settings: Settings, tracer: Tracer) -> _Publishing:
    from refapp.services.publisher import Publisher  # noqa: PLC0415

    return _Publishing(Publisher(settings.slug, settings.amqp_url or "", settings.queue, tracer))


def _consuming(settings: Settings, tracer: Tracer) -> _Consuming:
    from refapp.services.consumer import Consumer  # noqa: PLC0415

    store = _store(settings, "messages", tracer)
    consumer = Consumer(settings.slug, settings.amqp_url or "", settings.queue, store.insert_all, tracer)
    return _Consuming(consumer, store)


def _document(greeting: greeting_pb2.Greeting) -> dict[str, str]:
    return {name: getattr(greeting, name) for name in _FIELDS}


async def _end(task: asyncio.Task[Never]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
