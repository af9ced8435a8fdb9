"""The start and the end of a backend, for all of them; that each is run so is told by the tests of its server."""

import asyncio
import socket

import httpx
import pytest
from aiohttp import web

from refapp.backends import process
from refapp.services.settings import SettingsError


class OwnError(Exception):
    """What a backend raises that cannot start."""


@pytest.mark.parametrize(
    ("error", "code"), [(SettingsError("PORT is broken"), 2), (OSError("taken"), 1), (OwnError("no store"), 1)]
)
def test_an_error_is_one_line_and_a_code(error, code, capsys):
    async def main():
        raise error

    assert process.run(main, OwnError) == code
    assert capsys.readouterr().err == f"{error}\n"


def test_a_defect_is_none_of_these():
    async def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        process.run(main, OwnError)


async def test_it_answers_until_it_is_told_to_end():
    stop, gone = asyncio.Event(), []

    async def answer(_):
        return web.Response(text="here")

    async def clean_up(_):
        gone.append(True)

    app = web.Application()
    app.add_routes([web.get("/", answer)])
    app.on_cleanup.append(clean_up)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    listening = asyncio.create_task(process.listen(web.AppRunner(app), address, stop))
    async with asyncio.timeout(20), httpx.AsyncClient() as client:
        while not await _answers(client, f"http://{address[0]}:{address[1]}/"):
            await asyncio.sleep(0.01)
        stop.set()
        await listening
    assert gone == [True]


async def _answers(client, url):
    try:
        return (await client.get(url)).text == "here"
    except httpx.TransportError:
        return False


async def test_an_address_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        await process.listen(web.AppRunner(web.Application()), taken.getsockname(), asyncio.Event())
