"""StartLiveTail: events as they come, once a second.

Source of the limits and of what is sent: StartLiveTail in the API reference. Of more than 500 events in a second, 500
are chosen at random.
"""

import random
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from time import monotonic
from typing import Any, Final
from uuid import uuid4

from refapp.backends.cloudwatch.errors import InvalidParameter, LimitExceeded
from refapp.backends.cloudwatch.events.store import Event
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.groups import identified
from refapp.backends.cloudwatch.logs.parameters import IDENTIFIER, STREAM_NAME, Request
from refapp.backends.cloudwatch.logs.patterns import Pattern, compile_pattern
from refapp.backends.cloudwatch.logs.patterns.pattern import LONGEST
from refapp.backends.cloudwatch.logs.regions import Arrival, Region

MOST_EVENTS: Final = 500
"""Events in an update."""

MOST_GROUPS: Final = 10
MOST_STREAMS: Final = 100
MOST_SESSIONS: Final = 4
"""Sessions at a time: each keeps a thread of the server."""

LONGEST_SESSION: Final = 3 * 60 * 60
"""Seconds after which a session times out."""

_MEMBERS = ("logGroupIdentifiers", "logStreamNames", "logStreamNamePrefixes", "logEventFilterPattern")

# The name of a member of the response stream, and its content.
Message = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Choice:
    """Which events a session is about: `groups` are ARNs by the names of the groups, in a region."""

    region: str
    groups: Mapping[str, str]
    streams: Sequence[str]
    prefixes: tuple[str, ...]
    pattern: Pattern

    def holds(self, region: Region, arrival: Arrival) -> bool:
        """Whether events of that stream may be chosen."""
        if region.name != self.region or arrival.group not in self.groups:
            return False
        named = not self.streams or arrival.stream in self.streams
        return named and (not self.prefixes or arrival.stream.startswith(self.prefixes))


class Session:
    """The events of a second, as far as there is room for them; safe to be used by many threads."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._seen = 0

    def offer(self, region: Region, arrival: Arrival) -> None:
        """Take the events that are chosen."""
        if not self._choice.holds(region, arrival):
            return
        for event in arrival.events:
            if self._choice.pattern.matches(event.message):
                self._take(arrival, event)

    def update(self) -> Mapping[str, Any]:
        """What came since the last update."""
        with self._lock:
            events, self._events = self._events, []
            seen, self._seen = self._seen, 0
        events.sort(key=itemgetter("timestamp"))
        return {"sessionMetadata": {"sampled": seen > len(events)}, "sessionResults": events}

    def _take(self, arrival: Arrival, event: Event) -> None:
        described = {
            "logStreamName": arrival.stream,
            "logGroupIdentifier": self._choice.groups[arrival.group],
            "message": event.message,
            "timestamp": event.timestamp,
            "ingestionTime": arrival.ingestion,
        }
        with self._lock:
            self._seen += 1
            if len(self._events) < MOST_EVENTS:
                self._events.append(described)
            elif (place := random.randrange(self._seen)) < MOST_EVENTS:  # noqa: S311 - a sample
                self._events[place] = described


class Tails:
    """The sessions that are open; it is one of those that watch the regions."""

    def __init__(self, period: float = 1.0) -> None:
        self._period = period
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._sessions: list[Session] = []

    def __call__(self, region: Region, arrival: Arrival) -> None:
        """Offer events to the sessions."""
        for session in self._sessions:
            session.offer(region, arrival)

    def end(self) -> None:
        """End all sessions, and begin no other."""
        self._ended.set()

    def start(self, region: Region, request: Request) -> Generator[Message]:
        """StartLiveTail: what the session sends; it is open until that ends, or is closed.

        Raises:
            InvalidParameter: the request is broken.
            ResourceNotFound: one of the groups does not exist.
            LimitExceeded: there are too many sessions.
        """
        choice = _choice(region, request)
        session = Session(choice)
        with self._lock:
            if len(self._sessions) >= MOST_SESSIONS:
                raise LimitExceeded(f"{MOST_SESSIONS} Live Tail sessions are open; close one of them.")
            self._sessions = [*self._sessions, session]
        start = {
            "requestId": str(uuid4()),
            "sessionId": str(uuid4()),
            "logGroupIdentifiers": list(choice.groups.values()),
            "logStreamNames": list(choice.streams),
            "logStreamNamePrefixes": list(choice.prefixes),
            "logEventFilterPattern": request.get("logEventFilterPattern") or "",
        }
        messages = self._messages(session, start)
        next(messages)  # from here on it has to be closed, even if nobody reads it
        return messages

    def _messages(self, session: Session, start: Mapping[str, Any]) -> Generator[Message]:
        deadline = monotonic() + LONGEST_SESSION
        with self._open(session):
            yield "", {}
            yield "sessionStart", start
            while not self._ended.wait(self._period):
                if monotonic() >= deadline:
                    yield "SessionTimeoutException", {"message": "The session has been open for three hours."}
                    return
                yield "sessionUpdate", session.update()

    @contextmanager
    def _open(self, session: Session) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                self._sessions = [other for other in self._sessions if other is not session]


def _choice(region: Region, request: Request) -> Choice:
    parameters.check_members(request, _MEMBERS)
    identifiers = parameters.texts(request, "logGroupIdentifiers", most=MOST_GROUPS, pattern=IDENTIFIER)
    if not identifiers:
        raise parameters.invalid("logGroupIdentifiers", identifiers, "Member must not be null")
    for identifier in identifiers:
        if not identifier.startswith("arn:") or identifier.endswith("*"):
            raise InvalidParameter(f"{identifier}: each of logGroupIdentifiers must be an ARN without an asterisk.")
    names = parameters.texts(request, "logStreamNames", most=MOST_STREAMS, pattern=STREAM_NAME) or []
    prefixes = parameters.texts(request, "logStreamNamePrefixes", most=MOST_STREAMS, pattern=STREAM_NAME) or []
    if names and prefixes:
        raise InvalidParameter("Only one of logStreamNames and logStreamNamePrefixes can be used.")
    if (names or prefixes) and len(identifiers) > 1:
        raise InvalidParameter("logStreamNames and logStreamNamePrefixes can be used with a single log group only.")
    pattern = parameters.optional_text(request, "logEventFilterPattern", shortest=0, longest=LONGEST) or ""
    return Choice(
        region=region.name,
        groups={identified(region, identifier).name: identifier for identifier in identifiers},
        streams=names,
        prefixes=tuple(prefixes),
        pattern=compile_pattern(pattern),
    )
