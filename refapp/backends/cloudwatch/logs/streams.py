"""Log streams: made, listed, deleted."""

from typing import Any

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import StreamSummary
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.groups import requested
from refapp.backends.cloudwatch.logs.names import stream_arn
from refapp.backends.cloudwatch.logs.pages import Key, page
from refapp.backends.cloudwatch.logs.parameters import STREAM_NAME, Request
from refapp.backends.cloudwatch.logs.regions import Region, now

_BY_NAME, _BY_TIME = "LogStreamName", "LastEventTime"


def create(region: Region, request: Request) -> dict[str, Any]:
    """CreateLogStream."""
    region.catalogue.create_stream(parameters.group_name(request), parameters.stream_name(request), now())
    return {}


def delete(region: Region, request: Request) -> dict[str, Any]:
    """DeleteLogStream: its events go first, so that a stream that is gone has left nothing behind."""
    group, stream = parameters.group_name(request), parameters.stream_name(request)
    with region.guard.alone():
        region.catalogue.check_stream(group, stream)
        region.store.delete(group, stream)
        region.catalogue.delete_stream(group, stream)
    return {}


def describe(region: Region, request: Request) -> dict[str, Any]:
    """DescribeLogStreams."""
    group = requested(region, request).name
    prefix = parameters.optional_text(request, "logStreamNamePrefix", pattern=STREAM_NAME)
    order = parameters.choice(request, "orderBy", (_BY_NAME, _BY_TIME)) or _BY_NAME
    if prefix is not None and order == _BY_TIME:
        raise InvalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
    created = region.catalogue.streams(group)
    summaries = {summary.name: summary for summary in region.store.streams(group)}

    def key(name: str) -> Key:
        last = summaries[name].last if name in summaries else 0
        return (name,) if order == _BY_NAME else (last, name)

    found, token = page(
        (name for name in created if name.startswith(prefix or "")),
        key,
        request,
        descending=parameters.flag(request, "descending", default=False),
    )
    items = [_described(region, group, name, created[name], summaries.get(name)) for name in found]
    return {"logStreams": items, **token}


def _described(region: Region, group: str, name: str, created: int, summary: StreamSummary | None) -> dict[str, Any]:
    described: dict[str, Any] = {
        "logStreamName": name,
        "creationTime": created,
        "arn": stream_arn(region.name, group, name),
        "storedBytes": 0,  # documented: reported for groups only
    }
    if summary is not None:
        described["firstEventTimestamp"] = summary.first
        described["lastEventTimestamp"] = summary.last
        described["lastIngestionTime"] = summary.last_ingestion
    return described
