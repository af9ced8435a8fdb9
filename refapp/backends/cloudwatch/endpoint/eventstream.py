"""Answers that are streams of events: `application/vnd.amazon.eventstream`.

Source of the format: Smithy's "Amazon Event Stream Specification"; botocore reads it in `eventstream`.
"""

import struct
import zlib
from collections.abc import Generator, Mapping
from typing import Any, Final, Self

import orjson

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
INITIAL: Final = "initial-response"
"""The event that comes first, for the members of the answer that are no stream."""

_STRING = 7  # the type of a header's value
_JSON = "application/json"


def frame(kind: str, members: Mapping[str, Any], *, exception: bool = False) -> bytes:
    """One event, or an exception that ends the stream."""
    name = "exception" if exception else "event"
    headers = _headers({":message-type": name, f":{name}-type": kind, ":content-type": _JSON})
    payload = orjson.dumps(members)
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


class Frames:
    """The events of a stream, after the initial one; closing this closes where they come from."""

    def __init__(self, messages: Generator[tuple[str, Mapping[str, Any]]]) -> None:
        self._messages = messages
        self._begun = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            return frame(INITIAL, {})
        kind, members = next(self._messages)
        return frame(kind, members, exception=kind.endswith("Exception"))

    def close(self) -> None:
        """Close where the events come from."""
        self._messages.close()


def _headers(values: Mapping[str, str]) -> bytes:
    return b"".join(_header(name.encode(), value.encode()) for name, value in values.items())


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", _STRING, len(value)) + value
