import asyncio
import contextlib
import json
import uuid

import aio_pika
import pytest
from grpc import StatusCode

from refapp.services.broker import declare
from refapp.services.consumer import LONGEST_MESSAGE, Consumer
from refapp.services.hops import Deadline, HopError
from refapp.services.metrics import REGISTRY
from refapp.services.publisher import Publisher

NOTHING_LISTENS = "amqp://guest:guest@127.0.0.1:1/"


def greeting():
    return {
        "id": str(uuid.uuid4()),
        "service": "Service D",
        "message": "Shalom (שָׁלוֹם)",
        "created": "2026-03-01T12:00:00.000000+01:00",
        "hostname": "service-d-1",
    }


class Collection:
    """A database in memory that can be away, be slow, and remembers how often each greeting came."""

    def __init__(self):
        self.documents = {}
        self.writes = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, greetings, _deadline, _headers):
        self.writes.append(len(greetings))
        if self.away:
            raise HopError("service-f", "mongodb", StatusCode.UNAVAILABLE, "Connection refused")
        await self.gate.wait()
        for each in greetings:
            self.documents.setdefault(each["id"], each)


@pytest.fixture
def queue():
    return f"service-d.greeting.{uuid.uuid4()}"


@pytest.fixture
async def collection():
    return Collection()


