import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from refapp.services.httpserver import MAX_LINE, listen_at, runner_of, target
from refapp.services.lifecycle import StartError


async def echo(request):
    return web.Response(text=target(request))


@asynccontextmanager
async def serving(handler=echo, address=("127.0.0.1", 0), **how):
    runner = runner_of(handler, 1)
    await runner.setup()
    try:
        await listen_at(runner, address, **how)
        yield runner.addresses[0][:2]
    finally:
        await runner.cleanup()


async def said(address, line):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(f"GET {line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


@pytest.mark.parametrize("line", ["/a%20b?c=%2F", "http://x/a%20b?c=%2F"])
async def test_the_target_is_as_it_was_sent(line):
    async with serving() as address:
        assert (await said(address, line)).endswith("\r\n\r\n/a%20b?c=%2F")


async def test_a_line_has_a_longest_length():
    async with serving() as address, ClientSession() as session:
        url = "http://{}:{}".format(*address)
        assert (await session.get(f"{url}/{'a' * (MAX_LINE - 100)}")).status == 200
        assert (await session.get(f"{url}/{'a' * (MAX_LINE + 1)}")).status == 400


async def test_a_client_that_goes_away_cancels_what_is_done_for_it():
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serving(wait) as address:
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30):
            await begun.wait()
            writer.close()
            await cancelled.wait()


async def test_an_address_that_is_taken():
    async with serving() as address:
        with pytest.raises(StartError, match=f"cannot listen at {address[0]}:{address[1]}: Address already in use"):
            async with serving(address=address):
                pass


async def test_an_address_that_is_shared():
    async with serving(shared=True) as address, serving(address=address, shared=True):
        assert (await said(address, "/")).startswith("HTTP/1.1 200")
