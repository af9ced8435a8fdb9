"""How far the points of a graph are apart, and when it begins and ends."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_POINTS = 250  # more than that a figure cannot show
_FINEST = 1  # seconds; nothing is scraped more often
# In seconds; beyond the last, whole days.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_LAST = timedelta(minutes=5)


class Window(NamedTuple):
    """A span of time, and the distance of the points in it."""

    start: datetime
    end: datetime
    step: timedelta


def window(
    start: datetime | None, end: datetime | None, last: timedelta | None, step: timedelta | float | None
) -> Window:
    """The span that is meant: from `start`, or for so long as `last`, to `end`, or to now.

    A time without its zone is local. A `step` is a number of seconds, or chosen so that a figure shows each point; when
    it ends now, the points lie on multiples of the step, so that they are the same if it is asked for again.

    Raises:
        ValueError: there is a start and a length, the end is before the start, or the step is no positive time.
    """
    if start is not None and last is not None:
        raise ValueError("give start or last, not both")
    until = (end or datetime.now(UTC)).astimezone(UTC)
    since = start.astimezone(UTC) if start else until - (_LAST if last is None else last)
    if since > until:
        raise ValueError(f"the graph would begin at {since}, after its end at {until}")
    distance = _distance(step, until - since)
    if start is None and end is None:
        late = timedelta(seconds=until.timestamp() % distance.total_seconds())
        since, until = since - late, until - late
    return Window(since, until, distance)


def nice_step(length: timedelta) -> timedelta:
    """The shortest round step with which a span has no more points than a figure can show."""
    wanted = max(length.total_seconds() / _POINTS, _FINEST)
    days = _STEPS[-1]
    return timedelta(seconds=next((step for step in _STEPS if step >= wanted), -(-wanted // days) * days))


def _distance(step: timedelta | float | None, length: timedelta) -> timedelta:
    if step is None:
        return nice_step(length)
    distance = step if isinstance(step, timedelta) else timedelta(seconds=step)
    if distance < timedelta(milliseconds=1):
        raise ValueError(f"the step is {step}: it has to be a positive time")
    return distance
