"""The regions of the endpoint: each has its own log groups and events, in a directory of its own."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Final

from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.logs.catalogue import Catalogue
from refapp.backends.cloudwatch.logs.guard import Guard
from refapp.backends.cloudwatch.regional import Regional

if TYPE_CHECKING:
    from refapp.backends.cloudwatch.insights.queries import Queries

_CATALOGUE: Final = "catalogue.db"
DAY: Final = 24 * 60 * 60 * 1000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Events that came to a stream, and when: in ms since 1970."""

    group: str
    stream: str
    events: Sequence[Event]
    ingestion: int


Watch = Callable[["Region", Arrival], None]
"""Is told of all events of a region as they come, by many threads."""


class Region:
    """The logs of a region: its groups and streams, and their events."""

    def __init__(self, name: str, directory: Path, watchers: Sequence[Watch] = ()) -> None:
        """Open the region's files, or make them.

        Raises:
            CatalogueError: the catalogue of groups cannot be opened.
            StoreError: the file of events cannot be opened.
        """
        directory.mkdir(exist_ok=True)
        self.name = name
        self.catalogue = Catalogue(directory / _CATALOGUE)
        try:
            self.store = EventStore(directory / "events.duckdb")
        except Exception:
            self.catalogue.close()
            raise
        self.guard = Guard()
        self.watchers = watchers
        self._starting = threading.Lock()
        self._queries: Queries | None = None

    def close(self) -> None:
        """Close the region's files, after what is being done with them."""
        with self._starting:
            if self._queries is not None:
                self._queries.close()
        with self.guard.alone():
            self.store.close()
            self.catalogue.close()

    @property
    def queries(self) -> "Queries":
        """The queries of Logs Insights over the region's events."""
        with self._starting:
            if self._queries is None:
                from refapp.backends.cloudwatch.insights.queries import Queries  # noqa: PLC0415 - most never need it

                self._queries = Queries(self.store, lambda: [group.name for group in self.catalogue.groups()])
            return self._queries

    def horizon(self, group: str) -> int | None:
        """The time before which a group's events have expired, in ms since 1970; None when they never do.

        Raises:
            ResourceNotFound: there is no such group.
        """
        days = self.catalogue.group(group).retention
        return None if days is None else now() - days * DAY

    def expire(self) -> int:
        """Forget the events whose retention is over; how many they were.

        Raises:
            StoreError: the disk is full, for example.
        """
        kept = [group for group in self.catalogue.groups() if group.retention is not None]
        return sum(self.store.expire(group.name, now() - (group.retention or 0) * DAY) for group in kept)

    def bound(self, most: int) -> int:
        """Forget the oldest events when all need more than `most` bytes on the disk; how many they were.

        CloudWatch has room for everything, and a laptop has not.

        Raises:
            StoreError: the disk is full, for example.
        """
        return self.store.bound(most)


class Regions(Regional[Region]):
    """All regions in a directory, which no other process may use meanwhile."""

    def __init__(self, directory: Path, watchers: Sequence[Watch] = ()) -> None:
        """Open the regions that there are; others are made when they are asked for.

        Raises:
            CatalogueError: the catalogue of a region cannot be opened.
            StoreError: the events of a region cannot be opened.
        """
        super().__init__(lambda name: Region(name, directory / name, watchers), Region.close)
        self.restore(directory, _CATALOGUE)


def now() -> int:
    """The time in milliseconds since 1970."""
    return time_ns() // 10**6
