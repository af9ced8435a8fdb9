"""How far each source was shipped, on disk: SQLite, as Fluent Bit's tail input keeps it.

What is written survives the end of the process, however that comes. `synchronous=NORMAL` is enough for it, and after a
crash of the whole machine the file is sound, though it may lack the last moments: then the endpoint is asked.
"""

import logging
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

from refapp.backends.shipper.origins import Origin
from refapp.backends.shipper.record import Line
from refapp.backends.shipper.tail import Place

_SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (
    source TEXT PRIMARY KEY, origin TEXT NOT NULL, file INTEGER NOT NULL, inode INTEGER NOT NULL,
    offset INTEGER NOT NULL, parts TEXT NOT NULL, begin INTEGER NOT NULL, mark INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, same INTEGER NOT NULL, discarded INTEGER NOT NULL, sure INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ends (clean INTEGER NOT NULL);
"""
_COLUMNS = "origin, file, inode, offset, parts, begin, mark, timestamp, same, discarded, sure"

_log = logging.getLogger(__name__)


class CheckpointError(Exception):
    """The checkpoints cannot be opened; the text names the file."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How far a source was shipped: the place in its files, and what its log stream holds of it.

    `inode` is that of the file of the place. The stream's last event is of `timestamp`, in milliseconds since 1970, and
    `same` of its events are of that time; `timestamp` is 0 while there is none. `sure` is false while an answer is
    lost: then the stream may hold more. `discarded` is how many lines were given up in that time, which it may hold.
    """

    place: Place
    inode: int = 0
    timestamp: int = 0
    same: int = 0
    discarded: int = 0
    sure: bool = True


class Checkpoints:
    """The checkpoints in a file; safe to be used by many threads.

    `was_clean` tells whether the process before ended as it should, or there was none: then they are up to date.
    `errors` counts how often one could not be written; it is tried again with the next one.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            CheckpointError: it cannot be opened or written, or holds something else.
        """
        self.errors = 0
        self._lock = threading.Lock()
        self._unsaved: dict[str, tuple[Origin, Checkpoint] | None] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
            self.was_clean = self._begin()
        except (OSError, sqlite3.Error) as error:
            raise CheckpointError(f"{path}: {error}; name another directory by STATE") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self) -> dict[str, tuple[Origin, Checkpoint]]:
        """What is known of each source, by its key."""
        with self._lock:
            rows = self._connection.execute(f"SELECT source, {_COLUMNS} FROM streams").fetchall()  # noqa: S608
        return {source: (Origin.load(origin), _checkpoint(*row)) for source, origin, *row in rows}

    def save(self, source: str, origin: Origin, checkpoint: Checkpoint) -> bool:
        """Write the checkpoint of a source; false when the disk does not take it."""
        with self._lock:
            self._unsaved[source] = origin, checkpoint
            return self._write()

    def forget(self, source: str) -> None:
        """Remove the checkpoint of a source."""
        with self._lock:
            self._unsaved[source] = None
            self._write()

    def close(self) -> None:
        """Write what could not be written before, if that is possible now, and close the file."""
        with self._lock:
            if self._write():
                self._end(clean=True)
            self._connection.close()

    def _begin(self) -> bool:
        """Make the file ready, and note that it is in use; whether it was left as it should be."""
        try:
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # two shippers would deliver everything twice
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)
            clean = all(clean for (clean,) in self._connection.execute("SELECT clean FROM ends"))
            self._end(clean=False)
        except sqlite3.Error:
            self._connection.close()
            raise
        return clean

    def _write(self) -> bool:
        """Write all that waits: at once, so that a checkpoint is never older than that of another source."""
        try:
            with self._connection:
                self._connection.execute("BEGIN")
                for source, known in self._unsaved.items():
                    self._write_one(source, known)
        except sqlite3.Error as error:
            if not self.errors:
                _log.warning("a checkpoint is not written, and tried again with the next one: %s", error)
            self.errors += 1
            return False
        self._unsaved.clear()
        return True

    def _write_one(self, source: str, known: tuple[Origin, Checkpoint] | None) -> None:
        if known is None:
            self._connection.execute("DELETE FROM streams WHERE source = ?", (source,))
        else:
            row = (source, known[0].dump(), *_row(known[1]))
            marks = ", ".join("?" * len(row))
            self._connection.execute(f"INSERT OR REPLACE INTO streams (source, {_COLUMNS}) VALUES ({marks})", row)  # noqa: S608

    def _end(self, *, clean: bool) -> None:
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.execute("DELETE FROM ends")
            self._connection.execute("INSERT INTO ends VALUES (?)", (clean,))


def _row(checkpoint: Checkpoint) -> tuple[int | str, ...]:
    place = checkpoint.place
    # Bytes as characters of the same number: JSON has no bytes, and text that is cut may be no UTF-8.
    parts = orjson.dumps([(*part[:-1], part.text.decode("latin-1")) for part in place.parts]).decode()
    return (
        *(place.file, checkpoint.inode, place.offset, parts, place.begin, place.mark),
        *(checkpoint.timestamp, checkpoint.same, checkpoint.discarded, checkpoint.sure),
    )


def _checkpoint(
    file: int,
    inode: int,
    offset: int,
    parts: str,
    begin: int,
    mark: int,
    timestamp: int,
    same: int,
    discarded: int,
    sure: int,
) -> Checkpoint:
    lines = tuple(Line(time, stream, tag, text.encode("latin-1")) for time, stream, tag, text in orjson.loads(parts))
    return Checkpoint(
        place=Place(file, offset, lines, begin, mark),
        inode=inode,
        timestamp=timestamp,
        same=same,
        discarded=discarded,
        sure=bool(sure),
    )
