"""How the state of a metric alarm follows from its data points.

Source: "Evaluating an alarm", "How alarm state is evaluated when data is missing" and "Avoiding premature transitions
to alarm state" in the CloudWatch user guide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from refapp.backends.cloudwatch.metrics.alarms.alarm import State

Missing = Literal["missing", "ignore", "breaching", "notBreaching"]


@dataclass(frozen=True, slots=True)
class Point:
    """A data point of a period that starts at a time; without a value it is missing."""

    time: int
    value: float | None = None
    samples: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Criteria:
    """When an alarm is on: `needed` of `periods` data points breach, and how those count that are missing."""

    periods: int
    needed: int
    breaches: Callable[[float], bool]
    missing: Missing = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The state that follows, None when it stays as it is.

    `points` are the data points it follows from and `missing` those that were looked for in vain, the newest first;
    `filled` is how many of these were counted as the alarm counts missing ones.
    """

    state: State | None
    points: tuple[Point, ...]
    missing: tuple[Point, ...]
    filled: int = 0


def judge(points: Sequence[Point], criteria: Criteria) -> Verdict:
    """The verdict on data points, the oldest first: on as many as the criteria need, and some more in case."""
    newest = points[::-1]
    there = tuple(point for point in newest if point.value is not None)[: criteria.periods]
    missing = tuple(point for point in newest[: criteria.periods] if point.value is None)
    breaching = sum(_breaches(point, criteria) for point in there)
    lacking = criteria.periods - len(there)
    counted = lacking if lacking and criteria.missing in ("breaching", "notBreaching") else 0
    if breaching + (counted if criteria.missing == "breaching" else 0) >= criteria.needed:
        return Verdict(state=State.ALARM, points=there, missing=missing, filled=counted)
    if not lacking or counted or breaching < len(there):
        return Verdict(state=State.OK, points=there, missing=missing, filled=counted)
    # What is there breaches, but it is little: it counts when it is as old as what would be enough.
    if criteria.missing == "ignore":
        state = None
    else:
        oldest = 1 + newest.index(there[-1]) if there else 0
        state = State.ALARM if there and oldest >= criteria.needed else State.INSUFFICIENT_DATA
    return Verdict(state=state, points=there, missing=missing)


def _breaches(point: Point, criteria: Criteria) -> bool:
    return point.value is not None and criteria.breaches(point.value)
