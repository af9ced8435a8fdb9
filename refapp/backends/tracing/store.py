"""Spans on disk: SQLite, bounded by their number.

A row of `operations` stands for all spans of one service, name, kind and called service, so lists of names and the
choice of spans by name touch few rows. A row of `terms` says that a trace has a tag; which of its spans may have it is
told by their bits (see `vocabulary`), and whether they have it by the spans themselves. The traces that came first go
first.
"""

import heapq
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

import orjson

from refapp.backends.tracing.links import Link, Node, link
from refapp.backends.tracing.spans import Span, dump_span, load_span
from refapp.backends.tracing.vocabulary import ALL, SCHEMA, UPGRADE, Masks, Vocabulary, term_number

_SCHEMA = """
CREATE TABLE IF NOT EXISTS traces (no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS operations (
    no INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    remote TEXT NOT NULL, UNIQUE (service, name, kind, remote)
);
CREATE TABLE IF NOT EXISTS spans (
    trace INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL, operation INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, duration INTEGER NOT NULL, error INTEGER NOT NULL, body BLOB NOT NULL,
    bits INTEGER NOT NULL, PRIMARY KEY (trace, id, kind)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spans_by_operation ON spans (operation, timestamp, duration, bits);
CREATE TABLE IF NOT EXISTS terms (
    term INTEGER NOT NULL, trace INTEGER NOT NULL, PRIMARY KEY (term, trace)
) WITHOUT ROWID;
"""
# For a file that was made before there was a vocabulary; the schema makes the index again.
_UPGRADE = f"""
BEGIN;
ALTER TABLE spans ADD COLUMN bits INTEGER NOT NULL DEFAULT {ALL};
DROP INDEX IF EXISTS spans_by_operation;
{SCHEMA}
{UPGRADE}
COMMIT;
"""
_LARGEST = 2**63 - 1
_RARE = 2000  # a tag of fewer traces than this is searched from the tag, any other from the time
_FEW = 200  # so many operations are walked side by side; more are sorted


class StoreError(Exception):
    """The store cannot be opened; the text names the file."""


class Operation(NamedTuple):
    """The spans of one name, kind and called service, in one service."""

    service: str
    name: str
    kind: str
    remote: str


