import asyncio
import uuid
from datetime import datetime

import grpc.aio
import pytest
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services import logs, servicer
from refapp.services.headers import PROPAGATED
from refapp.services.hops import HopError
from refapp.services.metrics import REGISTRY
from refapp.services.roles import Role

REQUEST = greeting_pb2.GreetingRequest()
IDS = (("x-request-id", "7"), ("x-b3-traceid", "463ac35c9f6413ad"))


@pytest.fixture
async def line(lines):
    """Waits for the one line that says what became of a request."""

    async def line():
        async with asyncio.timeout(10):
            while not (found := [line for line in lines() if line["msg"].startswith("greeting ")]):
                await asyncio.sleep(0.01)
        (last,) = found
        return last

    return line


async def failure(call, **options):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(REQUEST, timeout=10, **options)
    return caught.value


async def test_a_greeting(service):
    call = await service()
    first, second = [(await call(REQUEST)).greeting[0] for _ in range(2)]
    assert (first.service, first.message, first.hostname) == ("Service A", "Namasté (नमस्ते)", "service-a-1")
    assert uuid.UUID(first.id).version == 4
    assert first.id != second.id
    created = datetime.fromisoformat(first.created)
    assert created.utcoffset() is not None
    assert created.utcoffset() == datetime.now().astimezone().utcoffset()
    assert first.created == created.isoformat(timespec="microseconds")


async def test_what_became_of_requests_is_counted(service, callee):
    def counted(code):
        labels = {"grpc_type": "unary", "grpc_service": "greeting.v3.GreetingService", "grpc_method": "Greeting"}
        return (
            REGISTRY.get_sample_value("grpc_server_handled_total", {**labels, "grpc_code": code}) or 0,
            REGISTRY.get_sample_value("grpc_server_handling_seconds_count", labels) or 0,
        )

    async def refuse(_request, context):
        await context.abort(StatusCode.DATA_LOSS, "no")

    before = [counted(code) for code in ("OK", "DataLoss")]
    await (await service())(REQUEST)
    error = await failure(await service(await callee(refuse)))
    assert error.code() is StatusCode.DATA_LOSS
    after = [counted(code) for code in ("OK", "DataLoss")]
    assert [now[0] - was[0] for now, was in zip(after, before, strict=True)] == [1, 1]
    assert after[0][1] - before[0][1] == 2


async def test_own_greeting_first_then_those_of_the_downstreams(service, callee, says):
    call = await service(await callee(says("B", "D")), await callee(says("C")))
    assert [greeting.service for greeting in (await call(REQUEST)).greeting] == ["Service A", "B", "D", "C"]


async def test_the_own_greeting_is_what_downstreams_are_sent(service, callee):
    sent = []

    async def greet(request, _context):
        sent.append(request.greeting)
        return greeting_pb2.GreetingResponse()

    call = await service(await callee(greet))
    response = await call(greeting_pb2.GreetingRequest(greeting=greeting_pb2.Greeting(id="the caller's")))
    assert sent == [response.greeting[0]]


async def test_requests_share_nothing(service, callee):
    async def greet(request, _context):
        await asyncio.sleep(0)
        return greeting_pb2.GreetingResponse(greeting=[greeting_pb2.Greeting(id=request.greeting.id)])

    call = await service(await callee(greet), await callee(greet))
    responses = await asyncio.gather(*(call(REQUEST, timeout=30) for _ in range(50)))
    ids = [{greeting.id for greeting in response.greeting} for response in responses]
    assert [len(each) for each in ids] == [1] * 50
    assert len(set.union(*ids)) == 50


async def test_a_deadline_is_passed_on(service, callee):
    remaining = []

    async def greet(_request, context):
        remaining.append(context.time_remaining())
        return greeting_pb2.GreetingResponse()

    call = await service(await callee(greet), DEADLINE_SECONDS="100")
    await call(REQUEST, timeout=30)
    await call(REQUEST)
    assert 20 < remaining[0] < 31
    assert 90 < remaining[1] < 101


async def test_a_deadline_that_passes_while_a_downstream_works(service, callee, line):
    async def wait(_request, _context):
        await asyncio.Event().wait()

    call = await service(await callee(wait), DEADLINE_SECONDS="0.1")
    error = await failure_without_deadline(call)
    assert error.code() is StatusCode.DEADLINE_EXCEEDED
    assert error.details().startswith("service-a → service-b: ")
    assert (await line())["code"] == "DEADLINE_EXCEEDED"


async def failure_without_deadline(call):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(REQUEST)
    return caught.value


async def test_a_caller_that_gives_up_ends_the_calls_downstream(service, callee, line):
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request, _context):
        arrived.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    call = await service(await callee(wait))
    running = call(REQUEST, timeout=60, metadata=IDS)
    async with asyncio.timeout(10):
        await arrived.wait()
        running.cancel()
        await cancelled.wait()
    last = await line()
    assert (last["level"], last["code"], last["hop"], last["request_id"]) == ("error", "CANCELLED", "service-a", "7")


