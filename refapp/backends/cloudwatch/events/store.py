"""Log events on disk, shared by all that the endpoint does with logs.

An event is stored with the fields that CloudWatch discovers in it: the common ones in columns, the rest as a VARIANT.
"""

import threading
from array import array
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb
import orjson

from refapp.backends.cloudwatch.events.columns import COLUMNS
from refapp.backends.cloudwatch.events.database import MIB, Database, StoreError
from refapp.backends.cloudwatch.events.fields import discover

# `highest` keeps the number of the last event after the event itself has gone, so that no number is used twice.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS sources (no INTEGER NOT NULL, log_group VARCHAR NOT NULL, stream VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id BIGINT NOT NULL, source INTEGER NOT NULL, timestamp BIGINT NOT NULL, ingestion BIGINT NOT NULL,
    size INTEGER NOT NULL, message VARCHAR NOT NULL, {", ".join(f"{column} VARCHAR" for column in COLUMNS.values())},
    fields VARIANT
);
CREATE TABLE IF NOT EXISTS highest (id BIGINT NOT NULL);
SELECT no, log_group, stream FROM sources LIMIT 0;
SELECT id, source, timestamp, ingestion, size, message, {", ".join(COLUMNS.values())}, fields FROM events LIMIT 0
"""  # noqa: S608 - constants
_INSERT = f"""
INSERT INTO events SELECT unnest($ids::BIGINT[]), unnest($sources::INTEGER[]), unnest($timestamps::BIGINT[]),
    unnest($ingestions::BIGINT[]), unnest($sizes::INTEGER[]), unnest($messages::VARCHAR[]),
    {", ".join(f"unnest(${column}::VARCHAR[])" for column in COLUMNS.values())},
    unnest($fields::VARCHAR[])::JSON::VARIANT