class Running:
    """Runs publishers and consumers until they are ended."""

    def __init__(self):
        self._tasks = {}

    def __call__(self, broker):
        self._tasks[broker] = asyncio.create_task(broker.run())
        return broker

    async def end(self, *brokers):
        tasks = [self._tasks.pop(broker) for broker in brokers or tuple(self._tasks)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def running():
    running = Running()
    yield running
    await running.end()


@pytest.fixture
async def publisher(running, rabbitmq, queue):
    publisher = running(Publisher("service-d", rabbitmq.url, queue))
    async with asyncio.timeout(30):
        await publisher.connected.wait()
    return publisher


@pytest.fixture
def consume(running, rabbitmq, queue, collection):
    async def consume():
        consumer = running(Consumer("service-f", rabbitmq.url, queue, collection.write))
        async with asyncio.timeout(30):
            await consumer.connected.wait()
        return consumer

    return consume


@pytest.fixture
async def channel(rabbitmq):
    """A channel of the test's own, which outlives no broker."""
    async with await aio_pika.connect(rabbitmq.url) as connection:
        yield await connection.channel(on_return_raises=True)


@pytest.fixture
def depth(rabbitmq):
    """The number of messages that wait in a queue."""

    async def depth(name):
        async with await aio_pika.connect(rabbitmq.url) as connection:
            channel = await connection.channel()
            return (await channel.declare_queue(name, passive=True)).declaration_result.message_count

    return depth


@pytest.fixture
def remembered(rabbitmq, queue, soon):
    """Waits until the definition of the queue is on disk.

    RabbitMQ confirms the declaration before its database, Mnesia, has written it. A broker that is killed in that
    moment has never heard of the queue, nor of the messages in it.
    """
    name = b"m" + len(queue).to_bytes(4, "big") + queue.encode()  # as Erlang's external term format has a binary

    async def on_disk():
        return any(name in table.read_bytes() for table in rabbitmq.database.iterdir() if table.is_file())

    async def remembered():
        await soon(on_disk)

    return remembered


@pytest.fixture
def accepted(publisher, soon):
    """Publishes a greeting, again and again until the broker takes it; returns it."""

    async def accepted(by=publisher):
        one = greeting()

        async def published():
            with contextlib.suppress(HopError):
                await by.publish(one, Deadline(5))
                return True

        await soon(published, within=60)
        return one

    return accepted


def holds(collection, *greetings):
    async def holds():
        return {each["id"] for each in greetings} <= collection.documents.keys()

    return holds


async def failure(publisher, deadline=5.0):
    with pytest.raises(HopError) as caught:
        await publisher.publish(greeting(), Deadline(deadline))
    return caught.value


async def test_a_message_is_the_greeting_as_json_and_persistent(publisher, channel, queue):
    one = greeting()
    before = REGISTRY.get_sample_value("greetings_published_total")
    await publisher.publish(one, Deadline(5))
    assert REGISTRY.get_sample_value("greetings_published_total") == before + 1
    message = await (await channel.get_queue(queue)).get(timeout=10)
    assert json.loads(message.body) == one
    assert (message.content_type, message.message_id) == ("application/json", one["id"])
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    await message.ack()


@pytest.mark.usefixtures("publisher")
async def test_the_queues_are_durable_and_publisher_and_consumer_agree(consume, channel, queue):
    await consume()
    await declare(channel, queue)
    with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
        await channel.declare_queue(queue, durable=True)


async def test_no_time_left(publisher):
    assert (await failure(publisher, deadline=0)).code is StatusCode.DEADLINE_EXCEEDED


async def test_before_there_is_a_connection(running, soon):
    publisher = running(Publisher("service-d", NOTHING_LISTENS, "q"))

    async def refused():
        return str(await failure(publisher)) == "service-d → rabbitmq: Connection refused"

    await soon(refused)
    assert (await failure(publisher)).code is StatusCode.UNAVAILABLE
    assert not publisher.connected.is_set()


async def test_a_url_that_cannot_be_understood():
    with pytest.raises(ValueError, match="port"):
        Publisher("service-d", "amqp://127.0.0.1:port", "q")


async def test_a_message_that_no_queue_takes_is_an_error_and_the_queue_is_made_again(
    publisher, channel, queue, accepted, depth
):
    await channel.queue_delete(queue)
    error = await failure(publisher)
    assert (error.code, queue in error.detail) == (StatusCode.UNAVAILABLE, True)
    await accepted()
    assert await depth(queue) == 1


async def test_broker_killed_and_back(publisher, consume, collection, rabbitmq, accepted, remembered, soon):
    await consume()
    await remembered()
    first = await accepted()
    rabbitmq.kill()

    async def away():
        return (await failure(publisher)).detail == "Connection refused"

    await soon(away)
    rabbitmq.start()
    second = await accepted()
    await soon(holds(collection, first, second))


async def test_messages_survive_the_broker(consume, collection, rabbitmq, accepted, remembered, soon):
    await remembered()
    some = [await accepted() for _ in range(5)]
    rabbitmq.kill()
    rabbitmq.start()
    some.append(await accepted())
    await consume()
    await soon(holds(collection, *some))
    assert len(collection.documents) == 6


async def test_a_broker_that_is_paused(publisher, consume, collection, rabbitmq, accepted, soon):
    await consume()
    rabbitmq.pause()
    error = await failure(publisher, deadline=0.3)
    assert (error.code, error.detail) == (StatusCode.DEADLINE_EXCEEDED, "no confirmation in time")
    rabbitmq.resume()
    await soon(holds(collection, await accepted()))


async def test_a_broker_that_says_nothing_for_long_is_given_up(running, rabbitmq, queue, accepted, soon):
    url = f"{rabbitmq.url}?heartbeat=1"  # given up after 6 s
    publisher = running(Publisher("service-d", url, queue))
    await soon(publisher.connected.wait)
    rabbitmq.pause()

    async def given_up():
        return publisher._link is None

    await soon(given_up)
    rabbitmq.resume()
    await accepted(by=publisher)


async def test_a_connection_that_the_broker_closes(publisher, accepted, lines, soon):
    link = publisher._link
    with contextlib.suppress(*aio_pika.exceptions.CONNECTION_EXCEPTIONS):
        await (await link.channel.get_underlay_channel()).queue_declare("no such queue", passive=True)

    async def told():
        return [line for line in lines() if line["msg"] == "rabbitmq is away"]

    (line, *_) = await soon(told)
    assert "no such queue" in line["detail"]
    await accepted()


async def test_many_at_the_same_time_arrive_once(publisher, consume, collection, soon, depth, queue):
    await consume()
    some = [greeting() for _ in range(500)]
    await asyncio.gather(*(publisher.publish(each, Deadline(60)) for each in some))
    await soon(holds(collection, *some))
    assert collection.documents == {each["id"]: each for each in some}
    assert await depth(queue) == 0


async def test_what_waits_is_written_together_and_no_more_than_the_broker_may_send(
    publisher, consume, collection, soon
):
    collection.gate.clear()
    await consume()
    some = [greeting() for _ in range(300)]
    await asyncio.gather(*(publisher.publish(each, Deadline(60)) for each in some))
    collection.gate.set()
    await soon(holds(collection, *some))
    assert max(collection.writes) > 1
    assert max(collection.writes) <= 64


async def test_messages_stay_with_the_broker_while_the_database_is_away(
    running, consume, collection, accepted, soon, lines, depth, queue
):
    collection.away = True
    consumer = await consume()
    one = await accepted()

    async def told():
        return [line for line in lines() if line["msg"] == "greetings not stored"]

    (line, *_) = await soon(told)
    assert (line["level"], line["detail"]) == ("error", "service-f → mongodb: Connection refused")
    assert line["retry_seconds"] > 0
    assert collection.documents == {}
    await consumer.stop()
    await running.end(consumer)

    async def back():
        return await depth(queue) == 1

    await soon(back)
    collection.away = False
    await consume()
    await soon(holds(collection, one))


async def test_the_database_is_asked_again_with_pauses(consume, collection, accepted, soon):
    collection.away = True
    await consume()
    one = await accepted()

    async def three():
        return len(collection.writes) >= 3

    await soon(three)
    collection.away = False
    await soon(holds(collection, one))
    assert collection.writes == [1] * len(collection.writes)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json \xff",
        b"[]",
        b'{"message": "no id"}',
        b'{"id": ""}',
        b'{"id": 7}',
        b'{"id": "1", "message": ["x"]}',
        b'{"id": "1", "message": "' + b"x" * LONGEST_MESSAGE + b'"}',
        "श".encode() * 1000,
    ],
)
async def test_a_message_that_is_no_greeting_goes_to_the_dead_letters(
    consume, collection, channel, queue, accepted, soon, lines, body
):
    await consume()
    before = REGISTRY.get_sample_value("greetings_rejected_total")
    await channel.default_exchange.publish(aio_pika.Message(body), queue)
    one = await accepted()
    await soon(holds(collection, one))
    assert list(collection.documents) == [one["id"]]
    dead = await (await channel.get_queue(f"{queue}.dead-letter")).get(timeout=10)
    assert dead.body == body
    await dead.ack()
    assert REGISTRY.get_sample_value("greetings_rejected_total") == before + 1
    (line,) = [line for line in lines() if line["msg"] == "message is no greeting"]
    shown = body.decode("utf-8", "backslashreplace")[:200]
    assert (line["level"], line["size"], line["body"]) == ("error", len(body), shown)
    assert line["detail"]


