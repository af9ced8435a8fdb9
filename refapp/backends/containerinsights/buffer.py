"""What waits to be sent, within a bound."""

import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from refapp.backends.shipper.endpoint import MAX_BYTES, MAX_EVENTS, OVERHEAD

_FAST = 1  # the level of compression; events of one kind are much alike, so it is worth it


class Batch(NamedTuple):
    """Events of one time (milliseconds since 1970), as many as are sent at once; `before` have that time in others."""

    timestamp: int
    before: int
    events: int
    packed: bytes

    def messages(self) -> list[str]:
        """The events as JSON."""
        messages: list[str] = orjson.loads(zlib.decompress(self.packed))
        return messages


def batches(events: Iterable[Mapping[str, Any]], timestamp: int) -> Iterator[Batch]:
    """Divide the events of a time into as few batches as the limits of PutLogEvents allow."""
    messages: list[str] = []
    size = before = 0
    for event in events:
        content = orjson.dumps(event)
        cost = len(content) + OVERHEAD
        if messages and (size + cost > MAX_BYTES or len(messages) == MAX_EVENTS):
            yield _batch(timestamp, before, messages)
            before += len(messages)
            messages, size = [], 0
        messages.append(content.decode())
        size += cost
    if messages:
        yield _batch(timestamp, before, messages)


def _batch(timestamp: int, before: int, messages: list[str]) -> Batch:
    return Batch(timestamp, before, len(messages), zlib.compress(orjson.dumps(messages), _FAST))


class Buffer:
    """Batches in their order, in at most so many bytes; for one who puts them in and one who takes them out."""

    def __init__(self, capacity: int) -> None:
        self.size = 0
        self._capacity = capacity
        self._batches: deque[Batch] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._batches)

    def put(self, batch: Batch) -> int:
        """Put a batch in; the oldest ones give way.

        Returns:
            How many events were dropped.
        """
        dropped = 0
        with self._changed:
            self._batches.append(batch)
            self.size += len(batch.packed)
            while self.size > self._capacity and len(self._batches) > 1:
                dropped += self._remove().events
            self._changed.notify()
        return dropped

    def take(self) -> Batch | None:
        """Take the oldest batch out, waiting for one; None when there is none and the buffer was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._closed)
            return self._remove() if self._batches else None

    def close(self) -> None:
        """Say that nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _remove(self) -> Batch:
        batch = self._batches.popleft()
        self.size -= len(batch.packed)
        return batch
