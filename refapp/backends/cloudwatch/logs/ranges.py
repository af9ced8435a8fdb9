"""Ranges of events, read from the store bit by bit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from refapp.backends.cloudwatch.events.store import EventStore, StoredEvent
from refapp.backends.cloudwatch.logs.places import Place, Token, place_of

MOST_AT_ONCE: Final = 100_000
"""Events in one read."""

_FIRST_READ = 64  # events; later reads are as large as memory allows
_LARGEST_READ = 64 * 2**20  # characters
_LATEST = 2**63 - 1


@dataclass(frozen=True)
class Range:
    """Which events of a group may be read: of some streams or of all, from a time, and until before another one.

    If there are any `needles`, all of them are in the texts of the events, which the database sees to.
    """

    group: str
    streams: Sequence[str] | None
    start: int | None
    end: int | None
    needles: Sequence[str] = ()

    def events(self, store: EventStore, token: Token) -> Iterator[StoredEvent]:
        """The events from a place on; few at first, for a million may be small, and a hundred too large for memory.

        Raises:
            StoreError: they cannot be read.
        """
        place, count = token.place, _FIRST_READ
        while True:
            events = self._read(store, place, token.backwards, count)
            yield from events
            if len(events) < count:
                return
            place = place_of(events[-1])
            mean = sum(len(event.message) for event in events) // count + 1
            count = max(1, min(8 * count, _LARGEST_READ // mean, MOST_AT_ONCE))

    def _read(self, store: EventStore, place: Place, backwards: bool, count: int) -> list[StoredEvent]:
        if not self.needles:
            return store.read(
                self.group,
                streams=self.streams,
                start=self.start,
                end=self.end,
                descending=backwards,
                after=place,
                limit=count,
            )
        values = {"group": self.group, "streams": self.streams, "limit": count}
        values |= {"start": self.start or 0, "end": _LATEST if self.end is None else self.end}
        values |= {"time": place[0], "id": place[1]}
        values |= {f"needle{number}": needle for number, needle in enumerate(self.needles)}
        with store.cursor() as cursor:
            return [StoredEvent(*row) for row in cursor.execute(self._query(backwards), values).fetchall()]

    def _query(self, backwards: bool) -> str:
        order, follows = ("DESC", "<") if backwards else ("ASC", ">")
        needles = " AND ".join(f"contains(message, $needle{number})" for number in range(len(self.needles)))
        # First the numbers, then the texts of those alone: sorting texts takes ten times as long.
        return f"""
            SELECT log_group, stream, id, timestamp, ingestion, message FROM events JOIN sources ON source = no
            WHERE id IN (
                SELECT id FROM events
                WHERE source IN (
                    SELECT no FROM sources WHERE log_group = $group
                    AND ($streams::VARCHAR[] IS NULL OR list_contains($streams::VARCHAR[], stream))
                )
                AND timestamp >= $start AND timestamp < $end
                AND (timestamp {follows} $time OR timestamp = $time AND id {follows} $id)
                AND {needles}
                ORDER BY timestamp {order}, id {order} LIMIT $limit
            )
            ORDER BY timestamp {order}, id {order}
        """  # noqa: S608 - constants
