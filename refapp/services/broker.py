"""The connection to the message broker: one for each process, made anew whenever it is lost."""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Never

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from yarl import URL

from refapp.services.backoff import STARTING, pauses
from refapp.services.hops import reason
from refapp.services.logs import get_logger

BROKER_ERRORS = (*CONNECTION_EXCEPTIONS, TimeoutError)
"""What aio-pika raises when the broker is away, refuses or goes."""

_CONNECT_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
# RabbitMQ's guide asks for 5 to 20 s. A broker that says nothing is given up after three beats that did not come.
_DEFAULTS = {"heartbeat": "10"}

log = get_logger()

# What aiormq says of each attempt and each loss is said below, once for each reason.
logging.getLogger("aiormq").setLevel(logging.CRITICAL)


async def declare(channel: AbstractChannel, name: str) -> AbstractQueue:
    """Declare a durable queue, and beside it `<name>.dead-letter` for messages that nobody can use.

    Publisher and consumer call this alike: RabbitMQ refuses a second declaration that differs.
    """
    dead_letters = f"{name}.dead-letter"
    await channel.declare_queue(dead_letters, durable=True)
    return await channel.declare_queue(
        name,
        durable=True,
        arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead_letters},
    )


class Link:
    """An open channel and the queue on it. `lost` ends with a `ConnectionError` when they are no longer."""

    def __init__(self, channel: AbstractChannel, queue: AbstractQueue) -> None:
        self.channel = channel
        self.queue = queue
        self.lost: asyncio.Future[Never] = asyncio.get_running_loop().create_future()
        self.lost.add_done_callback(lambda lost: lost.cancelled() or lost.exception())  # nobody may be waiting

    def lose(self, detail: str) -> None:
        """Give it up: whoever keeps it makes a new one."""
        if not self.lost.done():
            self.lost.set_exception(ConnectionError(detail))

    async def while_open(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work, cancelling it when the link is lost.

        Raises:
            ConnectionError: it was lost.
        """
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self.lost), return_when=asyncio.FIRST_COMPLETED)
            if self.lost.done():
                self.lost.result()
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def open_link(url: URL, queue: str, *, name: str) -> AsyncIterator[Link]:
    """Connect under a name, open a channel with publisher confirms and declare the queue.

    Raises:
        BROKER_ERRORS: the broker is away or refuses.
    """
    options = _DEFAULTS | dict(url.query)
    async with contextlib.AsyncExitStack() as stack:
        async with asyncio.timeout(_CONNECT_SECONDS):
            connection = await aio_pika.connect(url.with_query(options), client_properties={"connection_name": name})
            stack.push_async_callback(_close, connection)
            channel = await connection.channel(on_return_raises=True)
            link = Link(channel, await declare(channel, queue))
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: link.lose(f"queue {queue} was deleted"))
        for closing in (channel, connection):
            closing.close_callbacks.add(lambda _, error: link.lose(_loss(error)))
        if channel.is_closed:  # before anybody listened
            link.lose(_loss(None))
        yield link


async def _close(connection: aio_pika.abc.AbstractConnection) -> None:
    with contextlib.suppress(*BROKER_ERRORS):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await connection.close()


def _loss(error: BaseException | None) -> str:
    return reason(error) if isinstance(error, Exception) else "connection lost"


class Broker(ABC):
    """Keeps a link to a queue. `connected` is set when there has been one for the first time.

    Raises:
        ValueError: the URL cannot be understood.
    """

    def __init__(self, caller: str, url: str, queue: str) -> None:
        self.connected = asyncio.Event()
        self._caller = caller
        self._url = URL(url)
        self._queue = queue
        self._away = "not connected yet"

    async def run(self) -> Never:
        """Make a link and use it, again and again until cancelled."""
        waits = pauses(STARTING)
        told = ""
        while True:
            surprise: Exception | None = None
            try:
                async with open_link(self._url, self._queue, name=self._caller) as link:
                    waits, told = pauses(), ""
                    self._away = "connection lost"  # until the reason is known
                    await self._use(link)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next link is made
                self._away = reason(error)
                surprise = None if _is_expected(error) else error
            except asyncio.CancelledError:  # aiormq cancels what waits for a connection that is stuck
                if is_cancelled():
                    raise
            tell = log.debug if self._away == told else log.warning
            tell("rabbitmq is away", detail=self._away, exc_info=surprise)
            told = self._away
            await asyncio.sleep(next(waits))

    @abstractmethod
    async def _use(self, link: Link) -> Never:
        """Use a fresh link, having set `connected`, until it is lost.

        Raises:
            BROKER_ERRORS: it was lost.
        """

    def _connected(self) -> None:
        log.info("rabbitmq connected", queue=self._queue)
        self.connected.set()


def _is_expected(error: Exception) -> bool:
    return isinstance(error, BROKER_ERRORS) or type(error) is Exception  # aiormq raises bare ones, too


def is_cancelled() -> bool:
    """Whether the running task is being cancelled, and not only something that it waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
