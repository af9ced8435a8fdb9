import asyncio
import gzip

import pytest
from aiohttp import web

from refapp.services.ui import backend
from refapp.services.ui.answers import AnswerError
from refapp.services.ui.backend import Backend, open_session, shown


@pytest.fixture
def jaeger(peer, session):
    return Backend("Jaeger", peer.url, session, seconds=30)


async def refusal(jaeger, path="/x"):
    with pytest.raises(AnswerError) as caught:
        await jaeger.ask(path)
    return caught.value.status, caught.value.message


async def test_an_answer_comes_as_it_is(jaeger, peer):
    peer.says(b'{"data":  []}')
    assert await jaeger.ask("/api/traces/1", query='a{b=~"c|d"} + 1 & é') == (200, b'{"data":  []}', {"data": []})
    (request,) = peer.requests
    assert (request.method, request.path) == ("GET", "/api/traces/1")
    assert dict(request.query) == {"query": 'a{b=~"c|d"} + 1 & é'}


async def test_the_status_is_the_askers_business(jaeger, peer):
    peer.says({"errors": []}, status=404)
    assert (await jaeger.ask("/x")).status == 404


async def test_without_a_server(session):
    assert await refusal(Backend("Jaeger", None, session, seconds=1)) == (
        503,
        "there is no Jaeger: the platform runs without it",
    )


async def test_a_server_that_is_away(session, unreachable):
    away = Backend("Jaeger", f"http://{unreachable}", session, seconds=30)
    assert await refusal(away) == (502, "Jaeger cannot be asked: Connection refused")


async def test_a_server_that_is_slow(peer, session):
    asked = asyncio.Event()

    async def hang(_request):
        asked.set()
        await asyncio.Event().wait()

    peer.answer = hang
    assert await refusal(Backend("Jaeger", peer.url, session, seconds=0.05)) == (
        504,
        "Jaeger did not answer within 0.05 s",
    )
    assert asked.is_set()


async def test_a_server_that_drips(peer, session):
    async def drip(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.005)

    peer.answer = drip
    assert (await refusal(Backend("Jaeger", peer.url, session, seconds=0.1)))[0] == 504


async def test_a_server_that_says_too_much(jaeger, peer, monkeypatch):
    monkeypatch.setattr(backend, "LONGEST", 1000)
    peer.says(b" " * 998 + b"{}")
    assert (await jaeger.ask("/x")).value == {}

    async def flood(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:  # without an end: it is the reader who stops
            await response.write(b" " * 10_000)

    peer.answer = flood
    assert await refusal(jaeger) == (502, "Jaeger answered more than 1000 bytes")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>\n  <h1>Hello</h1>", "<html> <h1>Hello</h1>"),
        (b"", "nothing"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"{" + b"a" * 1000, "{" + "a" * 299 + "…"),
        (gzip.compress(b"{}", mtime=0), None),
    ],
    ids=["HTML", "nothing", "no UTF-8", "long", "gzip"],
)
async def test_a_server_that_talks_nonsense(jaeger, peer, body, said):
    peer.says(body, status=200, **{"Content-Type": "application/json"})
    status, message = await refusal(jaeger)
    assert status == 502
    assert message.startswith("Jaeger answered 200 and no JSON: ")
    assert said is None or message.endswith(f": {said}")


async def test_a_server_that_does_not_speak_http(session):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        status, message = await refusal(Backend("Jaeger", f"http://{host}:{port}", session, seconds=30))
    assert status == 502
    assert message.startswith("Jaeger cannot be asked: ")


async def test_a_server_that_breaks_off(session):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        assert (await refusal(Backend("Jaeger", f"http://{host}:{port}", session, seconds=30)))[0] == 502


async def test_a_redirection_is_not_followed(jaeger, peer):
    peer.says(b"{}", status=302, Location="/secret")
    assert (await jaeger.ask("/x")).status == 302
    assert len(peer.requests) == 1


async def test_cookies_are_not_kept(peer, session):
    jaeger = Backend("Jaeger", peer.url.replace("127.0.0.1", "localhost"), session, seconds=30)  # an address has none
    peer.says(b"{}", **{"Set-Cookie": "a=b"})
    await jaeger.ask("/x")
    await jaeger.ask("/x")
    assert "Cookie" not in peer.requests[1].headers


async def test_questions_wait_for_each_other_no_longer_than_they_may(peer):
    async def hang(_request):
        await asyncio.Event().wait()

    peer.answer = hang
    async with open_session(connections=2) as session:
        jaeger = Backend("Jaeger", peer.url, session, seconds=0.2)
        assert {status for status, _ in await asyncio.gather(*(refusal(jaeger) for _ in range(6)))} == {504}
    assert len(peer.requests) == 2


def test_what_is_shown_of_an_answer():
    assert shown(" a\n\tb ") == "a b"
    assert shown("") == "nothing"
    assert len(shown("a" * 1000)) == 301