class Failing(Role):
    def __init__(self, error):
        self._error = error

    async def work(self, *_):
        raise self._error


async def test_the_role_is_given_the_headers_of_the_trace(service):
    given = []

    class Observing(Role):
        async def work(self, sent, own, headers, deadline):
            given.append((sent.id, own.service, headers, deadline.remaining() > 0))

    request = greeting_pb2.GreetingRequest(greeting=greeting_pb2.Greeting(id="1"))
    await (await service(role=Observing()))(request, metadata=(*IDS, ("other", "x")), timeout=30)
    assert given == [("1", "Service A", IDS, True)]


async def test_a_failure_is_answered_and_logged_with_its_hop(service, line):
    error = HopError("service-a", "mongodb", StatusCode.UNAVAILABLE, "Connection refused")
    answer = await failure(await service(role=Failing(error)), metadata=IDS)
    assert (answer.code(), answer.details()) == (
        StatusCode.UNAVAILABLE,
        "service-a → mongodb: Connection refused",
    )
    last = await line()
    assert last["duration_ms"] >= 0
    expected = {
        "level": "error",
        "msg": "greeting failed",
        "hop": "service-a → mongodb",
        "code": "UNAVAILABLE",
        "detail": "Connection refused",
        "trace_id": "463ac35c9f6413ad",
        "request_id": "7",
    }
    assert expected.items() <= last.items()


async def test_hops_are_nested_outward(service, callee, line):
    async def broken(_request, context):
        await context.abort(StatusCode.UNAVAILABLE, "service-b → service-d: service-d → rabbitmq: Connection refused")

    answer = await failure(await service(await callee(broken)))
    assert answer.details() == (
        "service-a → service-b: service-b → service-d: service-d → rabbitmq: Connection refused"
    )
    last = await line()
    assert (last["hop"], last["detail"]) == (
        "service-a → service-b",
        "service-b → service-d: service-d → rabbitmq: Connection refused",
    )


async def test_an_unexpected_error_is_answered_and_the_next_request_served(service, line):
    role = Failing(KeyError("surprise"))
    call = await service(role=role)
    answer = await failure(call)
    assert (answer.code(), answer.details()) == (StatusCode.INTERNAL, "service-a: 'surprise'")
    last = await line()
    assert (last["code"], last["error"]) == ("INTERNAL", "KeyError: 'surprise'")
    assert "Traceback" in last["stacktrace"]
    role.work = Role().work
    assert len((await call(REQUEST)).greeting) == 1


async def test_one_line_for_a_request_that_was_served(service, callee, says, line):
    call = await service(await callee(says("B", "D")))
    await call(REQUEST, metadata=IDS)
    last = await line()
    keys = ["greetings", "duration_ms", "request_id", "trace_id"]
    assert sorted(list(last)[7:]) == sorted(keys)
    assert (last["level"], last["msg"], last["greetings"]) == ("info", "greeting served", 3)
    assert (last["trace_id"], last["request_id"]) == ("463ac35c9f6413ad", "7")
    assert last["duration_ms"] == round(last["duration_ms"], 3)


async def test_ids_only_where_they_came_in(service, line):
    await (await service())(REQUEST)
    assert list(await line())[7:] == ["greetings", "duration_ms"]


async def test_headers_in_at_debug(service, lines):
    logs.set_level("debug")
    await (await service())(REQUEST, metadata=(("x-request-id", "7"), ("other", "x")))
    (headers,) = [line["headers"] for line in lines() if line["msg"] == "headersIn"]
    assert headers["x-request-id"] == "7"
    assert headers["other"] == "x"


async def test_the_seven_headers_and_no_others_are_passed_on(service, callee):
    seen = []

    async def greet(_request, context):
        seen.append(dict(context.invocation_metadata()))
        return greeting_pb2.GreetingResponse()

    call = await service(await callee(greet))
    values = {name: str(i) for i, name in enumerate(PROPAGATED)}
    await call(REQUEST, metadata=(*values.items(), ("other", "x"), ("x-b3", "y")))
    assert {name: value for name, value in seen[0].items() if name.startswith("x-") or name == "other"} == values


async def test_a_caller_learns_which_hop_was_too_slow(service, callee, line, monkeypatch):
    monkeypatch.setattr(servicer, "_ANSWER_SECONDS", 1.0)  # a busy machine may need more than the usual 20 ms
    monkeypatch.setattr(servicer, "_ANSWER_SHARE", 0.5)

    async def wait(_request, _context):
        await asyncio.Event().wait()

    call = await service(await callee(wait))
    with pytest.raises(grpc.aio.AioRpcError, match="service-a → service-b: ") as caught:
        await call(REQUEST, timeout=2)
    assert caught.value.code() is StatusCode.DEADLINE_EXCEEDED
    assert (await line())["hop"] == "service-a → service-b"
