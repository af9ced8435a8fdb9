"""A server that is asked for JSON on behalf of the browser, within bounds of time and size."""

import asyncio
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp
import orjson

from refapp.services.hops import reason
from refapp.services.ui.answers import AnswerError

LONGEST = 16 * 2**20
"""The longest answer that is read, in bytes."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
_SHOWN = 300  # characters of what a server said


class Said(NamedTuple):
    """An answer, whatever its status: its JSON as it came, and the value of it."""

    status: int
    body: bytes
    value: Any


def open_session(connections: int = 8) -> aiohttp.ClientSession:
    """A session that keeps nothing but connections, and asks as many questions at a time."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=_HEADERS,
        auto_decompress=False,
    )


class Backend:
    """A server, by its name as errors tell it and the URL of its API; None if there is none."""

    def __init__(self, name: str, url: str | None, session: aiohttp.ClientSession, *, seconds: float) -> None:
        self.name = name
        self._url = url
        self._session = session
        self._seconds = seconds

    async def ask(self, path: str, **params: str) -> Said:
        """Get what is at a path, within the seconds that the backend has for it.

        Raises:
            AnswerError: 503, there is no such server; 504, it is too slow; 502, it cannot be reached, or answers
                something that is too long or no JSON.
        """
        if self._url is None:
            raise AnswerError(HTTPStatus.SERVICE_UNAVAILABLE, f"there is no {self.name}: the platform runs without it")
        try:
            async with asyncio.timeout(self._seconds):
                status, body = await self._read(self._url + path, params)
        except TimeoutError:
            message = f"{self.name} did not answer within {self._seconds:g} s"
            raise AnswerError(HTTPStatus.GATEWAY_TIMEOUT, message) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self.failed(f"cannot be asked: {reason(error)}") from None
        try:
            return Said(status, body, orjson.loads(body))
        except orjson.JSONDecodeError:
            raise self.failed(f"answered {status} and no JSON: {shown(body.decode('utf-8', 'replace'))}") from None

    def failed(self, how: str) -> AnswerError:
        """The error for an answer that is of no use."""
        return AnswerError(HTTPStatus.BAD_GATEWAY, f"{self.name} {how}")

    async def _read(self, url: str, params: dict[str, str]) -> tuple[int, bytes]:
        async with self._session.get(url, params=params, allow_redirects=False) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LONGEST:
                    raise self.failed(f"answered more than {LONGEST} bytes")
            return response.status, bytes(body)


def shown(text: str) -> str:
    """As much of what a server says as an error shows, in one line."""
    line = " ".join(text.split())
    return (line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…") or "nothing"
