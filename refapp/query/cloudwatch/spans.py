"""From when to when: the spans of time that are asked about."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)
"""How far back is asked when nothing is said, as in CloudWatch's console."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+", re.ASCII)
_PART = re.compile(r"([\d.]+)(ms|[smhdw])", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Span(NamedTuple):
    """A span of time, in UTC; both ends belong to it."""

    start: datetime
    end: datetime

    @property
    def ms(self) -> tuple[int, int]:
        """Both ends in milliseconds since 1970."""
        return milliseconds(self.start), milliseconds(self.end)

    @property
    def seconds(self) -> tuple[int, int]:
        """Whole seconds since 1970 between which all of it lies."""
        return math.floor(self.start.timestamp()), math.ceil(self.end.timestamp())


def span(
    last: timedelta | str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    default: timedelta = HOUR,
) -> Span:
    """The span that is meant: from `start`, or for so long as `last`, to `end`, or to now.

    A time without its zone is local.

    Raises:
        ValueError: there is a start and a length, the end is before the start, or the length is none.
    """
    if start is not None and last is not None:
        raise ValueError("give start or last, not both")
    until = (end or datetime.now(UTC)).astimezone(UTC)
    since = start.astimezone(UTC) if start else until - (default if last is None else duration(last))
    if since > until:
        raise ValueError(f"the time would begin at {since}, after its end at {until}")
    return Span(since, until)


def duration(length: timedelta | str) -> timedelta:
    """A duration, which may be written like `90s`, `15m`, `1h30m`, `2d` or `1w`.

    Raises:
        ValueError: it is none, or not positive.
    """
    if isinstance(length, str):
        if not _DURATION.fullmatch(length):
            raise ValueError(f"{length!r} is no duration; write 90s, 15m, 1h30m or 2d")
        length = timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(length)))
    if length <= timedelta():
        raise ValueError(f"a duration of {length} is not positive")
    return length


def milliseconds(time: datetime) -> int:
    """Milliseconds since 1970; what is beyond them is cut off."""
    return (time - _EPOCH) // _MS


def moment(ms: int) -> datetime:
    """The time so many milliseconds after the beginning of 1970, in UTC."""
    return _EPOCH + ms * _MS
