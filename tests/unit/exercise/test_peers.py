import asyncio
from contextlib import AsyncExitStack

import pytest

from refapp.exercise import peers


async def test_relay_passes_everything_on_and_keeps_it():
    async def shout(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()
        await writer.wait_closed()

    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(await asyncio.start_server(shout, "127.0.0.1", 0))
        relay = peers.Relay(server.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start(stack))
        writer.write(b"hello\n")
        assert await reader.read() == b"HELLO\n"
        writer.close()
        await writer.wait_closed()
    assert (bytes(relay.sent), bytes(relay.received)) == (b"hello\n", b"HELLO\n")


def test_payloads_can_be_told_apart_by_name():
    names = [payload.name for payload in peers.PAYLOADS]
    assert len(set(names)) == len(names)


def test_unknown_role_is_named():
    with pytest.raises(SystemExit, match="'soap' is none of grpc, rest, compare and record"):
        peers.main("soap")
