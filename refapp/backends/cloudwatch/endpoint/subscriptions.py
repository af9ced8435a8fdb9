"""Subscription filters: moto keeps them, and takes for Kinesis, Firehose and log groups what they choose."""

import sys
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.names import ACCOUNT
from refapp.backends.cloudwatch.logs.parameters import Request
from refapp.backends.cloudwatch.logs.patterns import compile_pattern
from refapp.backends.cloudwatch.logs.patterns.pattern import LONGEST
from refapp.backends.cloudwatch.logs.regions import Arrival, Region

MEMBERS: Final = frozenset({"logGroupName", "filterName", "filterPattern", "destinationArn", "roleArn"})

_DESTINATIONS = ("kinesis", "firehose", "logs")
_MODELS = "moto.logs.models"


def check(request: Request) -> None:
    """Refuse a filter that moto would take and that would do nothing.

    Raises:
        InvalidParameter: its pattern is broken, or nothing can be delivered where it wants it.
    """
    parameters.check_members(request, MEMBERS)
    compile_pattern(parameters.text(request, "filterPattern", shortest=0, longest=LONGEST))
    destination = parameters.text(request, "destinationArn", longest=parameters.LONGEST_IDENTIFIER)
    service = (destination.split(":") + [""] * 3)[2]
    if service not in _DESTINATIONS:
        raise InvalidParameter(f"destinationArn is {destination}: this endpoint delivers to {', '.join(_DESTINATIONS)}")


def deliver(region: Region, arrival: Arrival) -> None:
    """Hand events to the destinations of the filters that choose them; it watches the regions."""
    models = sys.modules.get(_MODELS)
    if models is None:  # then there are no subscription filters
        return
    backends = models.logs_backends[ACCOUNT]
    if region.name not in backends:
        return
    group = backends[region.name].groups.get(arrival.group)
    for item in list(group.subscription_filters.values()) if group else ():
        events = _chosen(item.filter_pattern, arrival)
        if events:
            # moto never forgets such an object, so there is one for each stream.
            stream = group.streams.get(arrival.stream)
            if stream is None:
                stream = group.streams[arrival.stream] = models.LogStream(group, arrival.stream)
            service = item.destination_arn.split(":")[2]
            stream._send_log_events(service, item.destination_arn, item.name, events)  # noqa: SLF001 - moto has no other


def _chosen(pattern: str, arrival: Arrival) -> list[dict[str, Any]]:
    matches = compile_pattern(pattern).matches
    return [
        {
            "id": f"{event.timestamp:020d}{arrival.ingestion:020d}{place:016d}",
            "timestamp": event.timestamp,
            "message": event.message,
        }
        for place, event in enumerate(arrival.events)
        if matches(event.message)
    ]
