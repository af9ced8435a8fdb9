import asyncio
import json
import socket
from importlib import resources

import aiohttp
import grpc
import pytest
from grpc import StatusCode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services import logs
from refapp.services.headers import PROPAGATED
from refapp.services.lifecycle import StartError
from refapp.services.metrics import REGISTRY
from refapp.services.transcoding import HTTP_STATUS, Transcoder

GREETINGS = ["Namasté (नमस्ते)", "Konnichiwa (こんにちは)", "Shalom (שָׁלוֹם)", "Ahlan (أهلا)", '👋\u2028\x00"\\']


async def hang(_request, _context):
    await asyncio.Event().wait()


async def test_greetings_come_as_json(start_gateway, callee, says):
    running = await start_gateway(await callee(says(*GREETINGS)))
    status, body, headers = await running.ask()
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    empty = dict.fromkeys(("id", "message", "created", "hostname"), "")
    assert body == {"greeting": [{"service": name} | empty for name in GREETINGS]}


async def test_requests_are_counted_by_what_became_of_them(start_gateway, callee, says):
    def counted(method, code):
        return REGISTRY.get_sample_value("http_requests_total", {"method": method, "code": code}) or 0

    kinds = [("GET", "200"), ("POST", "405"), ("other", "405"), ("PROPFIND", "405")]
    before = [counted(*kind) for kind in kinds]
    seconds = REGISTRY.get_sample_value("http_request_duration_seconds_count")
    running = await start_gateway(await callee(says("A")))
    for method in ("GET", "POST", "PROPFIND"):
        await running.ask(method=method)
    assert [counted(*kind) - was for kind, was in zip(kinds, before, strict=True)] == [1, 1, 1, 0]
    assert REGISTRY.get_sample_value("http_request_duration_seconds_count") - seconds == 3


async def test_the_query_reaches_the_service(start_gateway, callee):
    async def repeat(request, _context):
        return greeting_pb2.GreetingResponse(greeting=[request.greeting])

    running = await start_gateway(await callee(repeat))
    for message in GREETINGS:
        params = {"greeting.message": message, "greeting.hostname": "a&b", "unknown": "1"}
        status, body, _ = await running.ask(params=params)
        assert status == 200
        assert (body["greeting"][0]["message"], body["greeting"][0]["hostname"]) == (message, "a&b")


@pytest.mark.parametrize("code", [code for code in StatusCode if code is not StatusCode.OK], ids=lambda code: code.name)
async def test_a_grpc_status_becomes_an_http_status(start_gateway, callee, code):
    async def fail(_request, context):
        await context.abort(code, "service-a → service-b: é")

    running = await start_gateway(await callee(fail))
    status, body, headers = await running.ask()
    assert status == HTTP_STATUS[code]
    assert headers["Content-Type"] == "application/json"
    hop = "rev-proxy → service-a: " if status >= 500 else ""
    assert body == {"code": code.value[0], "message": f"{hop}service-a → service-b: é", "details": []}


VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
OTHERS = ("authorization", "x-forwarded-for", "grpc-metadata-x", "x-b3", "x-b3-trace-id", "baggage", "accept-language")


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    sent=st.dictionaries(st.sampled_from([*PROPAGATED, *OTHERS]), VALUES),
    spell=st.sampled_from([str.lower, str.upper, str.title]),
)
async def test_the_headers_of_a_trace_and_no_others_become_metadata(seen, sent, spell):
    await seen.running.ask(headers={spell(name): value for name, value in sent.items()})
    expected = {name: value.strip() for name, value in sent.items() if name in PROPAGATED and value.strip()}
    assert {name: value for name, value in seen.metadata if name != "user-agent"} == expected


@pytest.fixture
async def seen(start_gateway, callee):
    """A gateway, and the metadata that arrived at the service behind it."""

    class Seen:
        metadata = ()

    async def look(_request, context):
        Seen.metadata = context.invocation_metadata()
        return greeting_pb2.GreetingResponse()

    Seen.running = await start_gateway(await callee(look))
    return Seen


