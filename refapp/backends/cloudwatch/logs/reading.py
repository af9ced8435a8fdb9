"""GetLogEvents and FilterLogEvents: events read page by page, in the order of time."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import OVERHEAD, StoredEvent
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.groups import requested
from refapp.backends.cloudwatch.logs.parameters import STREAM_NAME, Request
from refapp.backends.cloudwatch.logs.patterns import Pattern, compile_pattern
from refapp.backends.cloudwatch.logs.patterns.pattern import LONGEST
from refapp.backends.cloudwatch.logs.places import BEFORE_ALL, Place, Token, digits, place_of
from refapp.backends.cloudwatch.logs.ranges import Range
from refapp.backends.cloudwatch.logs.regions import Region

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 1_048_576
"""The size of a page."""

MOST_STREAMS: Final = 100
MOST_SEARCHED: Final = 100_000
"""How many events one request of FilterLogEvents looks at before it answers with what it has found so far."""

_LATEST = 2**62  # milliseconds since 1970
_SINCE_2024 = 1_704_067_200_000


def get(region: Region, request: Request) -> dict[str, Any]:
    """GetLogEvents: a page of a stream; its events are in the order of time, whichever way the pages run."""
    group, stream = requested(region, request).name, parameters.stream_name(request)
    region.catalogue.check_stream(group, stream)
    start, end = _times(request)
    from_head = parameters.flag(request, "startFromHead", default=False)
    limit = parameters.whole(request, "limit", least=1, most=MOST_EVENTS) or MOST_EVENTS
    asked = Token.read(request)
    token = asked or Token.first(backwards=not from_head)
    span = Range(group, [stream], _latest(start, region.horizon(group)), end)
    events = _page(span.events(region.store, token), limit)
    forward, backward = _neighbours(events, asked)
    items = [
        {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion} for event in events
    ]
    return {
        "events": items[::-1] if token.backwards else items,
        "nextForwardToken": str(forward),
        "nextBackwardToken": str(backward),
    }


def search(region: Region, request: Request) -> dict[str, Any]:
    """FilterLogEvents: a page of the events of a group that a pattern chooses."""
    group = requested(region, request).name
    start, end = _times(request)
    from_head = parameters.flag(request, "startFromHead", default=True)
    if not from_head and (start or 0) < _SINCE_2024:
        raise InvalidParameter("startFromHead can be false only with a startTime on or after 2024-01-01T00:00:00Z.")
    pattern = compile_pattern(parameters.optional_text(request, "filterPattern", shortest=0, longest=LONGEST) or "")
    limit = parameters.whole(request, "limit", least=1, most=MOST_EVENTS) or MOST_EVENTS
    token = Token.read(request) or Token.first(backwards=not from_head)
    # Here the end belongs to the range.
    until = None if end is None else end + 1
    span = Range(group, _streams(region, group, request), _latest(start, region.horizon(group)), until, pattern.needles)
    found, more = _search(span.events(region.store, token), pattern, limit)
    answer: dict[str, Any] = {"events": [_described(event) for event in found], "searchedLogStreams": []}
    return answer if more is None else answer | {"nextToken": str(Token(more, token.backwards))}


def _page(events: Iterator[StoredEvent], limit: int) -> list[StoredEvent]:
    """The first events, as many as fit on a page, and at least one."""
    page: list[StoredEvent] = []
    room = MOST_BYTES
    for event in islice(events, limit):
        room -= _size(event)
        if room < 0 and page:
            break
        page.append(event)
    return page


def _search(events: Iterator[StoredEvent], pattern: Pattern, limit: int) -> tuple[list[StoredEvent], Place | None]:
    """The first events that are chosen, as many as fit on a page; and the place to go on from, if there may be more."""
    found: list[StoredEvent] = []
    room = MOST_BYTES
    place: Place | None = None
    for searched, event in enumerate(events):
        if searched >= MOST_SEARCHED or len(found) >= limit:
            return found, place
        if pattern.matches(event.message):
            room -= _size(event)
            if room < 0 and found:
                return found, place
            found.append(event)
        place = place_of(event)
    return found, None


def _neighbours(events: Sequence[StoredEvent], asked: Token | None) -> tuple[Token, Token]:
    """The tokens that lead on from a page, forwards and backwards.

    Where a page is empty, the token that led to it leads to what comes later, and the other one back.
    """
    if events:
        places = place_of(events[0]), place_of(events[-1])
        return Token(max(places), backwards=False), Token(min(places), backwards=True)
    if asked is None:
        return Token(BEFORE_ALL, backwards=False), Token(BEFORE_ALL, backwards=True)
    timestamp, number = asked.place
    if asked.backwards:
        return Token((timestamp, max(number - 1, 0)), backwards=False), asked
    return asked, Token((timestamp, number + 1), backwards=True)


def _streams(region: Region, group: str, request: Request) -> list[str] | None:
    names = parameters.texts(request, "logStreamNames", most=MOST_STREAMS, pattern=STREAM_NAME)
    prefix = parameters.optional_text(request, "logStreamNamePrefix", pattern=STREAM_NAME)
    if names is not None and prefix is not None:
        raise InvalidParameter("Only one of logStreamNames and logStreamNamePrefix can be used.")
    if prefix is not None:
        return [name for name in region.catalogue.streams(group) if name.startswith(prefix)]
    for name in names or ():
        region.catalogue.check_stream(group, name)
    return names


def _times(request: Request) -> tuple[int | None, int | None]:
    start, end = (parameters.whole(request, name, most=_LATEST) for name in ("startTime", "endTime"))
    if start is not None and end is not None and start > end:
        raise InvalidParameter(f"startTime is {start}, and endTime is {end}: it must not be before startTime.")
    return start, end


def _latest(start: int | None, horizon: int | None) -> int | None:
    return max((time for time in (start, horizon) if time is not None), default=None)


def _size(event: StoredEvent) -> int:
    return len(event.message.encode()) + OVERHEAD


def _described(event: StoredEvent) -> dict[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion,
        "eventId": digits(place_of(event)),
    }
