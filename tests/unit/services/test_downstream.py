import asyncio

import pytest
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services import logs
from refapp.services.downstream import Callee, Fanout
from refapp.services.hops import Deadline, HopError
from refapp.services.settings import Downstream

REQUEST = greeting_pb2.GreetingRequest(greeting=greeting_pb2.Greeting(id="1"))
HEADERS = (("x-request-id", "7"),)


@pytest.fixture
async def fanout():
    opened = []

    def open_fanout(*targets, concurrent=True):
        callees = [Callee("service-a", Downstream(f"service-{i}", target)) for i, target in enumerate(targets)]
        opened.append(Fanout(callees, concurrent=concurrent))
        return opened[-1]

    yield open_fanout
    for each in opened:
        await each.close()


def names(greetings):
    return [greeting.service for greeting in greetings]


def fails(code, detail, *, after=None):
    async def greet(_request, context):
        if after:
            await after.wait()
        await context.abort(code, detail)

    return greet


@pytest.mark.parametrize("concurrent", [True, False])
async def test_greetings_come_in_order(callee, says, fanout, concurrent):
    targets = [await callee(says("B", "D", "E")), await callee(says()), await callee(says("C"))]
    greetings = await fanout(*targets, concurrent=concurrent).greetings(REQUEST, HEADERS, Deadline(5))
    assert names(greetings) == ["B", "D", "E", "C"]


@pytest.mark.parametrize("concurrent", [True, False])
async def test_without_downstreams(fanout, concurrent):
    assert await fanout(concurrent=concurrent).greetings(REQUEST, HEADERS, Deadline(5)) == []


@pytest.mark.parametrize("concurrent", [True, False])
async def test_what_is_sent(callee, fanout, concurrent):
    seen = []

    async def greet(request, context):
        seen.append(
            (request.greeting.id, dict(context.invocation_metadata())["x-request-id"], context.time_remaining())
        )
        return greeting_pb2.GreetingResponse()

    await fanout(await callee(greet), await callee(greet), concurrent=concurrent).greetings(
        REQUEST, HEADERS, Deadline(30)
    )
    assert [(id_, header) for id_, header, _ in seen] == [("1", "7")] * 2
    assert all(20 < remaining < 31 for *_, remaining in seen)


async def test_concurrent_calls_run_at_the_same_time(callee, fanout):
    both = asyncio.Barrier(2)

    async def greet(_request, _context):
        await both.wait()
        return greeting_pb2.GreetingResponse()

    await fanout(await callee(greet), await callee(greet)).greetings(REQUEST, HEADERS, Deadline(10))


async def test_sequential_calls_run_one_after_the_other(callee, fanout):
    running = []

    async def greet(_request, _context):
        running.append("begin")
        await asyncio.sleep(0)
        running.append("end")
        return greeting_pb2.GreetingResponse()

    await fanout(await callee(greet), await callee(greet), concurrent=False).greetings(REQUEST, HEADERS, Deadline(10))
    assert running == ["begin", "end"] * 2


async def test_a_failure_names_its_hop_and_keeps_its_code(callee, says, fanout):
    target = await callee(fails(StatusCode.RESOURCE_EXHAUSTED, "service-1 → mongodb: नमस्ते"))
    with pytest.raises(HopError) as caught:
        await fanout(await callee(says("B")), target).greetings(REQUEST, HEADERS, Deadline(5))
    assert caught.value.code is StatusCode.RESOURCE_EXHAUSTED
    assert str(caught.value) == "service-a → service-1: service-1 → mongodb: नमस्ते"


async def test_a_service_that_cancels_the_call_is_unavailable(callee, fanout):
    target = await callee(fails(StatusCode.CANCELLED, "CANCELLED"))
    with pytest.raises(HopError, match="service-a → service-0: cancelled by the service") as caught:
        await fanout(target).greetings(REQUEST, HEADERS, Deadline(5))
    assert caught.value.code is StatusCode.UNAVAILABLE


async def test_of_several_failures_the_first_in_order_counts(callee, fanout):
    late = asyncio.Event()

    async def early(request, context):
        late.set()
        await fails(StatusCode.INTERNAL, "second in order, first in time")(request, context)

    first = await callee(fails(StatusCode.NOT_FOUND, "first in order", after=late))
    with pytest.raises(HopError, match="first in order"):
        await fanout(first, await callee(early)).greetings(REQUEST, HEADERS, Deadline(10))


async def test_a_failure_cancels_the_calls_that_run(callee, fanout):
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request, _context):
        arrived.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    failing = await callee(fails(StatusCode.INTERNAL, "broken", after=arrived))
    with pytest.raises(HopError, match="broken"):
        await fanout(failing, await callee(wait)).greetings(REQUEST, HEADERS, Deadline(60))
    async with asyncio.timeout(10):
        await cancelled.wait()


@pytest.mark.parametrize("concurrent", [True, False])
async def test_cancelling_cancels_the_calls(callee, fanout, concurrent):
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request, _context):
        arrived.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(
        fanout(await callee(wait), concurrent=concurrent).greetings(REQUEST, HEADERS, Deadline(60))
    )
    async with asyncio.timeout(10):
        await arrived.wait()
        task.cancel()
        await cancelled.wait()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_deadline_that_is_over(callee, says, fanout):
    with pytest.raises(HopError, match="service-a → service-0: no time left") as caught:
        await fanout(await callee(says("B"))).greetings(REQUEST, HEADERS, Deadline(0))
    assert caught.value.code is StatusCode.DEADLINE_EXCEEDED


async def test_nobody_listens(fanout):
    with pytest.raises(HopError, match=r"service-a → service-0: .*[Cc]onnection refused") as caught:
        await fanout("127.0.0.1:1").greetings(REQUEST, HEADERS, Deadline(60))
    assert caught.value.code is StatusCode.UNAVAILABLE


async def test_headers_out_at_debug_only(callee, says, fanout, lines):
    target = await callee(says("B"))
    await fanout(target).greetings(REQUEST, HEADERS, Deadline(5))
    assert lines() == []
    logs.set_level("debug")
    await fanout(target).greetings(REQUEST, HEADERS, Deadline(5))
    (line,) = lines()
    assert (line["msg"], line["headers"], line["callee"]) == ("headersOut", {"x-request-id": "7"}, "service-0")
