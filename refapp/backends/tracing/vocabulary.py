"""Which tags and annotations the spans of each operation ever had, and the bits that stand for them.

A search asks here before it reads spans. An operation whose spans never had one of its terms is ruled out. In the
others a span tells by its bits, which stand in the index of spans, that it lacks a term. The first values of each key
have a bit of their own; a later one has the bit of all such values of its key, and one of some that any such values
share. Bits and numbers can only say that a span may have something, so what they let through is looked at; what is
remembered of spans that have gone makes a search slower, never wrong.
"""

import sqlite3
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from refapp.backends.tracing.spans import Span

ALL = -1
"""The bits of a span that may have anything: those that were kept before there was a vocabulary."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS vocabulary (
    operation INTEGER NOT NULL, key INTEGER NOT NULL, value INTEGER NOT NULL, bits INTEGER NOT NULL
);
"""
"""A row gives the bits of a value of a key in an operation; numbers below zero stand for more than that."""

_ANNOTATIONS = -1  # the key of all annotations; numbers of keys and values are not negative
_OTHERS = -2  # the value that stands for all that are not recorded
_ANYTHING = -3  # the key of an operation whose spans may have anything

UPGRADE = f"INSERT INTO vocabulary SELECT no, {_ANYTHING}, 0, {ALL} FROM operations;"  # noqa: S608 - constants
"""Says of all operations that there are that their spans may have anything."""

_OWN = 4  # so many values of a key have bits of their own
_RECORDED = 256  # so many values of a key are told apart in an operation, by which it can be ruled out
# What a file holds depends on these: bits of values and keys, of which the last is used again and again, then others.
_NAMED = 40
_SPREAD = 23
_NAMED_BITS = (1 << _NAMED) - 1


class Masks(NamedTuple):
    """What the bits of a span share when it may fulfil some terms: all bits of `every`, and some of each of `some`."""

    every: int = 0
    some: tuple[int, ...] = ()


class Vocabulary:
    """What the spans of a store ever had: in memory for searches, and in a table that is written when it grows.

    One thread at a time may record; any number may ask for masks meanwhile.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read the table; the connection is the one that writes the spans, so that both are kept or none."""
        self._connection = connection
        self.load()

    def load(self) -> None:
        """Read the table again, which is needed when what was recorded has not been kept."""
        operations: dict[int, _Operation] = {}
        query = "SELECT operation, key, value, bits FROM vocabulary ORDER BY rowid"
        for operation, key, value, bits in self._connection.execute(query):
            operations.setdefault(operation, _Operation()).learn(key, value, bits)
        self._operations = operations

    def record(self, operation: int, span: Span) -> tuple[int, list[int]]:
        """Remember what a span of an operation has.

        Returns:
            Its bits, and the numbers of all terms that it fulfils.
        """
        known = self._operations.get(operation)
        if known is None:
            known = self._operations[operation] = _Operation()
        bits = 0
        numbers: list[int] = []
        for tag in span.tags.items():
            key, value = pair = _tag_numbers(*tag)
            numbers += pair
            values = known.values.get(key, _NONE)
            bits |= values.known.get(value) or self._unknown(operation, known, key, value)
        for annotation in span.annotations:
            value = term_number(annotation.value)
            numbers.append(value)
            values = known.values.get(_ANNOTATIONS, _NONE)
            bits |= values.known.get(value) or self._unknown(operation, known, _ANNOTATIONS, value)
        return ALL if known.anything else bits, numbers

    def masks(self, operation: int, terms: Iterable[tuple[str, str | None]]) -> Masks | None:
        """What the bits of every span of the operation share that fulfils all terms; None when there is no such span.

        A term is the key and the value of a tag; without a value it is the key of a tag or the text of an annotation.
        """
        known = self._operations.get(operation)
        if known is None or known.anything:
            return Masks()
        every = 0
        some: list[int] = []
        for term in terms:
            mask = known.mask(*term)
            if mask is None:
                return None
            every |= mask.every
            some += mask.some
        return Masks(every, tuple(some))

    def forget(self) -> None:
        """Forget the operations that have gone from the store."""
        query = "DELETE FROM vocabulary WHERE operation NOT IN (SELECT no FROM operations) RETURNING operation"
        for (operation,) in self._connection.execute(query).fetchall():
            self._operations.pop(operation, None)

    def _unknown(self, operation: int, known: "_Operation", key: int, value: int) -> int:
        """The bits of a value that is not known; it is from now on, unless too many are."""
        values = known.values.get(key, _NONE)
        if values.others:
            return values.bits(value)
        count = len(values.known)
        named = (count >= _OWN and values.shared) or known.next_bit()
        bits = named if count < min(_OWN, _RECORDED) else named | _spread(value)
        recorded = (value, bits) if count < _RECORDED else (_OTHERS, named)
        known.learn(key, *recorded)
        self._connection.execute("INSERT INTO vocabulary VALUES (?, ?, ?, ?)", (operation, key, *recorded))
        return bits


def term_number(key: str, value: str | None = None) -> int:
    """A number for a term: two terms may share it, for the span itself is looked at."""
    return zlib.crc32((key if value is None else f"{key}={value}").encode())


class _Values:
    """The values of a key in the spans of an operation."""

    __slots__ = ("known", "named", "others", "shared")

    def __init__(self) -> None:
        self.known: dict[int, int] = {}  # numbers of values, and their bits
        self.named = 0  # a span with the key has one of these bits
        self.shared = 0  # the bit of the values that have none of their own
        self.others = 0  # the same, once there may be values that are not known

    def bits(self, value: int) -> int:
        """The bits of a value; 0 when there is no such value."""
        return self.known.get(value) or (self.others and self.others | _spread(value))


_NONE = _Values()


class _Operation:
    """What the spans of an operation ever had, by the numbers of keys."""

    __slots__ = ("anything", "used", "values")

    def __init__(self) -> None:
        self.values: dict[int, _Values] = {}
        self.used = 0  # bits
        self.anything = False

    def learn(self, key: int, value: int, bits: int) -> None:
        if key == _ANYTHING:
            self.anything = True
            return
        values = self.values.setdefault(key, _Values())
        named = bits & _NAMED_BITS
        values.named |= named
        if value == _OTHERS:
            values.others = named
        else:
            values.known[value] = bits
        if len(values.known) > _OWN:
            values.shared = named
        self.used = max(self.used, named.bit_length())

    def next_bit(self) -> int:
        return 1 << min(self.used, _NAMED - 1)

    def mask(self, key: str, value: str | None) -> Masks | None:
        number = term_number(key)
        tags = self.values.get(number, _NONE)
        if value is not None:
            bits = tags.bits(term_number(key, value))
            return Masks(bits) if bits else None
        annotation = self.values.get(_ANNOTATIONS, _NONE).bits(number)
        if tags.named:
            return Masks(some=(tags.named | annotation & _NAMED_BITS,))
        return Masks(annotation) if annotation else None


def _spread(value: int) -> int:
    return 1 << (_NAMED + value % _SPREAD)


@lru_cache(maxsize=65536)
def _tag_numbers(key: str, value: str) -> tuple[int, int]:
    return term_number(key), term_number(key, value)