@pytest.mark.parametrize(
    ("headers", "environ", "least", "most"),
    [
        ({}, {}, 0, 10),
        ({}, {"DEADLINE_SECONDS": "1800"}, 1000, 2000),
        ({"Grpc-Timeout": "1H"}, {}, 3000, 4000),
        ({"Grpc-Timeout": "0S"}, {}, 0, 10),
    ],
)
async def test_the_deadline_travels_on(start_gateway, callee, headers, environ, least, most):
    remaining = []

    async def look(_request, context):
        remaining.append(context.time_remaining())
        return greeting_pb2.GreetingResponse()

    running = await start_gateway(await callee(look), **environ)
    assert (await running.ask(headers=headers))[0] == 200
    assert least < remaining[0] <= most


@pytest.mark.parametrize(("headers", "environ"), [({"Grpc-Timeout": "50m"}, {}), ({}, {"DEADLINE_SECONDS": "0.05"})])
async def test_a_deadline_that_is_over_ends_the_request(start_gateway, callee, headers, environ):
    running = await start_gateway(await callee(hang), **environ)
    status, body, _ = await running.ask(headers=headers)
    assert (status, body["code"]) == (504, 4)
    assert body["message"].startswith("rev-proxy → service-a: ")


async def test_a_broken_timeout_is_refused(start_gateway, unreachable):
    status, body, _ = await (await start_gateway(unreachable)).ask(headers={"Grpc-Timeout": "soon"})
    assert (status, body) == (400, {"code": 3, "message": "invalid grpc-timeout: soon", "details": []})


async def test_a_service_that_cannot_be_reached_is_unavailable(start_gateway, unreachable):
    status, body, _ = await (await start_gateway(unreachable)).ask()
    assert (status, body["code"]) == (503, 14)
    assert body["message"].startswith("rev-proxy → service-a: ")
    assert "Connection refused" in body["message"]


async def test_a_service_that_comes_back_is_found(start_gateway, unreachable, says):
    running = await start_gateway(unreachable)
    assert (await running.ask())[0] == 503
    server = await serve_greetings(says("Service A"), unreachable)
    async with asyncio.timeout(30):
        while (await running.ask())[0] != 200:
            await asyncio.sleep(0.02)
    await server.stop(None)


async def serve_greetings(greet, address):
    handler = grpc.unary_unary_rpc_method_handler(
        greet, greeting_pb2.GreetingRequest.FromString, greeting_pb2.GreetingResponse.SerializeToString
    )
    server = grpc.aio.server()
    service = grpc.method_handlers_generic_handler("greeting.v3.GreetingService", {"Greeting": handler})
    server.add_generic_rpc_handlers((service,))
    server.add_insecure_port(address)
    await server.start()
    return server


async def test_the_addresses_of_a_target_take_turns(start_gateway, callee, says):
    addresses = [await callee(says(name)) for name in ("one", "two")]
    running = await start_gateway(f"ipv4:{','.join(addresses)}")
    answered = set()
    async with asyncio.timeout(30):
        while answered != {"one", "two"}:
            answered.add((await running.ask())[1]["greeting"][0]["service"])


async def test_a_client_that_goes_away_cancels_the_call(start_gateway, callee, lines):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request, _context):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    running = await start_gateway(await callee(wait))
    _, writer = await asyncio.open_connection(*running.address)
    writer.write(b"GET /api/greeting HTTP/1.1\r\nHost: gateway\r\n\r\n")
    async with asyncio.timeout(30):
        await begun.wait()
        writer.close()
        await writer.wait_closed()
        await cancelled.wait()
    assert [(line["msg"], line["status"]) for line in lines()] == [("request served", 499)]


async def test_health_counts_the_requests_for_the_api_alone(start_gateway, callee, says, lines):
    running = await start_gateway(await callee(says("Service A")))
    for count in (0, 1, 2):
        status, body, _ = await running.ask("/healthz")
        assert (status, body) == (200, {"status": "SERVING", "requests": count})
        await running.ask("/openapi.json")
        await running.ask()
    assert (await running.ask("/healthz", method="HEAD"))[0] == 200
    assert {line["path"] for line in lines()} == {"/api/greeting"}


