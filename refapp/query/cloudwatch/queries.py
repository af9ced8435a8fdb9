"""Queries of Logs Insights: started, waited for, and stopped when nobody waits any longer.

The calls are StartQuery, GetQueryResults and StopQuery of the CloudWatch Logs API reference.
"""

import time as clock
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd

from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError, QueryError, UnfinishedQueryError
from refapp.query.cloudwatch.frames import results
from refapp.query.cloudwatch.names import query_parameter
from refapp.query.cloudwatch.spans import Span

_FIRST, _GROWTH, _LONGEST = 0.05, 1.5, 2.0  # seconds of the pauses between two looks
_RUNNING = ("Scheduled", "Running")
_MALFORMED = "MalformedQueryException"


@dataclass(frozen=True, kw_only=True)
class QueryState:
    """How far a query is: its `status` in CloudWatch's words, seconds since its start, and what it has read so far."""

    status: str
    elapsed: float
    matched: int
    scanned: int
    bytes: int


Progress = Callable[[QueryState], None]
"""Called with the state of a query, again and again, while it is waited for."""


def run(
    cloud: Cloud,
    text: str,
    groups: Sequence[str],
    span: Span,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What a query finds, as `refapp.query.cloudwatch.frames.results` makes it.

    Without `groups` the query has to say them itself, by SOURCE. The frame's `attrs` have the `query`, its `id`, the
    `groups`, `start` and `end`, the seconds it took (`elapsed`), and CloudWatch's `statistics`.

    Raises:
        QueryError: CloudWatch does not understand the query.
        UnfinishedQueryError: it failed, took too long, or was stopped by somebody else.
        CloudError: CloudWatch cannot be asked, or refuses.
    """
    began = clock.monotonic()
    query = _start(cloud, text, groups, span, limit)
    try:
        answer = _wait(cloud, query, began, progress)
    except BaseException:
        # Whoever interrupts it wants neither the rows nor the bill; it may have ended meanwhile.
        with suppress(CloudError):
            cloud.call("logs", "stop_query", queryId=query)
        raise
    if answer["status"] != "Complete":
        raise UnfinishedQueryError(answer["status"], text)
    rows = list(answer["results"])
    while token := answer.get("nextToken"):
        answer = cloud.call("logs", "get_query_results", queryId=query, nextToken=token)
        rows += answer["results"]
    frame = results(rows)
    frame.attrs = {
        "query": text,
        "id": query,
        "groups": list(groups),
        "start": span.start,
        "end": span.end,
        "elapsed": clock.monotonic() - began,
        "statistics": dict(answer.get("statistics") or {}),
    }
    return frame


def _start(cloud: Cloud, text: str, groups: Sequence[str], span: Span, limit: int | None) -> str:
    start, end = span.seconds
    asked: dict[str, Any] = {"queryString": text, "startTime": start, "endTime": end, "limit": limit}
    try:
        answer = cloud.call("logs", "start_query", **asked, **query_parameter(groups))
    except CloudError as error:
        if error.code != _MALFORMED:
            raise
        raise _query_error(text, error.details) from None
    return str(answer["queryId"])


def _wait(cloud: Cloud, query: str, began: float, progress: Progress | None) -> dict[str, Any]:
    pause = _FIRST
    while True:
        answer = cloud.call("logs", "get_query_results", queryId=query)
        if progress:
            progress(_state(answer, clock.monotonic() - began))
        if answer["status"] not in _RUNNING:
            return answer
        clock.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST)


def _state(answer: Mapping[str, Any], elapsed: float) -> QueryState:
    statistics = answer.get("statistics") or {}
    return QueryState(
        status=answer["status"],
        elapsed=elapsed,
        matched=int(statistics.get("recordsMatched", 0)),
        scanned=int(statistics.get("recordsScanned", 0)),
        bytes=int(statistics.get("bytesScanned", 0)),
    )


def _query_error(text: str, details: Mapping[str, Any]) -> QueryError:
    compiled = details.get("queryCompileError") or {}
    location = compiled.get("location") or {}
    reason = str(compiled.get("message") or details["message"])
    return QueryError(reason, text, location.get("startCharOffset"), location.get("endCharOffset"))
