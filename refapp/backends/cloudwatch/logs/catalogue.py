"""The log groups and streams of a region with what belongs to them, on disk beside their events: SQLite.

Everything is in memory too, so reading needs no disk; a change is on disk before it is seen.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import orjson

from refapp.backends.cloudwatch.errors import ResourceAlreadyExists, ResourceNotFound, ServiceUnavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS streams (
    log_group TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (log_group, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS filters (
    log_group TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (log_group, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
"""


class CatalogueError(Exception):
    """The catalogue cannot be opened; the text names the file."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A log group: when it was created, in ms since 1970, and after how many days its events go (None: never)."""

    name: str
    created: int
    retention: int | None = None
    protected: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class MetricFilter:
    """Which events of a group make a metric, and of what: `transformation` as the API has it.

    One that was put anew is another, even if it says the same.
    """

    name: str
    created: int
    pattern: str
    transformation: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class QueryDefinition:
    """A query of Logs Insights under a name, when it was modified, in ms since 1970, and by what token it was made."""

    id: str
    name: str
    text: str
    groups: Sequence[str]
    modified: int
    token: str | None = None


class Catalogue:
    """The groups and streams in a file; safe to be used by many threads."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            CatalogueError: it cannot be opened, or holds something else.
        """
        self._lock = threading.RLock()
        try:
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")  # survives the end of the process
            self._file.executescript(_SCHEMA)
            self._groups = {name: _group(body) for name, body in self._file.execute("SELECT name, body FROM groups")}
            self._streams: dict[str, dict[str, int]] = {name: {} for name in self._groups}
            for group, name, created in self._file.execute("SELECT log_group, name, created FROM streams"):
                self._streams[group][name] = created
            self._filters: dict[str, dict[str, MetricFilter]] = {name: {} for name in self._groups}
            for group, name, body in self._file.execute("SELECT log_group, name, body FROM filters"):
                self._filters[group][name] = MetricFilter(**orjson.loads(body))
            bodies = self._file.execute("SELECT id, body FROM definitions")
            self._definitions = {identity: QueryDefinition(**orjson.loads(body)) for identity, body in bodies}
        except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
            raise CatalogueError(f"{path}: {error}; name another directory, or remove this file") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written."""
        with self._lock:
            self._file.close()

    def groups(self) -> list[Group]:
        """The groups in the order of their names."""
        with self._lock:
            return [self._groups[name] for name in sorted(self._groups)]

    def has_group(self, name: str) -> bool:
        """Whether there is such a group."""
        return name in self._groups

    def group(self, name: str) -> Group:
        """The group of a name.

        Raises:
            ResourceNotFound: there is none.
        """
        group = self._groups.get(name)
        if group is None:
            raise ResourceNotFound("The specified log group does not exist.")
        return group

    def create_group(self, group: Group) -> None:
        """Add a group.

        Raises:
            ResourceAlreadyExists: there is one of that name.
        """
        with self._lock:
            if group.name in self._groups:
                raise ResourceAlreadyExists("The specified log group already exists")
            self._write_group(group)
            self._streams[group.name], self._filters[group.name] = {}, {}

    def change_group(self, name: str, **changes: Any) -> None:
        """Give a group other values of some of its attributes.

        Raises:
            ResourceNotFound: there is none of that name.
        """
        with self._lock:
            self._write_group(replace(self.group(name), **changes))

    def delete_group(self, name: str) -> None:
        """Forget a group with its streams and filters.

        Raises:
            ResourceNotFound: there is none of that name.
        """
        with self._lock:
            self.group(name)
            with self._writing() as file:
                file.execute("DELETE FROM streams WHERE log_group = ?", (name,))
                file.execute("DELETE FROM filters WHERE log_group = ?", (name,))
                file.execute("DELETE FROM groups WHERE name = ?", (name,))
            del self._groups[name], self._streams[name], self._filters[name]

    def streams(self, group: str) -> dict[str, int]:
        """When the streams of a group were created, in ms since 1970, by their names.

        Raises:
            ResourceNotFound: there is no such group.
        """
        with self._lock:
            self.group(group)
            return dict(self._streams[group])

    def check_stream(self, group: str, name: str) -> None:
        """See that there is a stream.

        Raises:
            ResourceNotFound: there is none of that name, or no such group.
        """
        self.group(group)
        if name not in self._streams.get(group, ()):
            raise ResourceNotFound("The specified log stream does not exist.")

    def create_stream(self, group: str, name: str, created: int) -> None:
        """Add a stream.

        Raises:
            ResourceNotFound: there is no such group.
            ResourceAlreadyExists: the group has one of that name.
        """
        with self._lock:
            self.group(group)
            if name in self._streams[group]:
                raise ResourceAlreadyExists("The specified log stream already exists")
            with self._writing() as file:
                file.execute("INSERT INTO streams VALUES (?, ?, ?)", (group, name, created))
            self._streams[group][name] = created

    def delete_stream(self, group: str, name: str) -> None:
        """Forget a stream.

        Raises:
            ResourceNotFound: there is none of that name, or no such group.
        """
        with self._lock:
            self.check_stream(group, name)
            with self._writing() as file:
                file.execute("DELETE FROM streams WHERE log_group = ? AND name = ?", (group, name))
            del self._streams[group][name]

    def filters(self, group: str) -> list[MetricFilter]:
        """The metric filters of a group in the order of their names.

        Raises:
            ResourceNotFound: there is no such group.
        """
        with self._lock:
            self.group(group)
            return [self._filters[group][name] for name in sorted(self._filters[group])]

    def put_filter(self, group: str, item: MetricFilter) -> None:
        """Add a metric filter, or replace the one of that name.

        Raises:
            ResourceNotFound: there is no such group.
        """
        with self._lock:
            self.group(group)
            with self._writing() as file:
                body = orjson.dumps(asdict(item)).decode()
                file.execute("INSERT OR REPLACE INTO filters VALUES (?, ?, ?)", (group, item.name, body))
            self._filters[group][item.name] = item

    def delete_filter(self, group: str, name: str) -> None:
        """Forget a metric filter.

        Raises:
            ResourceNotFound: there is none of that name, or no such group.
        """
        with self._lock:
            self.group(group)
            if name not in self._filters[group]:
                raise ResourceNotFound("The specified metric filter does not exist.")
            with self._writing() as file:
                file.execute("DELETE FROM filters WHERE log_group = ? AND name = ?", (group, name))
            del self._filters[group][name]

    def definitions(self) -> list[QueryDefinition]:
        """All query definitions."""
        with self._lock:
            return list(self._definitions.values())

    def put_definition(self, item: QueryDefinition) -> None:
        """Add a query definition, or replace the one of that id."""
        with self._lock:
            with self._writing() as file:
                body = orjson.dumps(asdict(item)).decode()
                file.execute("INSERT OR REPLACE INTO definitions VALUES (?, ?)", (item.id, body))
            self._definitions[item.id] = item

    def delete_definition(self, identity: str) -> None:
        """Forget a query definition.

        Raises:
            ResourceNotFound: there is none of that id.
        """
        with self._lock:
            if identity not in self._definitions:
                raise ResourceNotFound("The specified query definition does not exist.")
            with self._writing() as file:
                file.execute("DELETE FROM definitions WHERE id = ?", (identity,))
            del self._definitions[identity]

    def _write_group(self, group: Group) -> None:
        with self._writing() as file:
            body = orjson.dumps(asdict(group)).decode()
            file.execute("INSERT OR REPLACE INTO groups VALUES (?, ?)", (group.name, body))
        self._groups[group.name] = group

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write all of a block, or nothing."""
        try:
            self._file.execute("BEGIN")
            yield self._file
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise ServiceUnavailable(f"The catalogue of log groups cannot be written: {error}") from None


def _group(body: str) -> Group:
    return Group(**orjson.loads(body))
