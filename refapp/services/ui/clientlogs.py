"""Takes the logs of the app: how much and how often is bounded, whatever is sent."""

import asyncio
import math
from http import HTTPStatus

from aiohttp import web

from refapp.services import metrics
from refapp.services.ui import entries
from refapp.services.ui.answers import JSON, AnswerError
from refapp.services.ui.ratelimit import TokenBucket

MAX_BODY = 16 * 2**10
"""The longest body, in bytes."""

RATE, BURST = 20.0, 100
"""Entries a second, and at once, of all clients together: behind the ingress there is one peer."""

_ENTRIES = metrics.counter("ui_client_logs", "Log entries of the app that were taken, by their level.", "level")
_REFUSED = metrics.counter("ui_client_logs_refused", "Requests with log entries that were refused, by status.", "code")


class ClientLogs:
    """Writes the entries that come into the log of this process; a body has some seconds to arrive."""

    def __init__(self, bucket: TokenBucket | None = None, *, seconds: float) -> None:
        self._bucket = bucket or TokenBucket(RATE, BURST)
        self._seconds = seconds

    async def post(self, request: web.BaseRequest) -> web.Response:
        """Answer a request that brings log entries; all of them are written or none.

        Raises:
            AnswerError: 429, there are too many; 415, the type is not JSON; 413, the body is too long; 408, it does not
                arrive; 400, it holds no entries.
        """
        try:
            taken = await self._take(request)
        except AnswerError as error:
            _REFUSED.labels(code=error.status.value).inc()
            raise
        for entry in taken:
            entry.write()
            _ENTRIES.labels(level=entry.level).inc()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _take(self, request: web.BaseRequest) -> tuple[entries.Entry, ...]:
        self._admit(1)  # first of all: a flood is to cost as little as can be
        if request.content_type != JSON or request.headers.get("Content-Encoding", "identity").lower() != "identity":
            message = f"log entries are taken as {JSON}, not compressed"
            raise AnswerError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
        try:
            async with asyncio.timeout(self._seconds):
                body = await _read(request)
        except TimeoutError:
            message = f"the body did not arrive within {self._seconds:g} s"
            raise AnswerError(HTTPStatus.REQUEST_TIMEOUT, message) from None
        try:
            taken = entries.parse(body)
        except entries.EntryError as error:
            raise AnswerError(HTTPStatus.BAD_REQUEST, str(error)) from None
        self._admit(len(taken) - 1)
        return taken

    def _admit(self, number: int) -> None:
        if wait := self._bucket.take(number):
            seconds = max(1, math.ceil(min(wait, BURST / RATE)))
            message = f"too many log entries: try again in {seconds} s"
            raise AnswerError(HTTPStatus.TOO_MANY_REQUESTS, message, {"Retry-After": str(seconds)})


async def _read(request: web.BaseRequest) -> bytes:
    too_long = AnswerError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {MAX_BODY} bytes")
    if (request.content_length or 0) > MAX_BODY:
        raise too_long
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY:
                raise too_long
    except web.RequestPayloadError as error:
        raise AnswerError(HTTPStatus.BAD_REQUEST, f"the body cannot be read: {error}") from None
    return bytes(body)
