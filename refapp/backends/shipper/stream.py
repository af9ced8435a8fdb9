"""One log stream: the lines of one source, delivered in their order, each once.

The place behind the last line that the endpoint has taken is written down before the next batch is sent, so at most one
batch is ever in doubt: the one whose answer was lost with the connection, with the endpoint, or with this process. No
event bears a number by which the endpoint could know it again. But a stream is written by one shipper alone, and its
events have rising times. So the endpoint is asked how many events the stream holds from the time of the last one that
was acknowledged on: those that are more than were acknowledged are the next lines of the source, and are passed over.

Exactly once, therefore, if the endpoint's answer to GetLogEvents holds all that it has accepted. Only at least once:

- where events appear later than the shipper asks. AWS promises no time; the shipper waits for a while.
- where an endpoint still works on a batch when the shipper has given up its answer, has waited, and asks.
- where events of the batch in doubt were not kept because they are beyond the retention of their group, or events
  before it were dropped and the disk was too full to write that down: so many lines are delivered twice.
"""

import logging
import random
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from prometheus_client import Counter

from refapp.backends.shipper import counters
from refapp.backends.shipper.checkpoints import Checkpoint, Checkpoints
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.endpoint import (
    MAX_BYTES,
    MAX_EVENTS,
    MAX_SPAN,
    OVERHEAD,
    Answer,
    DeliveryError,
    Endpoint,
    RefusedError,
)
from refapp.backends.shipper.origins import Origin
from refapp.backends.shipper.record import FORMS, Event
from refapp.backends.shipper.sources import Extent, Source
from refapp.backends.shipper.tail import Place, entries

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
# Milliseconds by which an event may be ahead of the clock, as after that was put back: AWS takes two hours.
_LATEST = 3600 * 1000

_log = logging.getLogger(__name__)


class Item(NamedTuple):
    """An event that is ready to be sent, the size of its line in bytes, and the place behind that."""

    timestamp: int
    event: Event
    size: int
    place: Place


class Services(NamedTuple):
    """What all streams share; `settle` is how many seconds to wait before the endpoint is asked what it holds."""

    endpoint: Endpoint
    checkpoints: Checkpoints
    counters: Counters
    cluster: str
    settle: float


