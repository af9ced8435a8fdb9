"""Spans of the queue and of the database, as the trace backend has them."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import threading
import uuid

import aio_pika
import aiohttp
import grpc.aio
import pymongo
import pytest
from aiohttp import web

from refapp.backends.tracing.server import runner
from refapp.backends.tracing.store import Store as TraceStore
from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.consumer import Consumer
from refapp.services.hops import Deadline, HopError
from refapp.services.publisher import Publisher
from refapp.services.settings import LINK, MESSAGE_TRACES, PARENT, Tracing
from refapp.services.spans import SpanTracer, open_provider
from refapp.services.store import Store

SERVER = "a2fb4a1d1a96d312"
"""The span of the sidecar in front of the service."""


def greeting():
    return {"id": str(uuid.uuid4()), "service": "Service D", "message": "Shalom (שָׁלוֹם)"}


def request(sampled="1"):
    """The headers of a request in a trace of its own, and its id."""
    trace_id = f"{random.getrandbits(127) + 1:032x}"
    return trace_id, (("x-b3-traceid", trace_id), ("x-b3-spanid", SERVER), ("x-b3-sampled", sampled))


class Backend:
    """The trace backend, and a client of it."""

    def __init__(self, session, url):
        self.url = f"{url}/v1/traces"
        self._session = session
        self._base = url

    async def get(self, path, **params):
        async with self._session.get(self._base + path, params=params) as response:
            return await response.json() if response.status == 200 else []

    async def trace(self, trace_id):
        """The spans of a trace, by the first word of their names."""
        spans = {}
        for span in sorted(await self.get(f"/api/v2/trace/{trace_id}"), key=lambda span: span["timestamp"]):
            spans.setdefault(span["name"].partition(" ")[0], []).append(span)
        return spans


@pytest.fixture
async def backend(tmp_path):
    with TraceStore(tmp_path / "traces.db", 10_000) as store:
        server = runner(store)
        await server.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(server, listener).start()
        async with aiohttp.ClientSession() as session:
            yield Backend(session, f"http://127.0.0.1:{listener.getsockname()[1]}")
        await server.cleanup()


@pytest.fixture
async def resources():
    async with contextlib.AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def open_tracer(backend, resources):
    def open_tracer(service, mode, url=backend.url):
        tracing = Tracing(mode=mode, service=service, endpoint=url, delay=10)
        tracer = SpanTracer(open_provider(tracing, f"{service}-1"), mode)
        resources.push_async_callback(_end, tracer)
        return tracer

    return open_tracer


async def _end(tracer):
    """Close it, and wait for what it would leave to the end of the process."""
    await tracer.close()
    for thread in threading.enumerate():
        if thread.name == "last spans":
            await asyncio.to_thread(thread.join)


@pytest.fixture
def queue():
    return f"service-d.greeting.{uuid.uuid4()}"


@pytest.fixture
def database():
    return f"service-{uuid.uuid4()}"


async def run(broker, resources):
    """Run a publisher or a consumer until the end of the test."""
    task = asyncio.create_task(broker.run())

    async def end():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    resources.push_async_callback(end)
    async with asyncio.timeout(30):
        await broker.connected.wait()
    return broker


@pytest.fixture
def publisher(open_tracer, resources, rabbitmq, queue):
    async def publisher(mode=PARENT, tracer=None):
        tracer = tracer or open_tracer("service-d", mode)
        return await run(Publisher("service-d", rabbitmq.url, queue, tracer), resources)

    return publisher


@pytest.fixture
def consumer(open_tracer, resources, rabbitmq, mongodb, queue, database):
    async def consumer(mode=PARENT, tracer=None):
        tracer = tracer or open_tracer("service-f", mode)
        store = Store(database, mongodb.url, "messages", tracer)
        resources.push_async_callback(store.close)
        return await run(Consumer("service-f", rabbitmq.url, queue, store.insert_all, tracer), resources)

    return consumer


@pytest.fixture
def stored(mongodb, database, soon):
    """Waits until so many greetings are stored."""

    async def stored(count):
        async def there():
            return await asyncio.to_thread(counted) == count

        def counted():
            with pymongo.MongoClient(mongodb.url) as client:
                return client[database]["messages"].count_documents({})

        await soon(there)

    return stored


@pytest.fixture
def whole(backend, soon):
    """Waits until a trace has spans of these names, and returns its spans."""

    async def whole(trace_id, *names):
        async def there():
            spans = await backend.trace(trace_id)
            return spans if set(names) <= spans.keys() else None

        return await soon(there)

    return whole


async def test_one_trace_from_the_request_to_the_write(publisher, consumer, whole, queue, database):
    trace_id, headers = request()
    await consumer()
    one = greeting()
    await (await publisher()).publish(one, Deadline(5), headers)
    spans = await whole(trace_id, "publish", "process", "insert")
    (publish,), (process,), (insert,) = (spans[name] for name in ("publish", "process", "insert"))
    assert [span["kind"] for span in (publish, process, insert)] == ["PRODUCER", "CONSUMER", "CLIENT"]
    assert publish["name"], process["name"] == (f"publish {queue}", f"process {queue}")
    assert insert["name"] == "insert messages"
    assert (publish["parentId"], process["parentId"], insert["parentId"]) == (SERVER, publish["id"], process["id"])
    services = [span["localEndpoint"]["serviceName"] for span in (publish, process, insert)]
    assert services == ["service-d", "service-f", "service-f"]
    remotes = [span["remoteEndpoint"]["serviceName"] for span in (publish, process, insert)]
    assert remotes == ["rabbitmq", "rabbitmq", "mongodb"]
    assert publish["tags"]["messaging.message.id"] == process["tags"]["messaging.message.id"] == one["id"]
    assert insert["tags"]["db.namespace"] == database
    assert not any("error" in span["tags"] for span in (publish, process, insert))
    assert process["timestamp"] <= insert["timestamp"]
    assert insert["timestamp"] + insert["duration"] <= process["timestamp"] + process["duration"] + 1


async def test_a_linked_trace_for_the_message(publisher, consumer, whole, backend, soon):
    trace_id, headers = request()
    await consumer(LINK)
    await (await publisher(LINK)).publish(greeting(), Deadline(5), headers)
    (publish,) = (await whole(trace_id, "publish"))["publish"]

    async def processed():
        found = await backend.get("/api/v2/traces", serviceName="service-f")
        return found if found and len(found[0]) == 2 else None

    (spans,) = await soon(processed)
    process, insert = sorted(spans, key=lambda span: span["name"], reverse=True)
    assert process["traceId"] != trace_id
    assert "parentId" not in process
    assert insert["parentId"] == process["id"]
    assert process["tags"]["otlp.link.0"].split("|")[:2] == [trace_id, publish["id"]]
    ((linked,),) = [
        span["references"]
        for trace in (await backend.get(f"/api/traces/{process['traceId']}"))["data"]
        for span in trace["spans"]
        if span["spanID"] == process["id"]
    ]
    assert linked == {"refType": "FOLLOWS_FROM", "traceID": trace_id, "spanID": publish["id"]}


@pytest.mark.parametrize("mode", MESSAGE_TRACES)
async def test_what_is_not_sampled_leaves_no_spans(publisher, consumer, backend, soon, stored, mode):
    await consumer(mode)
    publish = (await publisher(mode)).publish
    await publish(greeting(), Deadline(5), request(sampled="0")[1])
    await stored(1)
    trace_id, headers = request()
    await publish(greeting(), Deadline(5), headers)
    await stored(2)

    async def nothing_else():
        found = [span for trace in await backend.get("/api/v2/traces") for span in trace]
        links = {span["tags"].get("otlp.link.0", trace_id).partition("|")[0] for span in found}
        return len(found) == 3 and links == {trace_id}

    await soon(nothing_else)  # what were recorded of the first message would have come before


async def test_a_message_of_somebody_else_begins_a_trace(consumer, rabbitmq, queue, backend, soon, stored):
    await consumer()
    strange = {"x-b3-traceid": 7, "x-b3-spanid": [1], "x-b3-sampled": "yes"}
    async with await aio_pika.connect(rabbitmq.url) as connection:
        exchange = (await connection.channel()).default_exchange
        for headers in ({}, strange):
            await exchange.publish(aio_pika.Message(json.dumps(greeting()).encode(), headers=headers), queue)
        await exchange.publish(aio_pika.Message(b"{}"), queue)
    await stored(2)

    async def processed():
        found = await backend.get("/api/v2/traces", serviceName="service-f", annotationQuery="messaging.system")
        return sorted(found, key=len) if sum(map(len, found)) == 5 else None

    (rejected,), *others = await soon(processed)
    assert rejected["tags"]["error"] == "no id"
    assert [len(trace) for trace in others] == [2, 2]


async def test_each_message_of_a_batch_shows_the_write_in_its_trace(publisher, consumer, whole):
    publish = (await publisher()).publish
    requests = [request() for _ in range(20)]
    for _, headers in requests:
        await publish(greeting(), Deadline(5), headers)
    await consumer()
    traces = [await whole(trace_id, "process", "insert") for trace_id, _ in requests]
    sizes = [int(trace["insert"][0]["tags"].get("db.operation.batch.size", 1)) for trace in traces]
    assert max(sizes) > 1
    assert all(sizes.count(size) % size == 0 for size in sizes)
    for trace in traces:
        (process,), (insert,) = trace["process"], trace["insert"]
        assert insert["parentId"] == process["id"]


async def test_a_broker_that_is_away(publisher, whole, rabbitmq):
    publish = (await publisher()).publish
    rabbitmq.kill()
    trace_id, headers = request()
    with pytest.raises(HopError) as caught:
        await publish(greeting(), Deadline(5), headers)
    (span,) = (await whole(trace_id, "publish"))["publish"]
    assert span["tags"]["error"] == caught.value.detail
    assert span["tags"]["error.type"] == "UNAVAILABLE"
    assert [annotation["value"] for annotation in span["annotations"]] == ["exception"]


async def test_a_database_that_is_away(publisher, consumer, whole, mongodb):
    await consumer()
    mongodb.kill()
    trace_id, headers = request()
    await (await publisher()).publish(greeting(), Deadline(5), headers)
    failed = (await whole(trace_id, "insert"))["insert"][0]
    assert failed["tags"]["error"].endswith("Connection refused")
    assert failed["tags"]["error.type"] == "UNAVAILABLE"
    mongodb.start()
    spans = await whole(trace_id, "process")
    (process,) = spans["process"]
    *failures, last = spans["insert"]
    assert failures
    assert ["error" in span["tags"] for span in spans["insert"]] == [True] * len(failures) + [False]
    assert {span["parentId"] for span in spans["insert"]} == {process["id"]}
    assert "error" not in process["tags"]
    assert process["timestamp"] <= failures[0]["timestamp"]
    assert last["timestamp"] + last["duration"] <= process["timestamp"] + process["duration"] + 1


async def test_a_collector_that_is_away_loses_no_greeting(publisher, consumer, open_tracer, stored, lines, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")  # seconds for a batch, and so for the end of the test
    tracer = open_tracer("services", PARENT, "http://127.0.0.1:1/v1/traces")
    await consumer(tracer=tracer)
    publish = (await publisher(tracer=tracer)).publish
    await asyncio.gather(*(publish(greeting(), Deadline(30), request()[1]) for _ in range(200)))
    await stored(200)
    about = [line for line in lines() if "spans" in line["msg"] or "opentelemetry" in line.get("logger", "")]
    assert [(line["level"], line["detail"]) for line in about] in ([], [("warning", "Connection refused")])


@pytest.fixture
def start(resources, backend):
    """Starts services as processes, and returns them with their addresses."""

    async def start(title, **environ):
        environ |= {
            "SERVICE_NAME": title,
            "PORT": "127.0.0.1:0",
            "TRACE_MESSAGES": "parent",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": backend.url,
            "OTEL_BSP_SCHEDULE_DELAY": "600000",  # longer than the test: what is exported is exported at the end
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "refapp.services.greeting", env=os.environ | environ, stdout=asyncio.subprocess.PIPE
        )
        resources.push_async_callback(stop, process)
        said = {}
        async with asyncio.timeout(30):
            while "serving" not in said:
                line = json.loads(await process.stdout.readline())
                said[line["msg"]] = line
        return process, said["listening"]["address"]

    return start


async def stop(process):
    """End a process, if it has not ended."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_services_as_they_run(start, mongodb, rabbitmq, queue, whole, stored, database):
    mongo, broker = {"MONGO_CONN": mongodb.url}, {"RABBITMQ_CONN": rabbitmq.url, "QUEUE_NAME": queue}
    c, at_c = await start("Service C", **mongo)
    d, at_d = await start("Service D", **broker)
    f, _ = await start(database, **mongo, **broker)
    trace_id, headers = request()
    message = greeting_pb2.GreetingRequest(greeting=greeting_pb2.Greeting(id=str(uuid.uuid4())))
    for address in (at_c, at_d):
        async with grpc.aio.insecure_channel(address) as channel:
            await greeting_pb2_grpc.GreetingServiceStub(channel).Greeting(message, metadata=headers, timeout=20)
    await stored(1)
    for process in (c, d, f):
        await stop(process)
        assert process.returncode == 0
    spans = await whole(trace_id, "publish", "process", "insert")
    (publish,), (process,), (first, second) = (spans[name] for name in ("publish", "process", "insert"))
    assert [publish["parentId"], first["parentId"]] == [SERVER, SERVER]
    assert [process["parentId"], second["parentId"]] == [publish["id"], process["id"]]
    assert [first["localEndpoint"]["serviceName"], first["name"]] == ["service-c", "insert greetings"]
