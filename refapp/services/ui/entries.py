"""Log entries of the app, as ngx-logger posts them, and the lines that they become.

They come from anybody's browser and are data: an entry chooses its level and its message, has no other field of a line
of ours, and cannot break a line.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from refapp.services import logs
from refapp.services.ui.settings import CLIENT_LEVELS

MAX_MESSAGE = 1000
"""The longest message that is kept, in characters."""

MAX_DATA = 4000
"""The longest additional data that is kept, in characters of JSON."""

MAX_ENTRIES = 100
"""How many entries one request may bring; ngx-logger can be told to send several at a time."""

log = logs.get_logger()

# By the number of a level. ngx-logger's LOG, above INFO, is what console.log writes; OFF is the level of no entry.
_LEVELS = ("trace", "debug", "info", "info", "warning", "error", "fatal")
_MAX_TIMESTAMP = 64
_MAX_PLACE = 200
_LARGEST = 2**31
_TRACE_ID = re.compile(r"(?!0+$)(?:[0-9a-f]{16}){1,2}")
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = {"trace_id": _TRACE_ID, "request_id": _REQUEST_ID}
# JSON escapes what ASCII has of control characters. The others, separators of lines and what turns the direction of
# writing would make a line look like another one in a terminal, or like several.
_CONTROLS = (*range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPED = {code: f"\\u{code:04x}" for code in _CONTROLS}


class EntryError(ValueError):
    """What was posted is no log entry; the message says what is wrong with it."""


class Entry(NamedTuple):
    """An entry: the level of its line, its message, and the fields that it adds."""

    level: str
    message: str
    fields: Mapping[str, object]

    def write(self) -> None:
        """Write the line, if the level of this process lets it."""
        _writers()[self.level](self.message, **self.fields)


def parse(body: bytes) -> tuple[Entry, ...]:
    """Read what ngx-logger posts: one `INGXLoggerMetadata` as JSON, or a list of them.

    Raises:
        EntryError: it is anything else.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise EntryError(f"the body is not JSON: {error}") from None
    items = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= MAX_ENTRIES:
        raise EntryError(f"the body must hold one log entry, or a list of at most {MAX_ENTRIES}")
    return tuple(_entry(item) for item in items)


def _entry(item: Any) -> Entry:
    if not isinstance(item, dict):
        raise EntryError("a log entry must be a JSON object")
    level = item.get("level")
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level < len(_LEVELS):
        raise EntryError(f"level must be a number from 0 ({CLIENT_LEVELS[0]}) to {len(_LEVELS) - 1} (FATAL)")
    message = _text(item, "message") or ""  # ngx-logger leaves out one that is undefined
    return Entry(_LEVELS[level], _clean(message, MAX_MESSAGE), dict(_fields(item, message)))


def _fields(item: Mapping[str, Any], message: str) -> Iterator[tuple[str, object]]:
    yield "client", True
    if timestamp := _text(item, "timestamp"):
        yield "client_time", _clean(timestamp, _MAX_TIMESTAMP)
    if place := _place(item):
        yield "client_place", place
    if len(message) > MAX_MESSAGE:
        yield "truncated", True
    additional = item.get("additional")
    if additional is None or additional == []:
        return
    if not isinstance(additional, list):
        raise EntryError("additional must be a list")
    yield from _ids(additional)
    yield "data", _clean(_json(additional), MAX_DATA)


def _ids(additional: list[Any]) -> Iterator[tuple[str, str]]:
    """The ids by which the lines of a request are found, under the names of the other services' lines."""
    for key, form in _IDS.items():
        values = (data[key] for data in additional if isinstance(data, dict) and isinstance(data.get(key), str))
        if (found := next((value.lower() for value in values if form.fullmatch(value.lower())), None)) is not None:
            yield key, found


def _place(item: Mapping[str, Any]) -> str:
    """Where in the source the entry was made, as `file:line:column`; empty where it is not told."""
    file = _text(item, "fileName")
    numbers = (_number(item, name) for name in ("lineNumber", "columnNumber"))
    told = [str(number) for number in numbers if number is not None]
    return _clean(":".join((file, *told)), _MAX_PLACE) if file else ""


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if not isinstance(value, str | None):
        raise EntryError(f"{name} must be a string")
    return value


def _number(item: Mapping[str, Any], name: str) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -_LARGEST <= value < _LARGEST:
        raise EntryError(f"{name} must be a whole number")
    return value


def _json(value: list[Any]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # it reads what is nested deeper than it writes
        raise EntryError("additional is nested too deeply") from None


def _clean(text: str, longest: int) -> str:
    return text[:longest].translate(_ESCAPED)


def _writers() -> dict[str, Callable[..., None]]:
    return {
        "trace": log.trace,
        "debug": log.debug,
        "info": log.info,
        "warning": log.warning,
        "error": log.error,
        "fatal": log.fatal,
    }
