"""The events of a log group as they come."""

import time as clock
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.names import group_parameter
from refapp.query.cloudwatch.spans import milliseconds, moment

LATE = timedelta(seconds=30)
"""How much later than its neighbours an event may arrive to be seen."""


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One event: when it happened and when CloudWatch got it, in UTC."""

    timestamp: datetime
    stream: str
    message: str
    ingestion: datetime
    id: str


def tail(
    cloud: Cloud,
    group: str,
    since: datetime,
    *,
    pattern: str | None = None,
    streams: Sequence[str] | None = None,
    pause: float = 1.0,
) -> Iterator[LogEvent]:
    """The events since a time, then those that come, for ever; each batch ordered by time, and each event once.

    It asks FilterLogEvents again and again, from a little before the last event on, as events arrive in any order.

    Raises:
        CloudError: CloudWatch cannot be asked, or refuses.
    """
    begin, late = milliseconds(since), LATE // timedelta(milliseconds=1)
    seen: dict[str, int] = {}  # when each of the last events was
    start = begin
    while True:
        asked = {**group_parameter(group), "logStreamNames": streams, "filterPattern": pattern, "startTime": start}
        pages = cloud.pages("logs", "filter_log_events", **asked)
        found = {event["eventId"]: event for page in pages for event in page["events"]}
        new = [event for ident, event in found.items() if ident not in seen]
        seen |= {event["eventId"]: event["timestamp"] for event in new}
        if seen:
            start = max(begin, max(seen.values()) - late)
            seen = {ident: time for ident, time in seen.items() if time >= start}
        yield from (_event(event) for event in sorted(new, key=lambda event: int(event["timestamp"])))
        clock.sleep(pause)


def _event(found: Mapping[str, Any]) -> LogEvent:
    return LogEvent(
        timestamp=moment(found["timestamp"]),
        stream=found["logStreamName"],
        message=found["message"],
        ingestion=moment(found["ingestionTime"]),
        id=found["eventId"],
    )
