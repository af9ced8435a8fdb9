"""The processes that talk to each other in a comparison of gRPC with REST; started by `refapp.exercise.roundtrip`.

`python -m refapp.exercise.peers grpc` and `… rest` serve the same payloads on a free port of this machine, which
they print; they end when their standard input does. `… compare` and `… record` are clients: they read a JSON object
with the two ports and what else they need to know, and print their findings as JSON.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from time import perf_counter
from typing import Any

import aiohttp
import grpc.aio
import orjson
from aiohttp import web
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from refapp.exercise.wire import Payload, histogram, payloads, response

Call = Callable[[], Awaitable[object]]

_HOST = "127.0.0.1"
_SERVICE = "refapp.exercise.Peer"
_WARM_UP = 20  # calls
_MAX_BODY = 16 * 1024**2  # bytes
PAYLOADS = (*payloads()[:2], response(1000), histogram(5000))
"""What travels: small and large, text and numbers."""


# --- Servers


async def serve_grpc() -> None:
    """For each payload a method that takes it and one that gives it."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, _handlers()),))
    port = server.add_insecure_port(f"{_HOST}:0")
    await server.start()
    await _until_stdin_ends(port)
    await server.stop(None)


def _handlers() -> dict[str, "grpc.RpcMethodHandler[Any, Any]"]:
    async def take(_request: Message, _context: object) -> Empty:
        return Empty()

    async def give(message: Message, _request: Empty, _context: object) -> Message:
        return message

    handlers = {}
    for number, payload in enumerate(PAYLOADS):
        kind = type(payload.message)
        handlers[f"Send{number}"] = grpc.unary_unary_rpc_method_handler(
            take, request_deserializer=kind.FromString, response_serializer=Empty.SerializeToString
        )
        handlers[f"Receive{number}"] = grpc.unary_unary_rpc_method_handler(
            partial(give, payload.message),
            request_deserializer=Empty.FromString,
            response_serializer=kind.SerializeToString,
        )
    return handlers


async def serve_rest() -> None:
    """For each payload a resource: POST takes it, GET gives it."""

    async def take(request: web.Request) -> web.Response:
        orjson.loads(await request.read())
        return web.Response(status=204)

    async def give(payload: Payload, _request: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(payload.record), content_type="application/json")

    app = web.Application(client_max_size=_MAX_BODY)
    for number, payload in enumerate(PAYLOADS):
        app.router.add_post(f"/{number}", take)
        app.router.add_get(f"/{number}", partial(give, payload))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _HOST, 0).start()
    await _until_stdin_ends(runner.addresses[0][1])
    await runner.cleanup()


async def _until_stdin_ends(port: int) -> None:
    print(port, flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)


# --- Clients


async def connect(stack: AsyncExitStack, ports: dict[str, int]) -> dict[tuple[str, str, str], Call]:
    """One connection to each server, kept open; a call for each payload, direction and protocol."""
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"{_HOST}:{ports['gRPC']}"))
    session = await stack.enter_async_context(aiohttp.ClientSession(f"http://{_HOST}:{ports['REST']}"))

    async def post(number: int, record: dict[str, Any]) -> None:
        async with session.post(f"/{number}", data=orjson.dumps(record)) as answer:
            answer.raise_for_status()
            await answer.read()

    async def get(number: int) -> object:
        async with session.get(f"/{number}") as answer:
            answer.raise_for_status()
            return orjson.loads(await answer.read())

    await channel.channel_ready()
    calls: dict[tuple[str, str, str], Call] = {}
    for number, payload in enumerate(PAYLOADS):
        kind = type(payload.message)
        send = channel.unary_unary(f"/{_SERVICE}/Send{number}", kind.SerializeToString, Empty.FromString)
        receive = channel.unary_unary(f"/{_SERVICE}/Receive{number}", Empty.SerializeToString, kind.FromString)
        calls[payload.name, "send", "gRPC"] = partial(send, payload.message)
        calls[payload.name, "send", "REST"] = partial(post, number, payload.record)
        calls[payload.name, "receive", "gRPC"] = partial(receive, Empty())
        calls[payload.name, "receive", "REST"] = partial(get, number)
    return calls


async def compare(ports: dict[str, int], rounds: int, block: float) -> list[tuple[str, str, str, int, float]]:
    """Time one call after another in blocks of about `block` seconds; a round has a block of each kind.

    Returns:
        Rows of payload, direction, protocol, round and seconds (of one call, the mean over the block).
    """
    async with AsyncExitStack() as stack:
        calls = await connect(stack, ports)
        numbers = {}
        for key, call in calls.items():
            await _clock(call, _WARM_UP)
            numbers[key] = 1 + int(block / await _clock(call, _WARM_UP))
        rows = []
        for number in range(rounds):
            # Every other round runs backwards: no protocol is always the first.
            order = list(calls) if number % 2 else list(reversed(calls))
            seconds = {key: await _clock(calls[key], numbers[key]) for key in order}
            rows += [(*key, number, seconds[key]) for key in calls]
    return rows


async def _clock(call: Call, number: int) -> float:
    began = perf_counter()
    for _ in range(number):
        await call()
    return (perf_counter() - began) / number


# --- A recorded conversation


class Relay:
    """Passes a connection on to a port of this machine, and keeps what went by."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent, self.received = bytearray(), bytearray()

    async def start(self, stack: AsyncExitStack) -> int:
        """Listen until the stack unwinds; returns the port."""
        server = await stack.enter_async_context(await asyncio.start_server(self._connected, _HOST, 0))
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(_HOST, self.port)
        await asyncio.gather(
            self._pass_on(reader, far_writer, self.sent), self._pass_on(far_reader, writer, self.received)
        )

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
        while chunk := await reader.read(65536):
            kept += chunk
            writer.write(chunk)
        writer.close()


async def record(ports: dict[str, int], calls: int) -> dict[str, dict[str, Any]]:
    """Receive the platform's response some times over, and keep every byte of it.

    Returns:
        For each protocol the bytes sent and received, in hexadecimal, and how many there were of each once the
        connection stood and after each call.
    """
    async with AsyncExitStack() as stack:
        relays = {protocol: Relay(port) for protocol, port in ports.items()}
        relayed = {protocol: await relay.start(stack) for protocol, relay in relays.items()}
        # The clients are closed before the relays are.
        all_calls = await connect(await stack.enter_async_context(AsyncExitStack()), relayed)
        found = {}
        for protocol, relay in relays.items():
            call = all_calls[PAYLOADS[1].name, "receive", protocol]
            marks = [(len(relay.sent), len(relay.received))]
            for _ in range(calls):
                await call()
                marks.append((len(relay.sent), len(relay.received)))
            found[protocol] = {"sent": relay.sent.hex(), "received": relay.received.hex(), "marks": marks}
    return found


def main(role: str) -> None:
    """Play one of the four roles until it is over."""
    match role:
        case "grpc":
            _run(serve_grpc())
        case "rest":
            _run(serve_rest())
        case "compare" | "record":
            client = compare if role == "compare" else record
            findings = _run(client(**orjson.loads(sys.stdin.buffer.read())))
            sys.stdout.buffer.write(orjson.dumps(findings))
        case _:
            raise SystemExit(f"{role!r} is none of grpc, rest, compare and record")


def _run(task: Coroutine[Any, Any, Any]) -> Any:
    try:
        import uvloop  # noqa: PLC0415 (not on every system)
    except ImportError:
        return asyncio.run(task)
    return uvloop.run(task)


if __name__ == "__main__":
    main(sys.argv[1])