async def test_exactly_once_though_the_broker_dies_during_the_write(
    consume, collection, rabbitmq, accepted, remembered, soon
):
    collection.gate.clear()
    await consume()
    await remembered()
    some = [await accepted() for _ in range(20)]

    async def writing():
        return collection.writes

    await soon(writing)
    rabbitmq.kill()
    collection.gate.set()
    rabbitmq.start()
    some.append(await accepted())
    await soon(holds(collection, *some))
    assert len(collection.documents) == 21
    assert sum(collection.writes) > 21


async def test_two_consumers_share_the_work(publisher, consume, collection, soon):
    await asyncio.gather(consume(), consume())
    some = [greeting() for _ in range(200)]
    await asyncio.gather(*(publisher.publish(each, Deadline(60)) for each in some))
    await soon(holds(collection, *some))
    assert sum(collection.writes) == 200


async def test_stopping_finishes_the_write_that_runs(consume, collection, accepted, soon):
    collection.gate.clear()
    consumer = await consume()
    one = await accepted()

    async def writing():
        return collection.writes

    await soon(writing)
    stopped = asyncio.create_task(consumer.stop())
    await asyncio.sleep(0)
    assert not stopped.done()
    collection.gate.set()
    async with asyncio.timeout(10):
        await stopped
    assert list(collection.documents) == [one["id"]]
    await accepted()
    assert list(collection.documents) == [one["id"]]


async def test_a_queue_that_is_deleted_is_made_again(consume, collection, channel, queue, accepted, soon):
    await consume()
    await channel.queue_delete(queue)
    await soon(holds(collection, await accepted()))
