"""CloudWatch Logs: its groups, streams and events, and Logs Insights."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from refapp.monitoring.loggroups import APPLICATION
from refapp.query.cloudwatch import queries
from refapp.query.cloudwatch import tail as tailing
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.commands import histogram_query
from refapp.query.cloudwatch.console import insights_url
from refapp.query.cloudwatch.frames import events, moments
from refapp.query.cloudwatch.names import group_name, group_names, group_parameter
from refapp.query.cloudwatch.queries import Progress
from refapp.query.cloudwatch.shipping import settle
from refapp.query.cloudwatch.spans import HOUR, duration, span
from refapp.query.cloudwatch.tail import LogEvent

_MOST = 10_000  # events; as many as one answer of AWS holds
# A query that says its groups itself, after empty lines and comments.
_SOURCE = re.compile(r"(?:\s|#[^\n]*(?:\n|$))*SOURCE\b", re.IGNORECASE)


class CloudWatchLogs:
    """The log groups of a platform, as CloudWatch Logs keeps them.

    A group is called by its name or its ARN, or by the last word of its name when it is one of the cluster's:
    `application`, `dataplane`, `host`, `performance`. The time is told by how long it is before now (`last`, a
    `timedelta` or a text such as `15m`), or by `start` and `end`; it is the last hour when nothing is said. A time
    without its zone is local; those of frames are in UTC.

    Every method raises `CloudError` when CloudWatch cannot be asked, or refuses; `NoCloudError`, a kind of it, when the
    platform runs without; and `ValueError` when times contradict each other.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def group(self, name: str) -> str:
        """The whole name of a group."""
        return group_name(name, self._cloud.cluster)

    def groups(self, prefix: str | None = None) -> pd.DataFrame:
        """The log groups in the order of their names: name, created, retention_days, bytes, arn."""
        found = [
            group
            for page in self._cloud.pages("logs", "describe_log_groups", logGroupNamePrefix=prefix)
            for group in page["logGroups"]
        ]
        columns = {
            "name": pd.Series([group["logGroupName"] for group in found], dtype="str"),
            "created": moments(group.get("creationTime") for group in found),
            "retention_days": pd.Series([group.get("retentionInDays") for group in found], dtype="Int64"),
            "bytes": pd.Series([group.get("storedBytes", 0) for group in found], dtype="int64"),
            "arn": pd.Series([group.get("arn") for group in found], dtype="str"),
        }
        return pd.DataFrame(columns).sort_values("name", ignore_index=True)

    def streams(self, group: str = APPLICATION, prefix: str | None = None) -> pd.DataFrame:
        """The streams of a group in the order of their names: name, created, first, last, last_ingestion.

        `first` and `last` are the times of events, as far as CloudWatch knows them yet.
        """
        asked = {**group_parameter(self.group(group)), "logStreamNamePrefix": prefix}
        found = [
            stream
            for page in self._cloud.pages("logs", "describe_log_streams", **asked)
            for stream in page["logStreams"]
        ]
        columns = {
            "name": pd.Series([stream["logStreamName"] for stream in found], dtype="str"),
            "created": moments(stream.get("creationTime") for stream in found),
            "first": moments(stream.get("firstEventTimestamp") for stream in found),
            "last": moments(stream.get("lastEventTimestamp") for stream in found),
            "last_ingestion": moments(stream.get("lastIngestionTime") for stream in found),
        }
        return pd.DataFrame(columns).sort_values("name", ignore_index=True)

    def events(
        self,
        stream: str,
        group: str = APPLICATION,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = _MOST,
    ) -> pd.DataFrame:
        """The events of a stream, the oldest first: timestamp, stream, message, ingestion.

        Of more than `limit` those are the newest; `attrs["complete"]` tells whether it is all of them.
        """
        first, until = span(last, start, end).ms
        asked = {**group_parameter(self.group(group)), "logStreamName": stream, "startFromHead": False}
        # An event at the end itself is wanted too.
        pages = self._stream_pages({**asked, "startTime": first, "endTime": until + 1})
        found: list[Any] = []
        complete = True
        for page in pages:
            found = page + found
            if len(found) > limit:
                complete = False
                break
        frame = events(found[-limit:] if limit else [], stream)
        frame.attrs["complete"] = complete
        return frame

    def filter(
        self,
        pattern: str = "",
        group: str = APPLICATION,
        *,
        streams: Sequence[str] | None = None,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = _MOST,
    ) -> pd.DataFrame:
        r"""The events that match a filter pattern, the oldest first: timestamp, stream, message, ingestion, id.

        Of more than `limit` those are the oldest; `attrs["complete"]` tells whether it is all of them.

        Args:
            pattern: such as `error`, `"two words"`, `-debug`, `%5\d\d%` or `{ $.log_processed.level = "error" }`
                ("Filter pattern syntax", CloudWatch Logs user guide); empty for all.
            group: the group.
            streams: the names of streams; of all without.
            last: how long before the end, in place of a start.
            start: the first time.
            end: the last time; now without.
            limit: the most events.
        """
        first, until = span(last, start, end).ms
        asked = {**group_parameter(self.group(group)), "logStreamNames": streams, "filterPattern": pattern or None}
        found: list[Any] = []
        for page in self._cloud.pages("logs", "filter_log_events", **asked, startTime=first, endTime=until):
            found += page["events"]
            if len(found) > limit:
                break
        frame = events(found[:limit])
        frame.attrs["complete"] = len(found) <= limit
        return frame

    def tail(
        self,
        group: str = APPLICATION,
        pattern: str = "",
        *,
        streams: Sequence[str] | None = None,
        since: timedelta | str | None = None,
        pause: float = 1.0,
    ) -> Iterator[LogEvent]:
        """The events of a group that come from now on, or from so long before, for ever; stop when it is enough.

        Args:
            group: the group.
            pattern: as for `filter`.
            streams: the names of streams; of all without.
            since: how long before now.
            pause: seconds between two questions.
        """
        begin = datetime.now(UTC) - (duration(since) if since is not None else timedelta())
        return tailing.tail(
            self._cloud, self.group(group), begin, pattern=pattern or None, streams=streams, pause=pause
        )

    def query(
        self,
        text: str,
        groups: str | Sequence[str] | None = None,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = None,
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """What a query of Logs Insights finds: one row a result, the columns as CloudWatch sends them.

        Times are times, numbers are numbers, all else is text: see `refapp.query.cloudwatch.frames.results`, and
        `refapp.query.cloudwatch.queries.run` for `attrs`. When it is interrupted, the query is stopped.

        Args:
            text: the query.
            groups: the groups; those that the query says by SOURCE, or `application` without.
            last: how long before the end, in place of a start.
            start: the first time.
            end: the last time; now without.
            limit: the most rows; 10,000 where neither this nor the query says it.
            progress: called with the state of the query; see `refapp.query.cloudwatch.progress.progress_bar`.

        Raises:
            QueryError: CloudWatch does not understand the query.
            UnfinishedQueryError: it failed, took too long, or was stopped by somebody else.
        """
        time = span(last, start, end)
        return queries.run(self._cloud, text, self._sources(text, groups), time, limit=limit, progress=progress)

    def histogram(
        self,
        text: str,
        groups: str | Sequence[str] | None = None,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pd.DataFrame:
        """How many events a query matches in each part of a time: time, events.

        The arguments are those of `query`. Parts without events have no row.
        """
        time = span(last, start, end)
        found = queries.run(self._cloud, histogram_query(text, time), self._sources(text, groups), time)
        frame = found.reindex(columns=["time", "events"])
        frame = frame.assign(time=pd.to_datetime(frame["time"], utc=True), events=frame["events"].astype("int64"))
        frame.attrs = found.attrs
        return frame

    def url(
        self,
        text: str,
        groups: str | Sequence[str] | None = None,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> str:
        """The address at which AWS's console opens a query, for whoever has an account there.

        Its time moves with the moment at which it is opened, unless a `start` or an `end` is given.
        """
        moving = start is None and end is None
        time = (HOUR if last is None else duration(last)) if moving else span(last, start, end)
        return insights_url(text, self._sources(text, groups), self._cloud.region, time)

    def settle(self, within: float = 45.0) -> None:
        """Wait until all that containers have written by now can be found, `within` so many seconds.

        What a sidecar has to say of a request may be written half a second after it has ended. On AWS nobody can be
        asked.

        Raises:
            CloudError: it cannot be found in that time; the message says what is in the way.
        """
        settle(self._cloud, within)

    def record(self, pointer: str) -> dict[str, str]:
        """All fields of an event, by the `@ptr` of a row of a query's result."""
        answer = self._cloud.call("logs", "get_log_record", logRecordPointer=pointer)
        return dict(answer["logRecord"])

    def _sources(self, text: str, groups: str | Sequence[str] | None) -> list[str]:
        if groups is None:
            groups = () if _SOURCE.match(text) else (APPLICATION,)
        return group_names(groups, self._cloud.cluster)

    def _stream_pages(self, asked: dict[str, Any]) -> Iterator[list[Any]]:
        """The pages of a stream from its end; the last one is told by a token that stays the same."""
        token: str | None = None
        while True:
            answer = self._cloud.call("logs", "get_log_events", **asked, nextToken=token)
            yield answer["events"]
            if answer["nextBackwardToken"] == token:
                return
            token = answer["nextBackwardToken"]
