"""GetLogGroupFields: which fields the events of a group have, and how many of them."""

from collections import Counter
from itertools import islice
from typing import Any, Final

from refapp.backends.cloudwatch.events.fields import discover
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.groups import requested
from refapp.backends.cloudwatch.logs.parameters import Request
from refapp.backends.cloudwatch.logs.places import Token
from refapp.backends.cloudwatch.logs.ranges import Range
from refapp.backends.cloudwatch.logs.regions import Region, now

SYSTEM_FIELDS: Final = ("@ingestionTime", "@log", "@logStream", "@message", "@timestamp")
"""Fields that every event has."""

MOST_EVENTS: Final = 10_000
"""How many events are looked at, the latest ones."""

_MINUTE = 60_000  # milliseconds
_AROUND = 8 * _MINUTE
_BEFORE_NOW = 15 * _MINUTE
_LATEST = 2**50  # seconds since 1970


def group_fields(region: Region, request: Request) -> dict[str, Any]:
    """GetLogGroupFields: the fields of the last quarter of an hour, or of 16 minutes around a time in seconds."""
    group = requested(region, request).name
    time = parameters.whole(request, "time", most=_LATEST)
    if time is None:
        start, end = now() - _BEFORE_NOW, None
    else:
        start, end = time * 1000 - _AROUND, time * 1000 + _AROUND + 1
    start = max(start, region.horizon(group) or 0)
    events = Range(group, None, start, end).events(region.store, Token.first(backwards=True))
    count, seen = 0, Counter[str]()
    for event in islice(events, MOST_EVENTS):
        count += 1
        seen.update(discover(event.message).keys())
    shares = dict.fromkeys(SYSTEM_FIELDS, 100) if count else {}
    shares |= {name: round(100 * number / count) for name, number in seen.items()}
    # A field that is seen at all is not seen never.
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return {"logGroupFields": [{"name": name, "percent": max(share, 1)} for name, share in ordered]}