class Term(NamedTuple):
    """What a span has to have: a tag of that key and value, or, without a value, a tag of that key or an annotation."""

    key: str
    value: str | None = None

    def holds(self, span: Span) -> bool:
        """Whether the span has it."""
        if self.value is not None:
            return span.tags.get(self.key) == self.value
        return self.key in span.tags or any(value == self.key for _, value in span.annotations)


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which traces to find: those with one span that fulfils all of it.

    What is empty or None is not asked for. Names are compared without case. Durations are in microseconds, `start` and
    `end` in microseconds since 1970, both included; at most `limit` traces are found, the newest ones.
    """

    service: str = ""
    remote: str = ""
    name: str = ""
    kind: str = ""
    terms: tuple[Term, ...] = ()
    min_duration: int | None = None
    max_duration: int | None = None
    start: int = 0
    end: int = _LARGEST
    limit: int = 10


class Store:
    """Spans in a file; safe to be used by many threads. Readers do not wait for the writer."""

    def __init__(self, path: Path, max_spans: int) -> None:
        """Open the file, or make it.

        Raises:
            StoreError: it cannot be opened, or holds something else.
        """
        self._max_spans = max_spans
        self._evicted = 0
        self._writing, self._reading = threading.Lock(), threading.Lock()
        try:
            self._writer, self._reader = _connect(path), _connect(path)
            self._count: int = self._writer.execute(
                "SELECT count(*) FROM spans INDEXED BY spans_by_operation"
            ).fetchone()[0]
            self._vocabulary = Vocabulary(self._writer)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}; name another file, or remove this one") from None
        self._operations: dict[Operation, int] = {}
        with self._writing, self._writer:
            self._bound()

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written or read."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def add(self, spans: Sequence[Span]) -> None:
        """Keep the spans; one that is known by trace, id and kind is replaced.

        When this returns they can be found, and survive the end of the process.
        """
        if not spans:
            return
        with self._writing, self._writing_whole():
            traces = self._trace_numbers({span.trace_id for span in spans})
            terms: set[tuple[int, int]] = set()
            rows = [self._row(span, traces[span.trace_id], terms) for span in spans]
            added = self._insert("OR IGNORE", rows)
            if added < len(rows):
                self._insert("OR REPLACE", rows)
            self._writer.executemany("INSERT OR IGNORE INTO terms VALUES (?, ?)", sorted(terms))
            self._count += added
            self._bound()

    def trace(self, trace_id: str) -> list[bytes]:
        """The spans of a trace in Zipkin v2 JSON, in the order of time; none when it is not known."""
        with self._reading:
            row = self._reader.execute("SELECT no FROM traces WHERE id = ?", (trace_id,)).fetchone()
            return self._bodies(row[0]) if row else []

    def search(self, search: Search) -> list[list[bytes]]:
        """The traces that a search finds, the newest first; each as `trace` gives it."""
        with self._reading:
            found: dict[int, None] = {}
            for trace in self._matches(search):
                found[trace] = None
                if len(found) >= search.limit:
                    break
            return [self._bodies(trace) for trace in found]

    def operations(self, service: str = "") -> list[Operation]:
        """The operations of a service, or of all, in the order of their names."""
        query = "SELECT service, name, kind, remote FROM operations"
        if service:
            query += " WHERE service = ? COLLATE NOCASE"
        with self._reading:
            rows = self._reader.execute(query, (service,) if service else ()).fetchall()
        return sorted(Operation(*row) for row in rows)

    def tag_values(self, key: str, limit: int = 100) -> list[str]:
        """Values of a tag among the newest traces that have it, in their order."""
        values: set[str] = set()
        with self._reading:
            query = "SELECT trace FROM terms WHERE term = ? ORDER BY trace DESC LIMIT ?"
            for (trace,) in self._reader.execute(query, (term_number(key), limit)).fetchall():
                spans = (load_span(body) for body in self._bodies(trace))
                values.update(span.tags[key] for span in spans if key in span.tags)
        return sorted(values)

    def links(self, start: int, end: int) -> list[Link]:
        """The calls between services in the spans that began between two times, in microseconds since 1970."""
        query = """
            SELECT trace, id, parent, spans.kind, service, remote, error
            FROM spans NOT INDEXED JOIN operations ON operation = no
            WHERE timestamp BETWEEN ? AND ? ORDER BY trace
        """
        with self._reading:
            return link(map(Node._make, self._reader.execute(query, (start, end))))

    @contextmanager
    def _writing_whole(self) -> Iterator[None]:
        """Write everything of the block, or nothing."""
        count = self._count
        try:
            with self._writer:
                yield
        except BaseException:
            self._count = count
            self._operations.clear()  # numbers that were never written
            self._vocabulary.load()
            raise

    def _trace_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        listed = orjson.dumps(sorted(ids)).decode()
        self._writer.execute("INSERT OR IGNORE INTO traces (id) SELECT value FROM json_each(?)", (listed,))
        query = "SELECT traces.id, no FROM json_each(?) JOIN traces ON traces.id = value"
        return dict(self._writer.execute(query, (listed,)).fetchall())

    def _row(self, span: Span, trace: int, terms: set[tuple[int, int]]) -> tuple[int | str | bytes, ...]:
        operation = Operation(span.local.service, span.name, span.kind, span.remote.service)
        number = self._operations.get(operation) or self._operation_number(operation)
        bits, numbers = self._vocabulary.record(number, span)
        terms.update(zip(numbers, repeat(trace)))
        error, body = "error" in span.tags, dump_span(span)
        return trace, span.span_id, span.kind, span.parent_id, number, span.timestamp, span.duration, error, body, bits

    def _operation_number(self, operation: Operation) -> int:
        self._writer.execute(
            "INSERT OR IGNORE INTO operations (service, name, kind, remote) VALUES (?, ?, ?, ?)", operation
        )
        query = "SELECT no FROM operations WHERE (service, name, kind, remote) = (?, ?, ?, ?)"
        number: int = self._writer.execute(query, operation).fetchone()[0]
        self._operations[operation] = number
        return number

    def _insert(self, conflict: str, rows: Sequence[Sequence[object]]) -> int:
        query = f"INSERT {conflict} INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - two constants
        return self._writer.executemany(query, rows).rowcount

    def _bound(self) -> None:
        """Take the oldest traces away when there are too many spans; a twentieth more, not to do it each time."""
        if self._count <= self._max_spans:
            return
        excess = self._count - self._max_spans + self._max_spans // 20
        last = removed = 0
        with closing(self._writer.execute("SELECT trace, count(*) FROM spans GROUP BY trace ORDER BY trace")) as rows:
            for last, size in rows:  # noqa: B007 - the last one counts
                removed += size
                if removed >= excess:
                    break
        self._writer.execute("DELETE FROM spans WHERE trace <= ?", (last,))
        self._writer.execute("DELETE FROM traces WHERE no <= ?", (last,))
        self._count -= removed
        self._evicted += removed
        # A search passes over what is left of a trace that has gone, so this may wait: it reads all terms.
        if self._evicted >= self._max_spans // 4:
            self._evicted = 0
            self._writer.execute("DELETE FROM terms WHERE trace <= ?", (last,))
        self._writer.execute("DELETE FROM operations WHERE NOT EXISTS (SELECT 1 FROM spans WHERE operation = no)")
        self._operations.clear()
        self._vocabulary.forget()

    def _bodies(self, trace: int) -> list[bytes]:
        query = "SELECT body FROM spans WHERE trace = ? ORDER BY timestamp, id, kind"
        return [body for (body,) in self._reader.execute(query, (trace,))]

    def _matches(self, search: Search) -> Iterator[int]:
        operations = self._operations_with_masks(search)
        terms = [term_number(*term) for term in search.terms]
        rare = self._rare(terms) if operations else set()
        if rare is not None:
            rows: Iterable[tuple[int, int, bytes]] = self._rows_of(rare, operations, search)
        elif len(operations) <= _FEW:
            cursors = [self._rows_in_order(search, terms, *chosen) for chosen in operations.items()]
            rows = heapq.merge(*cursors, key=itemgetter(0), reverse=True)
        else:
            rows = self._rows_sorted(search, terms, operations)
        needles = [_needle(term) for term in search.terms]
        for _, trace, body in rows:
            if not search.terms or _all_hold(search.terms, needles, body):
                yield trace

    def _operations_with_masks(self, search: Search) -> dict[int, Masks]:
        """The operations that may have what is searched for; each with what the bits of a span have to share."""
        numbers = self._matching_operations(search)
        masks = ((number, self._vocabulary.masks(number, search.terms)) for number in numbers)
        return {number: found for number, found in masks if found is not None}

    def _matching_operations(self, search: Search) -> list[int]:
        wanted = {"service": search.service, "name": search.name, "kind": search.kind, "remote": search.remote}
        conditions = [f"{column} = ? COLLATE NOCASE" for column, value in wanted.items() if value]
        query = f"SELECT no FROM operations WHERE {' AND '.join(conditions) or 1}"  # noqa: S608 - constants
        return [no for (no,) in self._reader.execute(query, [value for value in wanted.values() if value])]

    def _rare(self, terms: Sequence[int]) -> set[int] | None:
        query = "SELECT trace FROM terms WHERE term = ? LIMIT ?"
        lists = (self._reader.execute(query, (term, _RARE)).fetchall() for term in terms)
        return next(({trace for (trace,) in traces} for traces in lists if len(traces) < _RARE), None)

    def _rows_of(
        self, traces: Iterable[int], operations: Mapping[int, object], search: Search
    ) -> list[tuple[int, int, bytes]]:
        query = f"""
            SELECT operation, timestamp, trace, body FROM json_each(?) CROSS JOIN spans ON trace = value
            WHERE {_RANGES} ORDER BY timestamp DESC
        """  # noqa: S608 - a constant
        rows = self._reader.execute(query, (orjson.dumps(sorted(traces)).decode(), *_ranges(search)))
        return [(timestamp, trace, body) for operation, timestamp, trace, body in rows if operation in operations]

    def _rows_in_order(
        self, search: Search, terms: Sequence[int], operation: int, masks: Masks
    ) -> Iterator[tuple[int, int, bytes]]:
        query = f"""
            SELECT timestamp, trace, {_BODY if terms else "NULL"} FROM spans INDEXED BY spans_by_operation
            WHERE operation = ? AND bits & ? = ?{" AND bits & ?" * len(masks.some)} AND {_RANGES}{_HAS * len(terms)}
            ORDER BY timestamp DESC
        """  # noqa: S608 - constants
        chosen = (operation, masks.every, masks.every, *masks.some)
        return iter(self._reader.execute(query, (*chosen, *_ranges(search), *terms)))

    def _rows_sorted(
        self, search: Search, terms: Sequence[int], operations: Mapping[int, Masks]
    ) -> Iterator[tuple[int, int, bytes]]:
        chosen = [
            (number, masks.every, *masks.some, *repeat(ALL, len(terms) - len(masks.some)))
            for number, masks in operations.items()
        ]
        some = [f"some{place}" for place in range(len(terms))]
        columns = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(["no", "every", *some]))
        query = f"""
            WITH chosen AS MATERIALIZED (SELECT {columns} FROM json_each(?))
            SELECT timestamp, trace, {_BODY if terms else "NULL"}
            FROM chosen CROSS JOIN spans INDEXED BY spans_by_operation ON operation = no
            WHERE bits & every = every{"".join(f" AND bits & {name}" for name in some)} AND {_RANGES}{_HAS * len(terms)}
            ORDER BY timestamp DESC
        """  # noqa: S608 - constants
        return iter(self._reader.execute(query, (orjson.dumps(chosen).decode(), *_ranges(search), *terms)))


_RANGES = "timestamp BETWEEN ? AND ? AND duration BETWEEN ? AND ?"
_HAS = " AND EXISTS (SELECT 1 FROM terms WHERE term = ? AND trace = spans.trace)"
# The index answers all conditions: only then the span itself is read.
_BODY = "(SELECT body FROM spans AS whole WHERE (trace, id, kind) = (spans.trace, spans.id, spans.kind))"


def _ranges(search: Search) -> tuple[int, int, int, int]:
    longest = _LARGEST if search.max_duration is None else search.max_duration
    return search.start, search.end, search.min_duration or 0, longest


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    # The log is handed to the system at each commit and synced now and then: the end of the process loses nothing.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA wal_autocheckpoint = 8192")  # pages of 4 KiB: more often costs a fifth of the speed
    columns = {row[1] for row in connection.execute("PRAGMA table_info(spans)")}
    if columns and "bits" not in columns:
        connection.executescript(_UPGRADE)
    connection.executescript(_SCHEMA + SCHEMA)
    return connection


def _all_hold(terms: Sequence[Term], needles: Iterable[bytes], body: bytes) -> bool:
    # Most bodies that lack a term are told by their text, without being read.
    if not all(needle in body for needle in needles):
        return False
    span = load_span(body)
    return all(term.holds(span) for term in terms)


def _needle(term: Term) -> bytes:
    """What the body of a span holds when the span has the term."""
    return orjson.dumps(term.key) if term.value is None else orjson.dumps({term.key: term.value})[1:-1]
