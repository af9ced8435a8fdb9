"""The wire format of Protocol Buffers, taken apart.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum


class WireType(IntEnum):
    """How long a value is: the lowest three bits of a tag. Groups (3 and 4) went out with proto2."""

    VARINT = 0
    I64 = 1
    LEN = 2
    I32 = 5


@dataclass(frozen=True)
class Field:
    """One field as it stands on the wire: `head` is the tag and, of type LEN, the length; then comes `value`."""

    offset: int
    number: int
    wire_type: WireType
    head: bytes
    value: bytes


def fields(data: bytes) -> Iterator[Field]:
    """The fields of a message, in the order in which they stand there; a nested message is a value like another.

    Raises:
        ValueError: the bytes are no message, or end within a field.
    """
    at = 0
    while at < len(data):
        tag, start = varint(data, at)
        number, wire_type = tag >> 3, WireType(tag & 7)
        match wire_type:
            case WireType.VARINT:
                _, end = varint(data, start)
            case WireType.I64:
                end = start + 8
            case WireType.I32:
                end = start + 4
            case WireType.LEN:
                length, start = varint(data, start)
                end = start + length
        if end > len(data):
            raise ValueError(f"field {number} at byte {at} needs {end - len(data)} bytes more than there are")
        yield Field(at, number, wire_type, data[at:start], data[start:end])
        at = end


def varint(data: bytes, at: int = 0) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; the eighth bit says that another byte follows.

    Returns:
        The number, and the offset of the byte behind it.

    Raises:
        ValueError: the bytes end within the number.
    """
    number = 0
    for shift, byte in enumerate(data[at : at + 10]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:  # noqa: PLR2004 (the eighth bit)
            return number, at + shift + 1
    raise ValueError(f"the number at byte {at} does not end")


def hexdump(data: bytes, width: int = 16) -> str:
    """Offset, bytes and their ASCII characters, `width` bytes a line."""
    lines = []
    for at in range(0, len(data), width):
        row = data[at : at + width]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row)  # noqa: PLR2004 (what ASCII prints)
        lines.append(f"{at:04x}  {row.hex(' '):<{3 * width - 1}}  {text}")
    return "\n".join(lines)
