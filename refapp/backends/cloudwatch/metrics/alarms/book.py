"""Alarms on disk: what they are, their history, and what they have still to tell. SQLite."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Standing, State
from refapp.backends.cloudwatch.metrics.alarms.history import Item
from refapp.backends.cloudwatch.metrics.alarms.notifications import Notification
from refapp.backends.cloudwatch.metrics.periods import DAY

KEPT: Final = 30 * DAY
"""How long the history is kept, in seconds."""

MOST_ITEMS: Final = 100_000
"""How many items of it are kept, the newest ones: an alarm may change each second."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alarms (name TEXT PRIMARY KEY, alarm TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    no INTEGER PRIMARY KEY AUTOINCREMENT, alarm TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL,
    time REAL NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_by_time ON history (time);
CREATE TABLE IF NOT EXISTS notifications (no INTEGER PRIMARY KEY AUTOINCREMENT, notification TEXT NOT NULL);
"""


_COLUMNS = ("alarm", "kind", "type", "time", "summary", "data")


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which items of the history are asked for: where it is None, all; times are in seconds since 1970, both included.

    `skip` of them are passed over, and at most `limit` given; a negative limit is none.
    """

    kinds: tuple[str, ...] = ("MetricAlarm", "CompositeAlarm")
    alarm: str | None = None
    type: str | None = None
    start: float | None = None
    end: float | None = None
    newest_first: bool = False
    skip: int = 0
    limit: int = -1


class AlarmBookError(Exception):
    """The alarms cannot be read or written; the text names the file and the reason."""


class AlarmBook:
    """The file of the alarms; safe to be used by many threads.

    Raises:
        AlarmBookError: the file cannot be opened, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._using():
            self._file = sqlite3.connect(path, check_same_thread=False)
            # The log is handed to the system at each commit: the end of the process loses nothing.
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written or read."""
        with self._lock:
            self._file.close()

    def alarms(self) -> dict[str, Alarm]:
        """All alarms by their names."""
        with self._using():
            rows = self._file.execute("SELECT name, alarm FROM alarms ORDER BY name").fetchall()
        return {name: _alarm(orjson.loads(text)) for name, text in rows}

    def record(
        self,
        *,
        alarms: Iterable[Alarm] = (),
        removed: Iterable[str] = (),
        history: Iterable[Item] = (),
        notifications: Iterable[Notification] = (),
        done: Iterable[int] = (),
    ) -> None:
        """Write all of it or nothing; `done` are the numbers of notifications that are not to be sent any more."""
        items = list(history)
        with self._using(), self._file:
            self._file.executemany("DELETE FROM alarms WHERE name = ?", [(name,) for name in removed])
            rows = [(alarm.name, orjson.dumps(asdict(alarm)).decode()) for alarm in alarms]
            self._file.executemany("INSERT OR REPLACE INTO alarms VALUES (?, ?)", rows)
            self._file.executemany(
                "INSERT INTO history (alarm, kind, type, time, summary, data)"
                " VALUES (:alarm, :kind, :type, :time, :summary, :data)",
                [asdict(item) for item in items],
            )
            if items:
                self._file.execute("DELETE FROM history WHERE time < ?", (items[-1].time - KEPT,))
                self._file.execute("DELETE FROM history WHERE no <= (SELECT max(no) FROM history) - ?", (MOST_ITEMS,))
            texts = [(orjson.dumps(asdict(notification)).decode(),) for notification in notifications]
            self._file.executemany("INSERT INTO notifications (notification) VALUES (?)", texts)
            self._file.executemany("DELETE FROM notifications WHERE no = ?", [(no,) for no in done])

    def history(self, choice: Choice) -> list[Item]:
        """The items of the history that are chosen."""
        order = "DESC" if choice.newest_first else "ASC"
        query = f"""
            SELECT alarm, kind, type, time, summary, data FROM history
            WHERE kind IN (SELECT value FROM json_each(:kinds)) AND alarm = coalesce(:alarm, alarm)
            AND type = coalesce(:type, type) AND time >= coalesce(:start, time) AND time <= coalesce(:end, time)
            ORDER BY no {order} LIMIT :limit OFFSET :skip
        """  # noqa: S608 - two constants
        with self._using():
            values = asdict(choice) | {"kinds": orjson.dumps(choice.kinds).decode()}
            rows = self._file.execute(query, values).fetchall()
        return [Item(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def notifications(self) -> list[tuple[int, Notification]]:
        """What is still to be sent, in its order, by numbers."""
        with self._using():
            rows = self._file.execute("SELECT no, notification FROM notifications ORDER BY no").fetchall()
        return [(no, Notification(**orjson.loads(text))) for no, text in rows]

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise AlarmBookError(f"{self._path}: {error}") from None


def _alarm(members: dict[str, Any]) -> Alarm:
    standing = members.pop("standing")
    state, acted = State(standing.pop("state")), State(members.pop("acted"))
    return Alarm(**members, standing=Standing(state=state, **standing), acted=acted)
