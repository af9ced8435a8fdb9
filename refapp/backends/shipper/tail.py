"""Reads the lines of a source from a place on, joins those that came in parts, and tells the place after each."""

import os
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple

import orjson

from refapp.backends.shipper.files import KeptFile
from refapp.backends.shipper.record import FULL, MAX_EVENT, PART, Line

Parse = Callable[[bytes], Line]

_CHUNK = 256 * 1024
_LONGEST = 8 * 1024 * 1024  # bytes without the end of a line, after which one is assumed
_MARK = 64

# Parts are joined as long as one more, of a container runtime's usual 16 KiB, is sure to fit into an event: an escaped
# character takes six bytes, and what is known of the pod some hundred.
_JOINED = MAX_EVENT - 6 * 16 * 1024 - 4096


class Place(NamedTuple):
    """A place in the files of a source: behind a line.

    `file` is the number of a file and `offset` one in it. `parts` are lines before the place of which the rest is still
    to come, at most one of each stream. The last line began at `begin`, and `mark` is a checksum of its beginning: a
    file in which something else is found there was truncated and written anew.
    """

    file: int
    offset: int = 0
    parts: tuple[Line, ...] = ()
    begin: int = 0
    mark: int = 0


class Entry(NamedTuple):
    """A line, and the place behind it."""

    line: Line
    place: Place


def entries(files: Sequence[KeptFile], place: Place, parse: Parse, *, finished: bool = False) -> Generator[Entry]:
    """The lines behind a place. Where the source is `finished`, a last line without an end is one, too.

    Raises:
        OSError: a file cannot be read.
    """
    behind = [file for file in files if file.number >= place.file]
    if behind and _is_truncated(behind[0], place):
        yield from _flush(place._replace(offset=0, begin=0, mark=0))
        place = Place(place.file)
    for file in behind:
        if file.number > place.file:
            place = Place(file.number, parts=place.parts)
        whole = finished or file is not behind[-1]
        for raw, begin, end in _raw_lines(file, place.offset, whole=whole):
            line, parts = _join(place.parts, parse(raw))
            place = Place(file.number, end, parts, begin, zlib.crc32(raw[:_MARK]))
            if line:
                yield Entry(line, place)
    if finished:
        yield from _flush(place)


def _raw_lines(file: KeptFile, begin: int, *, whole: bool) -> Iterator[tuple[bytes, int, int]]:
    """Each line without its end, where it begins, and where the next one does."""
    with file.opened() as descriptor:
        rest = b""
        while chunk := os.pread(descriptor, _CHUNK, begin + len(rest)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                end = begin + len(line) + 1
                yield line, begin, end
                begin = end
            if len(rest) > _LONGEST:
                yield rest, begin, begin + len(rest)
                begin, rest = begin + len(rest), b""
        if rest and whole:
            yield rest, begin, begin + len(rest)


def _join(parts: tuple[Line, ...], line: Line) -> tuple[Line | None, tuple[Line, ...]]:
    """The line that is whole now, or too long to be joined on, and the parts that still wait for their rest."""
    if not parts and line.tag == FULL:
        return line, ()
    begun = next((part for part in parts if part.stream == line.stream), None)
    others = tuple(part for part in parts if part is not begun)
    if begun:
        line = Line(begun.time, begun.stream, line.tag, begun.text + line.text)
    if line.tag == PART and not _is_large(line.text):
        return None, (*others, line)
    return line, others


def _is_large(text: bytes) -> bool:
    return 6 * len(text) > _JOINED and len(orjson.dumps(text.decode(errors="replace"))) > _JOINED


def _is_truncated(file: KeptFile, place: Place) -> bool:
    """Whether what was read up to the place is no longer in its file."""
    if place.offset == 0:
        return False
    length = min(_MARK, place.offset - place.begin)
    with file.opened() as descriptor:
        found = os.pread(descriptor, length, place.begin)
    return file.size() < place.offset or zlib.crc32(found.partition(b"\n")[0]) != place.mark


def _flush(place: Place) -> Generator[Entry]:
    """The parts whose rest will never come, as they are."""
    for flushed, part in enumerate(place.parts, 1):
        yield Entry(part, place._replace(parts=place.parts[flushed:]))
