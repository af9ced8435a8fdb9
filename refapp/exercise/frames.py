"""The frames of HTTP/2, and the message of gRPC within them.

Sources: RFC 9113, sections 3.4, 4.1 and 6; https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends before its first frame."""

_HEADER = 9  # bytes: length 3, type 1, flags 1, stream 4
_GRPC_PREFIX = 5  # bytes: compressed 1, length 4


class FrameType(IntEnum):
    """What a frame is for."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


@dataclass(frozen=True)
class Frame:
    """One frame. `offset` counts from the first byte that its side sent; stream 0 is the connection itself."""

    offset: int
    type: FrameType
    flags: int
    stream: int
    payload: bytes

    @property
    def ends_stream(self) -> bool:
        """Its sender says nothing more on this stream."""
        return self.type in (FrameType.DATA, FrameType.HEADERS) and bool(self.flags & 0x1)


def frames(data: bytes) -> Iterator[Frame]:
    """The frames that one side of a connection sent; a client's preface is passed over, so is a frame cut short.

    Raises:
        ValueError: a frame is of a type that RFC 9113 does not know.
    """
    at = len(PREFACE) if data.startswith(PREFACE) else 0
    while at + _HEADER <= len(data):
        length, kind, flags = int.from_bytes(data[at : at + 3]), data[at + 3], data[at + 4]
        stream = int.from_bytes(data[at + 5 : at + 9]) & 0x7FFF_FFFF
        end = at + _HEADER + length
        if end > len(data):
            return
        yield Frame(at, FrameType(kind), flags, stream, data[at + _HEADER : end])
        at = end


def grpc_message(data: bytes) -> bytes:
    """The message in the payload of the first DATA frame: a byte says whether it is compressed, four how long it is.

    Raises:
        ValueError: the message is compressed, or not all there.
    """
    compressed, length = data[0], int.from_bytes(data[1:_GRPC_PREFIX])
    if compressed or len(data) < _GRPC_PREFIX + length:
        raise ValueError("the message is compressed, or goes on in another frame")
    return data[_GRPC_PREFIX : _GRPC_PREFIX + length]
