"""Why an alarm is in its state, as CloudWatch writes it: StateReason and StateReasonData.

Source of the wording: alarm messages and events that CloudWatch sent, as published in its user guide ("Alarm events and
EventBridge") and in bug reports.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, State
from refapp.backends.cloudwatch.metrics.alarms.verdicts import Point, Verdict
from refapp.backends.cloudwatch.metrics.alarms.watch import COMPARISONS, Watch
from refapp.backends.cloudwatch.metrics.times import iso, utc

CREATED = "Unchecked: Initial alarm creation"
"""The reason before the first evaluation."""


def explain(verdict: Verdict, watch: Watch, now: float, *, counted: bool) -> tuple[str, str]:
    """The reason for a verdict as text and as JSON; `counted` tells how many of how many points were needed."""
    support = _support(verdict, watch)
    return _reason(verdict, watch, support, counted=counted), _data(verdict, watch, support, now)


def rule_reason(composite: Alarm, causes: Sequence[Alarm], state: State, event: str) -> tuple[str, str]:
    """The reason for the state of a composite alarm as text and as JSON.

    `event` is what brought it about: the alarm was `created` or `updated`, or, when empty, the one cause changed.
    """
    if event:
        reason = f"{composite.arn} was {event} and its alarm rule evaluates to {state}"
    else:
        cause = causes[0]
        when = utc(cause.standing.since).strftime("%A %d %B, %Y %H:%M:%S UTC")
        reason = f"{cause.arn} transitioned to {cause.state} at {when}"
    data = {
        "triggeringAlarms": [
            {"arn": cause.arn, "state": {"value": cause.state, "timestamp": iso(cause.standing.since)}}
            for cause in causes
        ]
    }
    return reason, orjson.dumps(data).decode()


def _support(verdict: Verdict, watch: Watch) -> list[Point]:
    """The data points that speak for the state."""
    breaching = verdict.state == State.ALARM
    return [
        point
        for point in verdict.points
        if point.value is not None and watch.criteria.breaches(point.value) == breaching
    ]


def _reason(verdict: Verdict, watch: Watch, support: Sequence[Point], *, counted: bool) -> str:
    criteria = watch.criteria
    if verdict.state == State.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_were(criteria.periods - len(verdict.points), 'datapoint')} unknown."
    filled = ""
    if verdict.filled:
        treated = "Breaching" if criteria.missing == "breaching" else "NonBreaching"
        filled = f" and {_were(verdict.filled, 'missing datapoint')} treated as [{treated}]"
    if not support:
        received = _were(len(verdict.points), "datapoint") if verdict.points else "no datapoints were"
        return f"Threshold Crossed: {received} received for {_many(criteria.periods, 'period')}{filled}."
    listed = ", ".join(f"{point.value} ({utc(point.time).strftime('%d/%m/%y %H:%M:%S')})" for point in support)
    words, _ = COMPARISONS[watch.comparison]
    negation = "" if verdict.state == State.ALARM else "not "
    was = "was" if len(support) == 1 else "were"
    crossed = f"{was} {negation}{words} the threshold ({watch.threshold}){filled}"
    if not counted:
        return f"Threshold Crossed: {_many(len(support), 'datapoint')} [{listed}] {crossed}."
    change = "OK -> ALARM" if verdict.state == State.ALARM else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(support)} out of the last {criteria.periods} datapoints [{listed}] {crossed}"
        f" (minimum {_many(_minimum(verdict, watch), 'datapoint')} for {change} transition)."
    )


def _data(verdict: Verdict, watch: Watch, support: Sequence[Point], now: float) -> str:
    recent = verdict.points[::-1]
    evaluated: Iterable[Point] = support[: _minimum(verdict, watch)] or verdict.missing
    return orjson.dumps(
        {
            "version": "1.0",
            "queryDate": iso(now),
            **({"startDate": iso(recent[0].time)} if recent else {}),
            **({"unit": watch.unit} if watch.unit else {}),
            **({"statistic": watch.statistic} if watch.statistic else {}),
            "period": watch.period,
            "recentDatapoints": [point.value for point in recent],
            "threshold": watch.threshold,
            "evaluatedDatapoints": [_evaluated(point) for point in evaluated],
        }
    ).decode()


def _evaluated(point: Point) -> dict[str, Any]:
    known = {"sampleCount": point.samples, "value": point.value}
    return {"timestamp": iso(point.time), **{name: value for name, value in known.items() if value is not None}}


def _minimum(verdict: Verdict, watch: Watch) -> int:
    """How many data points are enough for the state."""
    criteria = watch.criteria
    return criteria.needed if verdict.state == State.ALARM else criteria.periods - criteria.needed + 1


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _were(count: int, what: str) -> str:
    return f"{_many(count, what)} {'was' if count == 1 else 'were'}"
