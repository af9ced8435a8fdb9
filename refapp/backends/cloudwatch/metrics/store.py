"""What was measured, on disk: SQLite, bounded by time.

A series is a metric in a unit; a row of `points` is what it had in a second or a minute: its statistics, and how often
each value occurred (`spread`, see `Distribution.pack`). As in CloudWatch, seconds are kept for three hours and are
minutes then, and what is older than the retention goes.
"""

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import time
from typing import Final, Self

import orjson

from refapp.backends.cloudwatch.metrics.datum import MAX_AGE, Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution, merge
from refapp.backends.cloudwatch.metrics.periods import DAY, FINE, Clock, Grid

RETENTION: Final = 15 * DAY
"""How long minutes are kept, in seconds."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    no INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
    unit TEXT NOT NULL, fine INTEGER NOT NULL, last INTEGER NOT NULL, UNIQUE (namespace, name, dimensions, unit)
);
CREATE TABLE IF NOT EXISTS points (
    series INTEGER NOT NULL, time INTEGER NOT NULL, samples REAL NOT NULL, total REAL NOT NULL, low REAL NOT NULL,
    high REAL NOT NULL, spread BLOB, PRIMARY KEY (series, time)
) WITHOUT ROWID;
"""
_READ = "SELECT samples, total, low, high, spread FROM points WHERE series = ? AND time = ?"
_WRITE = "INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?, ?)"


class MetricStoreError(Exception):
    """The store cannot do what it was asked for; the text names the file and the reason."""


@dataclass(slots=True)
class _Series:
    """A series: its number, whether it has seconds, and the time of its last values."""

    no: int
    fine: bool
    last: int


