"""What HTTP brings that no greeting does: bodies, odd request lines, and clients that are wrong."""

import asyncio
import io

import grpc
import pytest

from refapp.services.gateway import MAX_BODY


@pytest.fixture
async def shelf(library, start_gateway):
    """A gateway to a service that answers a book by the same book."""

    async def echo(request, _context):
        return request

    binding = library.binding("ReplaceBook")
    handler = grpc.unary_unary_rpc_method_handler(
        echo, binding.request_class.FromString, binding.response_class.SerializeToString
    )
    server = grpc.aio.server()
    methods = dict.fromkeys(("ReplaceBook", "FindBook"), handler)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("library.v1.Library", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield await start_gateway(f"127.0.0.1:{port}", services=[library.service])
    await server.stop(None)


async def test_a_body_reaches_the_service_and_comes_back(shelf):
    status, body, _ = await shelf.ask("/v1/books/Emma%2F1", method="PUT", json={"authors": ["Jané"], "sequel": {}})
    assert status == 200
    assert (body["title"], body["authors"], body["sequel"]["title"]) == ("Emma/1", ["Jané"], "")


async def test_a_body_may_come_in_chunks(shelf):
    async def chunks():
        yield b'{"authors":'
        yield b'["a"]}'

    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", data=chunks())
    assert (status, body["authors"]) == (200, ["a"])


async def test_a_compressed_body_is_read(shelf):
    book = {"authors": ["a" * 1000]}
    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", json=book, compress="gzip")
    assert (status, body["authors"]) == (200, book["authors"])


async def test_a_client_that_asks_first_may_send_its_body(shelf):
    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", json={"authors": ["a"]}, expect100=True)
    assert (status, body["authors"]) == (200, ["a"])


async def test_a_body_that_is_too_long_is_refused(shelf):
    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", data=io.BytesIO(b" " * (MAX_BODY + 1)))
    assert (status, body["code"]) == (413, 8)
    assert str(MAX_BODY) in body["message"]


async def test_a_compressed_body_counts_as_what_it_unfolds_to(shelf):
    data = io.BytesIO(b" " * (MAX_BODY + 1))
    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", data=data, compress="gzip")
    assert (status, body["code"]) == (413, 8)


@pytest.mark.parametrize(
    ("data", "headers"),
    [(b'{"authors": ', {}), (b"\xff", {}), (b"no gzip", {"Content-Encoding": "gzip"})],
    ids=["no JSON", "no UTF-8", "no gzip"],
)
async def test_a_broken_body_is_refused(shelf, data, headers):
    status, body, _ = await shelf.ask("/v1/books/Emma", method="PUT", data=data, headers=headers)
    assert (status, body["code"], body["details"]) == (400, 3, [])


async def test_an_unknown_path_is_not_found(shelf):
    assert (await shelf.ask("/nowhere"))[:2] == (404, {"code": 5, "message": "Not Found", "details": []})


async def test_a_method_that_is_not_allowed_is_told_which_are(shelf):
    status, body, headers = await shelf.ask("/v1/books/Emma", method="POST")
    assert (status, body["code"]) == (405, 12)
    assert headers["Allow"] == "DELETE, PATCH, PUT"


async def test_the_pages_of_the_gateway_are_only_got(shelf):
    assert (await shelf.ask("/healthz", method="POST"))[0] == 404


async def test_a_long_query_is_read(shelf):
    status, body, _ = await shelf.ask("/v1/books", params={"title": "é" * 8000})
    assert (status, len(body["title"])) == (200, 8000)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /v1/books?title=a HTTP/1.1", 200),
        ("GET http://gateway:50051/v1/books?title=a HTTP/1.1", 200),
        ("GET http://gateway:50051/healthz HTTP/1.1", 200),
        ("GET //v1/books HTTP/1.1", 404),
        ("GET /x/../v1/books HTTP/1.1", 404),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET /v1/books?title=%ff HTTP/1.1", 400),
        ("GET /v1/books?title=% HTTP/1.1", 400),
        ("GET /v1/%zz HTTP/1.1", 400),
        ("GET /v1/books HTTP/9.9", 400),
        ("nonsense", 400),
    ],
)
async def test_odd_request_lines_are_answered(shelf, line, status):
    assert await answer(shelf, line.encode()) == status


async def test_octets_that_are_not_ascii_are_answered(shelf):
    for target in (b"/v1/books?title=\xc3\xa9", b"/v1/books?title=\xff", b"/v1/\xff"):
        assert await answer(shelf, b"GET " + target + b" HTTP/1.1") == 400
    assert await answer(shelf, b"GET /v1/books HTTP/1.1\r\nX-Request-Id: \xff") == 200


async def answer(running, head):
    """The status of the answer to a request whose head is given octet by octet."""
    reader, writer = await asyncio.open_connection(*running.address)
    writer.write(head + b"\r\nHost: gateway\r\nConnection: close\r\n\r\n")
    status = (await reader.read()).split(b" ", 2)[1]
    writer.close()
    await writer.wait_closed()
    return int(status)