class Stream:
    """Delivers the lines of a source; `turn` is called by one thread at a time.

    `checkpoint` is how far it has come, and `saved` what is on disk of that. `ready_at` is when it is to be tried again
    after a `failure`, whose text is empty when there is none; `sent_at` is when it was tried last. Both are in the
    seconds of `time.monotonic`. `seen` is the extent of the source up to which there is nothing left to do.
    """

    def __init__(self, source: Source, origin: Origin, checkpoint: Checkpoint, services: Services) -> None:
        self.source = source
        self.origin = origin
        self.checkpoint = checkpoint
        self.saved: Checkpoint | None = None
        self.failure = ""
        self.ready_at = 0.0 if checkpoint.sure else time.monotonic() + services.settle
        self.sent_at = 0.0
        self.seen: Extent | None = None
        self._given_up = 0
        self._services = services
        self._group = origin.group(services.cluster)
        self._failures = 0
        self._ahead = 0  # so many lines from here on are in the stream already
        self._undelivered = 0  # so many were counted as read
        self._complained = False
        self._save()

    def pending(self) -> int:
        """The bytes of the source that are not delivered yet."""
        return self.source.pending(self.checkpoint.place.file, self.checkpoint.place.offset)

    def backlog(self) -> int:
        """The bytes of files that were rotated which are not delivered yet."""
        place, last = self.checkpoint.place, self.source.files[-1]
        return self.pending() - last.size() if place.file < last.number else 0

    def has_new(self) -> bool:
        """Whether there may be something to do."""
        if self.seen and self.seen.finished:
            return False  # its source was finished by then
        return self.gives_up or self.source.extent() != self.seen

    def has_passed(self, extent: Extent) -> bool:
        """Whether all lines are delivered up to where the files went at some time."""
        place = self.checkpoint.place
        # Behind it, and not at it: there the parts of a line may still have to be sent that ends so.
        behind = (place.file, place.offset) > (extent.number, extent.size)
        return behind or (self.seen is not None and self.seen >= extent)

    def is_done(self) -> bool:
        """Whether its source is gone, and all of it is delivered."""
        return self.source.gone and not self.has_new() and self.saved == self.checkpoint

    @property
    def gives_up(self) -> bool:
        """Whether lines are to be dropped."""
        return self.checkpoint.place.file < self._given_up

    def give_up(self) -> None:
        """Drop what is not delivered of the file at hand."""
        self._given_up = self.checkpoint.place.file + 1

    def release(self) -> None:
        """Let go of the files that are shipped, as far as that is written down."""
        if self.saved:
            self.source.release(self.saved.place.file)

    def turn(self) -> bool:
        """Deliver a batch of lines.

        Returns:
            Whether there is more to deliver right now.
        """
        extent = self.source.extent()
        try:
            if self.gives_up:
                return self._give_up()
            more = self._deliver()
        except (DeliveryError, OSError) as error:
            self.fail(error)
            return False
        self.sent_at = time.monotonic()
        self.failure, self._failures = "", 0
        if not more:
            self.seen = extent
        return more

    def close(self, *, busy: bool) -> None:
        """Write down how far it has come; a batch that is being sent is in doubt."""
        checkpoint = self.saved if self._ahead and self.saved else self.checkpoint
        sure = checkpoint.sure and not busy and not self._ahead
        self._services.checkpoints.save(self.source.key, self.origin, replace(checkpoint, sure=sure))

    def _deliver(self) -> bool:
        if not self.checkpoint.sure:
            self._ask()
        self._heed_the_clock()
        items, more = self._batch()
        items = self._pass_over(items)
        self._send(items)
        if self._ahead and not more:
            _log.warning("%s holds %d events that are not of this shipper", self.origin.stream, self._ahead)
            self._ahead = 0
            self._save()
        return more

    def _ask(self) -> None:
        """Find out how many of the next lines the stream holds already."""
        before = self.checkpoint
        self._count(self._services.counters.asked)
        until = max(before.timestamp, _now() + _LATEST) + 1
        held = self._services.endpoint.held(self._group, self.origin.stream, before.timestamp, until)
        self._ahead = max(0, held.events - before.same - before.discarded)
        timestamp = held.timestamp if held.events else before.timestamp
        self.checkpoint = replace(before, timestamp=timestamp, same=held.same, discarded=0, sure=True)

    def _heed_the_clock(self) -> None:
        """Times do not fall, unless the clock was put back by so much that the endpoint would take no event."""
        latest = _now() + _LATEST
        if self.checkpoint.timestamp > latest:
            self.checkpoint = replace(self.checkpoint, timestamp=latest, same=0)
            self._save()

    def _batch(self) -> tuple[list[Item], bool]:
        """The next lines, as far as they go into a batch, and whether there are more."""
        items: list[Item] = []
        size = 0
        with closing(self._items()) as following:
            for item in following:
                size += len(item.event.message) + OVERHEAD
                span = item.timestamp - items[0].timestamp if items else 0
                if items and (size > MAX_BYTES or len(items) == MAX_EVENTS or span >= MAX_SPAN):
                    break
                items.append(item)
            else:
                return self._note_read(items), False
        return self._note_read(items), True

    def _items(self) -> Generator[Item]:
        """The next lines as events. Their times never fall, as a batch and the count in `_ask` need it."""
        now = _now()
        latest = self.checkpoint.timestamp
        told = now
        parse = FORMS[self.origin.form].parse
        with closing(entries(self.source.files, self.checkpoint.place, parse, finished=self.source.finished)) as lines:
            for line, place in lines:
                event = self.origin.event(line)
                if event.timestamp is not None:
                    told = event.timestamp
                latest = max(latest, min(told, now))
                yield Item(latest, event, len(line.text), place)

    def _note_read(self, items: list[Item]) -> list[Item]:
        new = items[self._undelivered :]
        self._count(self._services.counters.read, len(new))
        self._count(self._services.counters.read_bytes, sum(item.size for item in new))
        self._undelivered = max(self._undelivered, len(items))
        return items

    def _pass_over(self, items: list[Item]) -> list[Item]:
        """What is left of a batch without the lines that were delivered when an answer was lost."""
        known = items[: self._ahead]
        if known:
            self._ahead -= len(known)
            self._note_sent(known)
            self._move(known[-1].place, len(known))
        return items[len(known) :]

    def _send(self, items: Sequence[Item]) -> None:
        if not items:
            return
        events = [{"timestamp": item.timestamp, "message": item.event.message.decode()} for item in items]
        try:
            answer = self._services.endpoint.put(self._group, self.origin.stream, events)
        except RefusedError as error:
            self._divide(items, error)
        except DeliveryError as error:
            self._count(self._services.counters.retried, len(items))
            self.checkpoint = replace(self.checkpoint, sure=error.sure)
            raise
        else:
            self._accept(items, answer)

    def _divide(self, items: Sequence[Item], error: RefusedError) -> None:
        """Find the events that the endpoint refuses by halves, and drop no other."""
        self._count(self._services.counters.errors)
        if len(items) == 1:
            if not self._complained:
                _log.warning("a line of %s is dropped, and others may be: %s", self.source.key, error)
            self._complained = True
            self._drop(counters.REFUSED, 1)
            self._move(items[0].place, 1)
            return
        half = len(items) // 2
        self._send(items[:half])
        self._send(items[half:])

    def _accept(self, items: Sequence[Item], answer: Answer) -> None:
        first = max(answer.old, answer.expired)
        accepted = items[first : answer.new]
        self._drop(counters.TOO_OLD, answer.old)
        self._drop(counters.EXPIRED, first - answer.old)
        self._drop(counters.TOO_NEW, len(items) - max(first, answer.new))
        self._note_sent(accepted)
        before = self.checkpoint
        timestamp, same = before.timestamp, 0 if answer.created else before.same
        if accepted:
            timestamp = accepted[-1].timestamp
            same = same if timestamp == before.timestamp else 0
            same += sum(item.timestamp == timestamp for item in accepted)
        self.checkpoint = replace(before, timestamp=timestamp, same=same)
        self._move(items[-1].place, len(items))

    def _give_up(self) -> bool:
        """Drop the next lines of the files that are given up."""
        items, _ = self._batch()
        dropped = [item for item in self._pass_over(items) if item.place.file < self._given_up]
        if dropped:
            self._drop(counters.BACKLOG, len(dropped))
            if not self.checkpoint.sure:
                discarded = self.checkpoint.discarded + len(dropped)
                self.checkpoint = replace(self.checkpoint, discarded=discarded)
            self._move(dropped[-1].place, len(dropped))
        else:
            self._move(Place(self._given_up, parts=self.checkpoint.place.parts), 0)
        return True

    def _move(self, place: Place, delivered: int) -> None:
        """Go on behind a place."""
        self._undelivered = max(0, self._undelivered - delivered)
        inode = next((file.inode for file in self.source.files if file.number == place.file), 0)
        self.checkpoint = replace(self.checkpoint, place=place, inode=inode)
        self._save()

    def _save(self) -> None:
        # Not while lines are passed over: what the stream holds is known of the place behind them only.
        if not self._ahead and self._services.checkpoints.save(self.source.key, self.origin, self.checkpoint):
            self.saved = self.checkpoint

    def fail(self, error: Exception) -> None:
        """Try again after a while: longer each time, by exponential backoff with full jitter.

        Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
        """
        self._count(self._services.counters.errors)
        self._count(self._services.counters.retries)
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 16))
        pause = random.uniform(0, longest)  # noqa: S311 - no secret
        self.ready_at = time.monotonic() + (pause if self.checkpoint.sure else max(pause, self._services.settle))
        self.failure = str(error)
        self._failures += 1

    def _note_sent(self, items: Sequence[Item]) -> None:
        if not items:
            return
        shared = self._services.counters
        self._count(shared.sent, len(items))
        self._count(shared.sent_bytes, sum(len(item.event.message) for item in items))
        if cut := [item.event.cut for item in items if item.event.cut]:
            self._count(shared.cut, len(cut))
            self._count(shared.cut_characters, sum(cut))
        shared.delay.labels(self.origin.kind).observe(max(0, _now() - items[0].timestamp) / 1000)

    def _drop(self, reason: str, lines: int) -> None:
        if lines > 0:
            self._services.counters.dropped.labels(self.origin.kind, reason).inc(lines)

    def _count(self, counter: Counter, amount: int = 1) -> None:
        counter.labels(self.origin.kind).inc(amount)


def _now() -> int:
    return time.time_ns() // 1_000_000
