import asyncio
import contextlib
import random
import uuid

import pymongo
import pytest
from grpc import StatusCode

from refapp.services.hops import Deadline, HopError
from refapp.services.metrics import REGISTRY
from refapp.services.store import Store


def greeting(**fields):
    return {"id": str(uuid.uuid4()), "service": "Service A", "message": "Namasté (नमस्ते)"} | fields


@pytest.fixture
def database():
    return f"service-{uuid.uuid4()}"


@pytest.fixture
async def open_store(database):
    async with contextlib.AsyncExitStack() as stack:

        def open_store(url, name=database):
            store = Store(name, url, "greetings")
            stack.push_async_callback(store.close)
            return store

        yield open_store


@pytest.fixture
async def store(open_store, mongodb):
    store = open_store(mongodb.url)
    async with asyncio.timeout(30):
        await store.connect()
    return store


@pytest.fixture
def documents(mongodb, database):
    """The documents that are there now."""

    def documents():
        with pymongo.MongoClient(mongodb.url, serverSelectionTimeoutMS=30_000) as client:
            return list(client[database]["greetings"].find())

    return documents


async def failure(store, deadline=5.0):
    with pytest.raises(HopError) as caught:
        await store.insert(greeting(), Deadline(deadline))
    return caught.value


async def test_a_greeting_is_stored_under_its_id(store, documents):
    one = greeting()
    await store.insert(one, Deadline(5))
    assert documents() == [{"_id": one["id"], "service": "Service A", "message": "Namasté (नमस्ते)"}]


async def test_storing_again_changes_nothing(store, documents):
    one = greeting()
    for message in (one["message"], "another"):
        await store.insert({**one, "message": message}, Deadline(5))
    assert [document["message"] for document in documents()] == [one["message"]]


async def test_several_at_once_some_of_them_again(store, documents):
    some = [greeting() for _ in range(5)]
    before = REGISTRY.get_sample_value("greetings_stored_total")
    await store.insert(some[1], Deadline(5))
    await store.insert_all([*some, some[0]], Deadline(5))
    await store.insert(some[2], Deadline(5))
    assert REGISTRY.get_sample_value("greetings_stored_total") == before + 5
    assert sorted(document["_id"] for document in documents()) == sorted(one["id"] for one in some)


async def test_writes_are_durable_and_on_a_majority(store):
    assert store._collection.write_concern.document == {"w": "majority", "j": True}


async def test_many_at_the_same_time(store, documents):
    await asyncio.gather(*(store.insert(greeting(), Deadline(30)) for _ in range(100)))
    assert len(documents()) == 100


async def test_no_time_left(store, documents):
    error = await failure(store, deadline=0)
    assert (error.code, str(error).partition(": ")[2]) == (StatusCode.DEADLINE_EXCEEDED, "no time left")
    assert documents() == []


async def test_nobody_listens(open_store):
    error = await failure(open_store("mongodb://127.0.0.1:1", "service-c"))
    assert error.code is StatusCode.UNAVAILABLE
    assert str(error) == "service-c → mongodb: 127.0.0.1:1: Connection refused"


async def test_a_url_that_cannot_be_understood(open_store):
    with pytest.raises(ValueError, match="the URL of MongoDB"):
        open_store("mongodb://")


async def test_connecting_waits_for_the_database(open_store, mongodb, lines, soon):
    mongodb.kill()
    store = open_store(mongodb.url)
    connecting = asyncio.create_task(store.connect())

    async def told():
        return [line for line in lines() if line["msg"] == "mongodb does not answer"]

    (line, *_) = await soon(told)
    assert line["detail"].endswith("Connection refused")
    mongodb.start()
    async with asyncio.timeout(30):
        await connecting


async def test_killed_and_back(store, mongodb, documents, soon):
    await store.insert(greeting(), Deadline(5))
    mongodb.kill()
    error = await failure(store)
    assert error.code is StatusCode.UNAVAILABLE
    mongodb.start()

    async def stored():
        with contextlib.suppress(HopError):
            await store.insert(greeting(), Deadline(5))
            return True

    await soon(stored)
    assert len(documents()) == 2


async def test_paused_and_back(store, mongodb, documents, soon):
    await store.insert(greeting(), Deadline(5))
    mongodb.pause()
    error = await failure(store, deadline=0.3)
    assert error.code is StatusCode.DEADLINE_EXCEEDED
    mongodb.resume()

    async def stored():
        with contextlib.suppress(HopError):
            await store.insert(greeting(), Deadline(5))
            return True

    await soon(stored)
    assert len(documents()) >= 2


async def test_a_request_that_is_cancelled_leaves_the_store_usable(store, mongodb, documents, soon):
    mongodb.pause()
    writing = asyncio.create_task(store.insert(greeting(), Deadline(60)))
    while not writing.done():  # asyncio.wait_for of Python 3.11 may swallow one
        writing.cancel()
        await asyncio.sleep(0.01)
    assert writing.cancelled()
    mongodb.resume()
    last = greeting()

    async def stored():
        with contextlib.suppress(HopError):
            await store.insert(last, Deadline(5))
            return True

    await soon(stored)
    assert last["id"] in {document["_id"] for document in documents()}


async def test_a_database_that_refuses(store, mongodb, database):
    with pymongo.MongoClient(mongodb.url) as client:
        client[database].create_collection("greetings", validator={"message": {"$type": "int"}})
    error = await failure(store)
    assert error.code is StatusCode.INTERNAL
    assert "Document failed validation" in error.detail
    with pytest.raises(HopError) as caught:
        await store.insert_all([greeting(), greeting()], Deadline(5))
    assert caught.value.code is StatusCode.INTERNAL


async def test_requests_that_were_cancelled_do_not_keep_the_store_from_coming_back(store, mongodb, soon):
    for _ in range(300):
        write = asyncio.create_task(store.insert(greeting(), Deadline(5)))
        await asyncio.sleep(random.uniform(0, 0.003))
        write.cancel()
        await asyncio.gather(write, return_exceptions=True)
    mongodb.kill()
    assert (await failure(store)).code is StatusCode.UNAVAILABLE
    mongodb.start()

    async def stored():
        with contextlib.suppress(HopError):
            await store.insert(greeting(), Deadline(1))
            return True

    await soon(stored)


async def test_requests_cancelled_while_the_database_is_away_do_not_keep_the_store_from_coming_back(
    store, mongodb, soon
):
    mongodb.kill()
    await failure(store)
    writes = [asyncio.create_task(store.insert(greeting(), Deadline(5))) for _ in range(8)]
    await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)  # the others are about to give up, too
    for write in writes:
        write.cancel()
    await asyncio.gather(*writes, return_exceptions=True)
    mongodb.start()

    async def stored():
        with contextlib.suppress(HopError):
            await store.insert(greeting(), Deadline(5))
            return True

    await soon(stored)
