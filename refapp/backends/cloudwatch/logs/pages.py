"""Pages of lists: a token says after which item the next page begins, so changes of the list do no harm."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import orjson

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.logs.parameters import LONGEST_IDENTIFIER, PAGE, Request, optional_text, whole

T = TypeVar("T")
Key = tuple[int | str, ...]


def page(
    items: Iterable[T],
    key: Callable[[T], Key],
    request: Request,
    *,
    most: int = PAGE,
    default: int = PAGE,
    limit: str = "limit",
    descending: bool = False,
) -> tuple[list[T], dict[str, Any]]:
    """The page that a request asks for, and the member of its answer that leads to the next one, if there is one.

    Args:
        items: the whole list, in any order.
        key: what the list is ordered by; no two items have the same.
        request: `nextToken` and the member that `limit` names choose the page.
        most: the largest limit.
        default: the limit when none is given, if that is not too large.
        limit: the name of that member.
        descending: whether the list runs backwards.

    Raises:
        InvalidParameter: the limit is out of its range, or the token none that such a list gave out.
    """
    size = whole(request, limit, least=1, most=most) or min(default, most)
    ordered = sorted(items, key=key, reverse=descending)
    token = optional_text(request, "nextToken", longest=LONGEST_IDENTIFIER)
    if token is not None:
        last = _read(token)
        try:
            ordered = [item for item in ordered if (key(item) < last if descending else key(item) > last)]
        except TypeError:
            raise invalid_token() from None
    found = ordered[:size]
    return found, {"nextToken": _written(key(found[-1]))} if len(ordered) > size else {}


def invalid_token() -> InvalidParameter:
    """The error about a token that was never given out."""
    return InvalidParameter("The specified nextToken is invalid.")


def _written(key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode()


def _read(token: str) -> Key:
    try:
        key = orjson.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list):
        raise invalid_token()
    return tuple(key)
