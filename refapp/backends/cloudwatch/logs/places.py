"""Places in the order of events, and the tokens that lead on from one."""

import re
from dataclasses import dataclass
from typing import Final, Self

from refapp.backends.cloudwatch.events.store import StoredEvent
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.pages import invalid_token
from refapp.backends.cloudwatch.logs.parameters import LONGEST_IDENTIFIER, Request

# The timestamp and the id of an event.
Place = tuple[int, int]

BEFORE_ALL: Final[Place] = (0, 0)
BEHIND_ALL: Final[Place] = (2**63 - 1, 2**63 - 1)

_DIGITS = 28  # of each of the two numbers: a token and the id of an event have 56, as those of AWS
_TOKEN = re.compile(rf"([fb])/([0-9]{{{_DIGITS}}})([0-9]{{{_DIGITS}}})")


@dataclass(frozen=True)
class Token:
    """Where to go on from, and whether backwards; the event of that place is not read again."""

    place: Place
    backwards: bool

    def __str__(self) -> str:
        return f"{'b' if self.backwards else 'f'}/{digits(self.place)}"

    @classmethod
    def read(cls, request: Request) -> Self | None:
        """The token of a request, or None when it has none.

        Raises:
            InvalidParameter: it is no such token.
        """
        text = parameters.optional_text(request, "nextToken", longest=LONGEST_IDENTIFIER)
        if text is None:
            return None
        match = _TOKEN.fullmatch(text)
        place = (int(match[2]), int(match[3])) if match else (2**63, 0)
        if match is None or max(place) >= 2**63:
            raise invalid_token()
        return cls(place, match[1] == "b")

    @classmethod
    def first(cls, *, backwards: bool) -> Self:
        """Where to begin: before all events, or behind them."""
        return cls(BEHIND_ALL if backwards else BEFORE_ALL, backwards)


def place_of(event: StoredEvent) -> Place:
    """The place of an event."""
    return event.timestamp, event.id


def digits(place: Place) -> str:
    """A place in 56 digits, whose order is that of the places."""
    return "".join(f"{number:0{_DIGITS}d}" for number in place)