async def test_the_openapi_document_is_served(start_gateway, unreachable):
    status, body, headers = await (await start_gateway(unreachable)).ask("/openapi.json")
    document = resources.files("refapp.pb.greeting.v3").joinpath("greeting.swagger.json")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert body == json.loads(document.read_bytes())


async def test_draining_finishes_what_runs_and_takes_no_more(start_gateway, callee, says):
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait(request, context):
        begun.set()
        await release.wait()
        return await says("Service A")(request, context)

    running = await start_gateway(await callee(wait))
    request = asyncio.create_task(running.ask())
    await begun.wait()
    running.gateway.draining = True
    status, body, headers = await running.ask("/healthz")
    assert (status, body) == (503, {"status": "NOT_SERVING", "requests": 1})
    assert headers["Connection"] == "close"
    stopped = asyncio.create_task(running.runner.cleanup())
    async with asyncio.timeout(30):
        while running.runner.sites:
            await asyncio.sleep(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*running.address)
        assert not request.done()
        release.set()
        assert (await request)[0] == 200
        await stopped


async def test_a_request_that_does_not_end_is_given_up_after_the_grace(start_gateway, callee):
    running = await start_gateway(await callee(hang), grace=0.1, DEADLINE_SECONDS="600")
    request = asyncio.create_task(running.ask())
    async with asyncio.timeout(30):
        while not running.gateway.requests:
            await asyncio.sleep(0)
        await running.runner.cleanup()
        with pytest.raises(aiohttp.ClientConnectionError):
            await request


async def test_replicas_share_the_public_address(start_gateway, callee, says):
    target = await callee(says("Service A"))
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        public = f"127.0.0.1:{reserved.getsockname()[1]}"
        first, second = [await start_gateway(target, PUBLIC_PORT=public) for _ in range(2)]
    async with asyncio.timeout(30):
        while not (first.gateway.requests and second.gateway.requests):
            async with aiohttp.request("GET", f"http://{public}/api/greeting") as response:
                assert response.status == 200


async def test_an_address_that_is_taken_is_said(start_gateway, unreachable):
    with pytest.raises(StartError, match=f"cannot listen at {unreachable}: Address already in use"):
        await start_gateway("127.0.0.1:1", PORT=unreachable)


async def test_a_request_is_one_line_with_its_ids(start_gateway, callee, says, lines):
    running = await start_gateway(await callee(says("Service A")))
    await running.ask("/api/greeting?greeting.id=1", headers={"X-B3-TraceId": "463ac35c9f6413ad", "X-Request-Id": "b5"})
    await running.ask()
    first, second = lines()
    keys = ("level", "msg", "method", "path", "status", "trace_id", "request_id")
    assert [first[key] for key in keys] == [
        *("info", "request served", "GET", "/api/greeting", 200, "463ac35c9f6413ad", "b5")
    ]
    assert first["duration_ms"] > 0
    assert not {"trace_id", "request_id", "detail"} & set(second)


async def test_a_failure_is_an_error_with_its_reason(start_gateway, unreachable, lines):
    await (await start_gateway(unreachable)).ask()
    (line,) = lines()
    assert [line[key] for key in ("level", "msg", "status")] == ["error", "request failed", 503]
    assert line["detail"].startswith("rev-proxy → service-a: ")


async def test_headers_are_logged_at_debug(start_gateway, callee, says, lines):
    running = await start_gateway(await callee(says("Service A")))
    logs.set_level("debug")
    await running.ask(headers={"X-Request-Id": "b5"})
    incoming, outgoing, _ = lines()
    assert (incoming["msg"], incoming["headers"]["x-request-id"]) == ("headersIn", "b5")
    assert (outgoing["msg"], outgoing["headers"]) == ("headersOut", {"x-request-id": "b5"})


async def test_a_mistake_of_the_gateway_is_answered_and_logged(start_gateway, unreachable, lines, monkeypatch):
    running = await start_gateway(unreachable)
    monkeypatch.setattr(Transcoder, "call", lambda *_: 1 / 0)
    status, body, _ = await running.ask()
    assert (status, body["code"]) == (500, 13)
    (line,) = lines()
    assert (line["msg"], line["error"]) == ("request failed", "ZeroDivisionError: division by zero")