"""
OVERHEAD = 26  # bytes that CloudWatch counts for an event beside its text
_LEFT = 0.9  # of what the file may hold is left when it was more
_EARLIEST, _LATEST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Event:
    """What a program wrote, and when: milliseconds since 1970."""

    timestamp: int
    message: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in the store. `id` is unique in it and rises; times are in milliseconds since 1970."""

    group: str
    stream: str
    id: int
    timestamp: int
    ingestion: int
    message: str


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What the store has of a stream: times in milliseconds since 1970; bytes as CloudWatch counts them."""

    name: str
    first: int
    last: int
    last_ingestion: int
    bytes: int
    events: int


class EventStore:
    """Log events in a file; safe to be used by many threads. Readers do not wait for writers."""

    def __init__(self, path: Path, *, memory: int = 128 * MIB) -> None:
        """Open the file, or make it; `memory` bounds DuckDB's buffers, in bytes.

        Raises:
            StoreError: it cannot be opened, is open elsewhere, or holds something else.
        """
        self._database = Database(path, _SCHEMA, memory)
        self._queueing, self._writing = threading.Lock(), threading.Lock()
        self._queue: list[_Batch] = []
        with self._database.cursor() as cursor:
            ids = cursor.execute("SELECT id FROM highest UNION ALL SELECT max(id) FROM events").fetchall()
            rows = cursor.execute("SELECT no, log_group, stream FROM sources").fetchall()
        self._last = max(last or 0 for (last,) in ids)
        self._sources: dict[tuple[str, str], int] = {(group, stream): no for no, group, stream in rows}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written. Whoever still reads is to end before."""
        self._database.close()

    def append(self, group: str, stream: str, events: Sequence[Event], ingestion: int) -> None:
        """Keep the events; when this returns they are visible, and survive the end of the process.

        Batches that arrive while another is being written are written together.

        Raises:
            StoreError: they could not be written; none of them was.
            ValueError: a message has half of a surrogate pair, or a time has more than 64 bits; nothing was written.
        """
        if not events:
            return
        batch = _Batch(group, stream, events, ingestion)
        with self._queueing:
            self._queue.append(batch)
        with self._writing:
            if not batch.ended:
                self._write_queue()
        if batch.error is not None:
            raise StoreError(str(batch.error)) from batch.error

    def read(
        self,
        group: str,
        *,
        streams: Collection[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        descending: bool = False,
        after: tuple[int, int] | None = None,
        limit: int,
    ) -> list[StoredEvent]:
        """Events of a group in the order of their time and number, at most `limit`.

        Only those of some `streams` when there are any given, and from `start` to before `end`. `after` are the
        timestamp and id of an event: only what follows it in that order is read.

        Raises:
            StoreError: they cannot be read.
        """
        start, end = _EARLIEST if start is None else start, _LATEST if end is None else end - 1
        if after is not None:
            start, end = (start, min(end, after[0])) if descending else (max(start, after[0]), end)
        time, number = after or ((end, _LATEST) if descending else (start, _EARLIEST))
        order, follows = ("DESC", "<") if descending else ("ASC", ">")
        # First the numbers, then the texts of those alone: sorting texts takes ten times as long.
        query = f"""
            SELECT log_group, stream, id, timestamp, ingestion, message FROM events JOIN sources ON source = no
            WHERE id IN (
                SELECT id FROM events
                WHERE source IN (SELECT unnest($sources::INTEGER[])) AND timestamp BETWEEN $start AND $end
                AND (timestamp {follows} $time OR timestamp = $time AND id {follows} $number)
                ORDER BY timestamp {order}, id {order} LIMIT $limit
            )
            ORDER BY timestamp {order}, id {order}
        """  # noqa: S608 - constants
        values = {"start": start, "end": end, "time": time, "number": number, "limit": limit}
        with self._database.cursor() as cursor:
            rows = cursor.execute(query, values | {"sources": self._numbers(group, streams)}).fetchall()
        return [StoredEvent(*row) for row in rows]

    def delete(self, group: str, stream: str | None = None) -> None:
        """Forget the events of a stream, or of a whole group.

        Raises:
            StoreError: they could not be deleted; all are still there.
        """
        with self._writing:
            values = {"sources": self._numbers(group, None if stream is None else [stream])}
            with self._deleting() as connection:
                for table, column in (("events", "source"), ("sources", "no")):
                    query = f"DELETE FROM {table} WHERE {column} IN (SELECT unnest($sources::INTEGER[]))"  # noqa: S608 - constants
                    connection.execute(query, values)
            gone = set(values["sources"])
            self._sources = {source: no for source, no in self._sources.items() if no not in gone}

    def expire(self, group: str, before: int) -> int:
        """Forget the events of a group that are older than a time, in milliseconds since 1970; how many they were.

        Raises:
            StoreError: they could not be deleted; all are still there.
        """
        query = "DELETE FROM events WHERE source IN (SELECT unnest($sources::INTEGER[])) AND timestamp < $before"
        with self._writing, self._deleting() as connection:
            values = {"sources": self._numbers(group), "before": before}
            ((expired,),) = connection.execute(query, values).fetchall()
        return int(expired)

    def bound(self, most: int) -> int:
        """Forget the oldest events when the file needs more than `most` bytes, so that a tenth is free; how many.

        Raises:
            StoreError: they could not be deleted; all are still there.
        """
        if self._database.on_disk() <= most:
            return 0  # nearly always; to know more takes a checkpoint, for which writers wait
        size = self._database.size()
        if size <= most:
            return 0
        with self._writing, self._deleting() as connection:
            ((first, last),) = connection.execute("SELECT min(id), max(id) FROM events").fetchall()
            if first is None:
                return 0
            end = first + round((last - first + 1) * (1 - _LEFT * most / size))
            ((forgotten,),) = connection.execute("DELETE FROM events WHERE id < $end", {"end": end}).fetchall()
        return int(forgotten)

    def streams(self, group: str) -> list[StreamSummary]:
        """The streams of a group that have events, in the order of their names.

        Raises:
            StoreError: they cannot be read.
        """
        query = """
            SELECT stream, min(timestamp), max(timestamp), max(ingestion), sum(size)::BIGINT, count(*)
            FROM events JOIN sources ON source = no WHERE log_group = $group GROUP BY stream ORDER BY stream
        """
        with self._database.cursor() as cursor:
            return [StreamSummary(*row) for row in cursor.execute(query, {"group": group}).fetchall()]

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection to read the tables `events` and `sources` by, for one thread.

        What fails in the block is a StoreError; `Interrupted`, when the connection was interrupted.
        """
        return self._database.cursor()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Such a connection for longer than a block; it has to be closed, and used within `errors`.

        Raises:
            StoreError: the file cannot be opened again after a fatal error.
        """
        return self._database.connect()

    def errors(self) -> AbstractContextManager[None]:
        """Make DuckDB's errors in a block StoreErrors."""
        return self._database.errors()

    def _write_queue(self) -> None:
        with self._queueing:
            batches, self._queue = self._queue, []
        last, sources = self._last, dict(self._sources)
        try:
            with self._database.transaction() as connection:
                for batch in batches:
                    source = self._sources.get(batch.source) or self._add_source(connection, *batch.source)
                    batch.number(source, self._last + 1)
                    self._last = batch.ids[-1]
                connection.execute(_INSERT, _columns(batches))
        except BaseException as error:
            self._last, self._sources = last, sources
            for batch in batches:
                batch.error = error
            if not isinstance(error, StoreError):
                raise
        finally:
            for batch in batches:
                batch.ended = True

    def _add_source(self, connection: duckdb.DuckDBPyConnection, group: str, stream: str) -> int:
        no = max(self._sources.values(), default=0) + 1
        connection.execute("INSERT INTO sources VALUES (?, ?, ?)", [no, group, stream])
        self._sources[group, stream] = no
        return no

    @contextmanager
    def _deleting(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._database.transaction() as connection:
            yield connection
            connection.execute("DELETE FROM highest")
            connection.execute("INSERT INTO highest VALUES (?)", [self._last])

    def _numbers(self, group: str, streams: Collection[str] | None = None) -> list[int]:
        sources = self._sources.copy()  # another thread may add one
        return [no for (of, name), no in sources.items() if of == group and (streams is None or name in streams)]


class _Batch:
    """Events that are written together, as columns."""

    def __init__(self, group: str, stream: str, events: Sequence[Event], ingestion: int) -> None:
        self.source = (group, stream)
        self.ids = range(0)
        self.ended = False
        self.error: BaseException | None = None
        discovered = [discover(event.message) for event in events]
        self.columns: dict[str, list[Any]] = {
            "timestamps": _whole(event.timestamp for event in events),
            "ingestions": _whole([ingestion] * len(events)),
            "sizes": [len(event.message.encode()) + OVERHEAD for event in events],
            "messages": [event.message for event in events],
            **{column: [fields.pop(name, None) for fields in discovered] for name, column in COLUMNS.items()},
            "fields": [_json(fields) for fields in discovered],
        }

    def number(self, source: int, first: int) -> None:
        """Say where the events belong, and which numbers they have."""
        count = len(self.columns["messages"])
        self.ids = range(first, first + count)
        self.columns |= {"ids": list(self.ids), "sources": [source] * count}


def _columns(batches: Sequence[_Batch]) -> dict[str, list[Any]]:
    return {name: [value for batch in batches for value in batch.columns[name]] for name in batches[0].columns}


def _whole(times: Collection[int] | Iterator[int]) -> list[int]:
    try:
        return array("q", times).tolist()
    except OverflowError:
        raise ValueError("a time has more than 64 bits") from None


def _json(fields: dict[str, str]) -> str | None:
    return orjson.dumps(fields).decode() if fields else None
