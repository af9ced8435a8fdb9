"""PutLogEvents: events come in, and what watches a region sees them.

Source of the limits: PutLogEvents in the API reference.
"""

import logging
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import OVERHEAD, Event
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.parameters import Request
from refapp.backends.cloudwatch.logs.regions import DAY, Arrival, Region, now

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 1_048_576
"""Bytes of a batch, and of an event: its text in UTF-8 and 26 more."""

LONGEST_SPAN: Final = DAY
OLDEST: Final = 14 * DAY
NEWEST: Final = DAY // 12
"""How far back and ahead of now an event may be, in milliseconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """The events of a request that are accepted, and what the answer says of the others."""

    events: Sequence[Event]
    rejected: Mapping[str, int]


def put(region: Region, request: Request) -> dict[str, Any]:
    """PutLogEvents: what is accepted is on disk when this returns."""
    group, stream = parameters.group_name(request), parameters.stream_name(request)
    parameters.optional_text(request, "sequenceToken", longest=parameters.LONGEST_IDENTIFIER)
    events = read_events(request.get("logEvents"))
    batch, ingestion = _append(region, group, stream, events)
    # The token has had no meaning since 2023, but old clients want one.
    answer: dict[str, Any] = {"nextSequenceToken": f"{ingestion:056d}"}
    if batch.rejected:
        answer["rejectedLogEventsInfo"] = batch.rejected
    if request.get("entity") is not None:
        answer["rejectedEntityInfo"] = {"errorType": "UnsupportedLogGroupType"}
    return answer


def read_events(items: object) -> list[Event]:
    """The events of a request.

    Raises:
        InvalidParameter: they are too many or too long, not in the order of time, or none.
    """
    if not isinstance(items, list) or not items:
        raise parameters.invalid("logEvents", items, "Member must have length greater than or equal to 1")
    if len(items) > MOST_EVENTS:
        raise parameters.invalid("logEvents", "[...]", f"Member must have length less than or equal to {MOST_EVENTS}")
    try:
        events = [Event(item["timestamp"], item["message"]) for item in items]
    except (KeyError, TypeError):
        raise InvalidParameter("Each of logEvents must have a timestamp and a message.") from None
    for event in events:
        # These are looked at ten thousand times in a request: no bool is an int here, and no message is empty.
        if (
            type(event.timestamp) is not int
            or event.timestamp < 0
            or type(event.message) is not str
            or not event.message
        ):
            raise InvalidParameter(
                "A timestamp must be a whole number of milliseconds, and a message a text with content."
            )
    _check_sizes([len(event.message.encode()) + OVERHEAD for event in events])
    times = [event.timestamp for event in events]
    if times != sorted(times):
        raise InvalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
    return events


def accepted(events: Sequence[Event], ingestion: int, horizon: int | None) -> Batch:
    """Tell the events that are accepted from those that are too old or too new.

    Args:
        events: in the order of time.
        ingestion: now, in ms since 1970.
        horizon: before it, the events of the group have expired.

    Raises:
        InvalidParameter: the accepted ones span more than a day.
    """
    old = _count_before(events, ingestion - OLDEST)
    expired = 0 if horizon is None else _count_before(events, horizon)
    first, end = max(old, expired), _count_before(events, ingestion + NEWEST + 1)
    rejected = {}
    if old:
        rejected["tooOldLogEventEndIndex"] = old
    if expired > old:
        rejected["expiredLogEventEndIndex"] = expired
    if end < len(events):
        rejected["tooNewLogEventStartIndex"] = end
    kept = events[first:end]
    if kept and kept[-1].timestamp - kept[0].timestamp > LONGEST_SPAN:
        raise InvalidParameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    return Batch(kept, rejected)


def _append(region: Region, group: str, stream: str, events: Sequence[Event]) -> tuple[Batch, int]:
    with region.guard.shared():
        region.catalogue.check_stream(group, stream)
        ingestion = now()
        batch = accepted(events, ingestion, region.horizon(group))
        region.store.append(group, stream, batch.events, ingestion)
    if batch.events:
        arrival = Arrival(group, stream, batch.events, ingestion)
        for watch in region.watchers:
            try:
                watch(region, arrival)
            except Exception:  # noqa: BLE001 - the events are on disk: after an error they would be sent again
                _log.exception("%s: what watches its events failed", group)
    return batch, ingestion


def _count_before(events: Sequence[Event], time: int) -> int:
    return bisect_left(events, time, key=lambda event: event.timestamp)


def _check_sizes(sizes: Sequence[int]) -> None:
    if max(sizes) > MOST_BYTES:
        raise InvalidParameter(f"Log event too large: {max(sizes)} bytes exceeds limit of {MOST_BYTES}")
    if sum(sizes) > MOST_BYTES:
        raise InvalidParameter(f"Upload too large: {sum(sizes)} bytes exceeds limit of {MOST_BYTES}")
