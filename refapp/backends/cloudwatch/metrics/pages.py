"""Answers in pages, and the token by which a client asks for the next one."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson

from refapp.backends.cloudwatch.metrics.errors import InvalidNextToken

T = TypeVar("T")


def token(position: int, request: Mapping[str, Any]) -> str:
    """The token of the page that starts at that position of the answer to a request."""
    return f"{position}-{_digest(request)}"


def position(request: Mapping[str, Any]) -> int:
    """Where the page starts that a request asks for; 0 when it has no token.

    Raises:
        InvalidNextToken: it is no token, or one of another request.
    """
    text = request.get("NextToken")
    if text is None:
        return 0
    number, _, digest = text.partition("-")
    if not (number.isascii() and number.isdigit() and digest == _digest(request)):
        raise InvalidNextToken("NextToken is none that was given out for this request")
    return int(number)


def page(items: Sequence[T], request: Mapping[str, Any], size: int) -> tuple[Sequence[T], dict[str, str]]:
    """The items of the page that a request asks for, and `NextToken` when others follow.

    Raises:
        InvalidNextToken: see `position`.
    """
    start = position(request)
    end = start + size
    return items[start:end], {"NextToken": token(end, request)} if end < len(items) else {}


def _digest(request: Mapping[str, Any]) -> str:
    others = {name: value for name, value in request.items() if name != "NextToken"}
    text = orjson.dumps(others, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NAIVE_UTC)
    return hashlib.blake2b(text, digest_size=12).hexdigest()
