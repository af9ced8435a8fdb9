"""Bodies of requests, read within bounds."""

import asyncio
import zlib

from aiohttp import web

MAX_BODY = 16 * 2**20
"""The longest body that is read, in bytes, as it was sent and when it is unpacked."""

_GZIP = 16 + zlib.MAX_WBITS


async def read_body(request: web.Request) -> bytes:
    """Read the body of a request, and unpack it if it was sent with gzip.

    The server has to leave bodies as they are (`web.AppRunner(app, auto_decompress=False)`): aiohttp would unpack
    without a bound.

    Raises:
        web.HTTPRequestEntityTooLarge: it is longer than `MAX_BODY`, or would be when unpacked.
        web.HTTPUnsupportedMediaType: it was sent in another encoding.
        web.HTTPBadRequest: it is no gzip, though it says so, or did not arrive whole.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", ""}:
        raise web.HTTPUnsupportedMediaType(text=f"Content-Encoding is {encoding!r}: send gzip or none")
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(2**16):
            body += chunk
            if len(body) > MAX_BODY:
                raise _too_large(len(body))
    except web.RequestPayloadError as error:
        raise web.HTTPBadRequest(text=f"the body cannot be read: {error}") from None
    if encoding == "gzip":
        return await asyncio.to_thread(unpack, bytes(body))
    return bytes(body)


def unpack(body: bytes) -> bytes:
    """Unpack gzip, up to `MAX_BODY` bytes.

    Raises:
        web.HTTPRequestEntityTooLarge: there is more.
        web.HTTPBadRequest: it is no gzip, or ends early.
    """
    unpacker = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY + 1)
    except zlib.error as error:
        raise web.HTTPBadRequest(text=f"the body is no gzip: {error}") from None
    if len(unpacked) > MAX_BODY:
        raise _too_large(len(unpacked))
    if not unpacker.eof or unpacker.unused_data:
        raise web.HTTPBadRequest(text="the body is no gzip: it is not one whole stream")
    return unpacked


def _too_large(size: int) -> web.HTTPRequestEntityTooLarge:
    text = f"the body is longer than {MAX_BODY} bytes: send fewer spans at once"
    return web.HTTPRequestEntityTooLarge(MAX_BODY, size, text=text)