class MetricStore:
    """Metrics in a file; safe to be used by many threads. Readers do not wait for the writer.

    Raises:
        MetricStoreError: the file cannot be opened, or holds something else.
    """

    def __init__(self, path: Path, *, retention: int = RETENTION, clock: Clock = time) -> None:
        self._path, self._retention, self._clock = path, retention, clock
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._expired = 0  # the minute of the last expiry
        self._coarse = 0  # before this time there are no seconds
        with self._failing():
            self._writer, self._reader = _connect(path), _connect(path)
            self._catalogue = self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written or read."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def put(self, data: Iterable[Datum]) -> None:
        """Keep the data: they are visible when this returns, and survive the end of the process.

        Raises:
            MetricStoreError: the disk is full, for example; then nothing of it is kept.
        """
        oldest = int(self._clock()) - FINE
        parts: dict[tuple[Metric, str], dict[int, list[Distribution]]] = {}
        for datum in data:
            second = datum.timestamp // 1000
            # What is a minute by now in the store would never become one again.
            step = datum.resolution if second >= oldest else 60
            series = parts.setdefault((datum.metric, datum.unit), {})
            series.setdefault(second // step * step, []).append(datum.distribution)
        with self._writing, self._writing_whole():
            for (metric, unit), points in parts.items():
                self._write(self._series(metric, unit, points), points)
            self._expire_each_minute()

    def metrics(self, since: float | None = None) -> list[Metric]:
        """The metrics in the order of their names; those that had values at a time or later (two weeks ago)."""
        first = self._clock() - MAX_AGE if since is None else since
        return sorted(
            metric
            for metric, units in list(self._catalogue.items())
            if any(series.last >= first for series in list(units.values()))
        )

    def read(self, metric: Metric, grid: Grid, *, spread: bool = True) -> dict[str, dict[int, Distribution]]:
        """What a metric had in the periods of a grid that have values, by its units in their order.

        Without `spread` it is not known how often each value occurred, which is read faster.

        Raises:
            MetricStoreError: the file cannot be read.
        """
        numbers = {unit: series.no for unit, series in list(self._catalogue.get(metric, {}).items())}
        with self._reading, self._failing():
            read = self._spreads if spread else self._statistics
            found = {unit: read(no, grid) for unit, no in sorted(numbers.items())}
        return {unit: points for unit, points in found.items() if points}

    def expire(self) -> None:
        """Make minutes of old seconds, and forget what is older than the retention. Writing does it each minute."""
        with self._writing, self._writing_whole():
            self._expire()

    def _statistics(self, series: int, grid: Grid) -> dict[int, Distribution]:
        query = """
            SELECT (time - ?1) / ?2 AS slot, sum(samples), sum(total), min(low), max(high), NULL FROM points
            WHERE series = ?3 AND time >= ?1 AND time < ?4 GROUP BY slot
        """
        rows = self._reader.execute(query, (grid.start, grid.period, series, grid.end))
        return {grid.start + slot * grid.period: Distribution(*row) for slot, *row in rows}

    def _spreads(self, series: int, grid: Grid) -> dict[int, Distribution]:
        rows = self._reader.execute(_RANGE, (series, grid.start, grid.end))
        slots = groupby(rows, lambda row: grid.start + (row[0] - grid.start) // grid.period * grid.period)
        return {slot: merge(Distribution.unpack(*row[1:]) for row in found) for slot, found in slots}

    def _series(self, metric: Metric, unit: str, times: Collection[int]) -> int:
        """The number of a series that has values at these times."""
        last, fine = max(times), any(second % 60 for second in times)
        known = self._catalogue.setdefault(metric, {}).get(unit)
        if known is None:
            query = "INSERT INTO series (namespace, name, dimensions, unit, fine, last) VALUES (?, ?, ?, ?, ?, ?)"
            dimensions = orjson.dumps(metric.dimensions).decode()
            row = (metric.namespace, metric.name, dimensions, unit, fine, last)
            no = self._writer.execute(query, row).lastrowid or 0
            self._catalogue[metric][unit] = _Series(no, fine, last)
            return no
        # In steps of a minute: a series that has a value each second is not written each second.
        if last >= known.last + 60 or (fine and not known.fine):
            known.last, known.fine = max(last, known.last), known.fine or fine
            query = "UPDATE series SET last = ?, fine = ? WHERE no = ?"
            self._writer.execute(query, (known.last, known.fine, known.no))
        return known.no

    def _write(self, series: int, points: Mapping[int, list[Distribution]]) -> None:
        for second, parts in points.items():
            row = self._writer.execute(_READ, (series, second)).fetchone()
            known = [Distribution.unpack(*row)] if row else []
            self._writer.execute(_WRITE, _row(series, second, merge(known + parts)))

    def _expire_each_minute(self) -> None:
        minute = int(self._clock()) // 60
        if minute > self._expired:
            self._expire()
            self._expired = minute

    def _expire(self) -> None:
        now = int(self._clock())
        coarse = (now - FINE) // 60 * 60
        for metric, units in list(self._catalogue.items()):
            for unit, series in list(units.items()):
                if series.fine:
                    self._coarsen(series.no, self._coarse, coarse)
                self._writer.execute(
                    "DELETE FROM points WHERE series = ? AND time < ?", (series.no, now - self._retention)
                )
                # A metric is listed for two weeks after its last values, even when these are gone.
                if series.last + 60 < now - max(self._retention, MAX_AGE):
                    self._writer.execute("DELETE FROM series WHERE no = ?", (series.no,))
                    del units[unit]
            if not units:
                del self._catalogue[metric]
        self._coarse = coarse

    def _coarsen(self, series: int, after: int, before: int) -> None:
        """Make minutes of the seconds between two times."""
        first = self._writer.execute(
            "SELECT min(time) FROM points WHERE series = ? AND time >= ? AND time < ? AND time % 60 <> 0",
            (series, after, before),
        ).fetchone()[0]
        if first is None:
            return
        start = first // 60 * 60
        rows = self._writer.execute(_RANGE, (series, start, before)).fetchall()
        self._writer.execute("DELETE FROM points WHERE series = ? AND time >= ? AND time < ?", (series, start, before))
        for minute, found in groupby(rows, lambda row: row[0] // 60 * 60):
            points = merge(Distribution.unpack(*row[1:]) for row in found)
            self._writer.execute(_WRITE, _row(series, minute, points))

    def _load(self) -> dict[Metric, dict[str, _Series]]:
        catalogue: dict[Metric, dict[str, _Series]] = {}
        query = "SELECT namespace, name, dimensions, unit, no, fine, last FROM series"
        for namespace, name, dimensions, unit, no, fine, last in self._writer.execute(query):
            metric = Metric(namespace, name, tuple((key, value) for key, value in orjson.loads(dimensions)))
            catalogue.setdefault(metric, {})[unit] = _Series(no, bool(fine), last)
        return catalogue

    @contextmanager
    def _writing_whole(self) -> Iterator[None]:
        """Write everything of the block, or nothing."""
        try:
            with self._failing(), self._writer:
                yield
        except BaseException:
            self._coarse = 0
            with self._failing():
                self._catalogue = self._load()  # without what was never written
            raise

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise MetricStoreError(f"{self._path}: {error}") from None


_RANGE = "SELECT time, samples, total, low, high, spread FROM points WHERE series = ? AND time >= ? AND time < ?"


def _row(series: int, second: int, values: Distribution) -> tuple[int | float | bytes | None, ...]:
    return series, second, values.samples, values.total, values.low, values.high, values.pack()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    # The log is handed to the system at each commit and synced now and then: the end of the process loses nothing.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(_SCHEMA)
    return connection
