"""Answers of the workload's own, which are JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

JSON = "application/json"


class AnswerError(Exception):
    """A request that is not answered as it asks: the status, what is said about it, and headers beside that."""

    def __init__(self, status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def answer(value: Any, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """A value as JSON, which nobody keeps."""
    return answer_bytes(orjson.dumps(value), status)


def answer_bytes(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """JSON that is written already."""
    return web.Response(body=body, status=status, headers={"Content-Type": JSON, "Cache-Control": "no-store"})


def refused(error: AnswerError) -> web.Response:
    """The answer for an error: `{"message": ...}`, as the gateway's errors have it among others."""
    message = error.message.encode("utf-8", "backslashreplace").decode()
    response = answer({"message": message}, error.status)
    response.headers.update(error.headers)
    return response
