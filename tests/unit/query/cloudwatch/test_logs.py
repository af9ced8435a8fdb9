from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from refapp.query.cloudwatch.errors import CloudError
from refapp.query.cloudwatch.logs import CloudWatchLogs
from refapp.query.cloudwatch.spans import milliseconds

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
END = START + timedelta(minutes=10)
TIME = {"start": START, "end": END}
MS = {"startTime": milliseconds(START), "endTime": milliseconds(END)}
SECONDS = {"startTime": milliseconds(START) // 1000, "endTime": milliseconds(END) // 1000}
GROUP = "/aws/containerinsights/istio-observe-demo/application"
ARN = "arn:aws:logs:us-east-1:123456789012:log-group:x"


@pytest.fixture
def logs(aws):
    return CloudWatchLogs(aws.cloud)


def event(number):
    return {"timestamp": milliseconds(START) + number, "message": f"m{number}", "ingestionTime": milliseconds(END)}


def found(number):
    return {**event(number), "logStreamName": "s", "eventId": f"e{number}"}


def messages(frame):
    return frame["message"].tolist()


def test_groups_are_listed_by_name(aws, logs):
    groups = [
        {"logGroupName": "/z", "creationTime": milliseconds(START), "storedBytes": 7, "arn": f"{ARN}:*"},
        {"logGroupName": "/a", "creationTime": milliseconds(START), "retentionInDays": 3},
    ]
    aws.says("logs", "describe_log_groups", {"logGroups": groups[:1], "nextToken": "t"}, {"logGroupNamePrefix": "/"})
    aws.says("logs", "describe_log_groups", {"logGroups": groups[1:]}, {"logGroupNamePrefix": "/", "nextToken": "t"})
    frame = logs.groups("/")
    assert frame["name"].tolist() == ["/a", "/z"]
    assert frame["bytes"].tolist() == [0, 7]
    assert frame["retention_days"].isna().tolist() == [False, True]
    assert frame["created"].iloc[0] == START
    assert frame["arn"].iloc[1] == f"{ARN}:*"


def test_streams_are_listed_by_name(aws, logs):
    times = {"creationTime": 1, "firstEventTimestamp": 2, "lastEventTimestamp": 3, "lastIngestionTime": 4}
    streams = [{"logStreamName": "b", **times}, {"logStreamName": "a", "creationTime": 1}]
    asked = {"logGroupName": GROUP, "logStreamNamePrefix": "x"}
    aws.says("logs", "describe_log_streams", {"logStreams": streams}, asked)
    frame = logs.streams(prefix="x")
    assert frame["name"].tolist() == ["a", "b"]
    assert [frame[name].iloc[1].value // 10**6 for name in ("created", "first", "last", "last_ingestion")] == [
        1,
        2,
        3,
        4,
    ]
    assert frame["last"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("method", "operation", "key"),
    [("groups", "describe_log_groups", "logGroups"), ("streams", "describe_log_streams", "logStreams")],
)
def test_there_may_be_none(aws, logs, method, operation, key):
    aws.says("logs", operation, {key: []})
    frame = getattr(logs, method)()
    assert frame.empty
    assert "name" in frame


def pages(aws, *found, **more):
    """The pages of a stream from its end, the last of which is told by its token."""
    asked = {"logGroupName": GROUP, "logStreamName": "s", "startFromHead": False, **MS, "endTime": MS["endTime"] + 1}
    asked |= more
    token = None
    for number, events in enumerate(found):
        answer = {"events": events, "nextBackwardToken": f"t{number}", "nextForwardToken": "f"}
        if number == len(found) - 1 and number:
            answer["nextBackwardToken"] = token
        aws.says("logs", "get_log_events", answer, {**asked, **({"nextToken": token} if token else {})})
        token = f"t{number}"


def test_the_events_of_a_stream_are_read_from_its_end(aws, logs):
    pages(aws, [event(3), event(4)], [event(1), event(2)], [])
    frame = logs.events("s", **TIME)
    assert messages(frame) == ["m1", "m2", "m3", "m4"]
    assert frame["stream"].unique().tolist() == ["s"]
    assert frame.attrs["complete"]


def test_an_empty_page_is_not_the_last(aws, logs):
    pages(aws, [], [event(1)], [])
    assert messages(logs.events("s", **TIME)) == ["m1"]


def test_of_many_events_of_a_stream_those_are_told_that_are_newest(aws, logs):
    pages(aws, [event(2), event(3)], [event(0), event(1)], [])
    frame = logs.events("s", **TIME, limit=4)
    assert (messages(frame), frame.attrs["complete"]) == (["m0", "m1", "m2", "m3"], True)


def test_no_more_pages_are_read_than_are_wanted(aws, logs):
    asked = {"logGroupName": GROUP, "logStreamName": "s", "startFromHead": False, **MS, "endTime": MS["endTime"] + 1}
    answer = {"events": [event(1), event(2), event(3)], "nextBackwardToken": "t", "nextForwardToken": "f"}
    aws.says("logs", "get_log_events", answer, asked)
    frame = logs.events("s", **TIME, limit=2)
    assert (messages(frame), frame.attrs["complete"]) == (["m2", "m3"], False)


def test_a_group_may_be_told_by_its_arn(aws, logs):
    answer = {"events": [], "nextBackwardToken": "t", "nextForwardToken": "f"}
    for token in ({}, {"nextToken": "t"}):
        asked = {"logGroupIdentifier": ARN, "logStreamName": "s", "startFromHead": False, **MS, **token}
        aws.says("logs", "get_log_events", answer, {**asked, "endTime": MS["endTime"] + 1})
    assert logs.events("s", f"{ARN}:*", **TIME).empty


def test_events_are_filtered_by_a_pattern(aws, logs):
    asked = {"logGroupName": GROUP, "filterPattern": "error", "logStreamNames": ["s"], **MS}
    aws.says("logs", "filter_log_events", {"events": [found(1)], "nextToken": "t"}, asked)
    aws.says("logs", "filter_log_events", {"events": [found(2)]}, {**asked, "nextToken": "t"})
    frame = logs.filter("error", streams=["s"], **TIME)
    assert messages(frame) == ["m1", "m2"]
    assert frame["id"].tolist() == ["e1", "e2"]
    assert frame.attrs["complete"]


def test_a_filter_without_a_pattern_takes_all_and_stops_at_its_limit(aws, logs):
    answer = {"events": [found(number) for number in range(3)], "nextToken": "t"}
    aws.says("logs", "filter_log_events", answer, {"logGroupName": "x", **MS})
    frame = logs.filter(group="x", **TIME, limit=2)
    assert (messages(frame), frame.attrs["complete"]) == (["m0", "m1"], False)


def test_exactly_as_many_as_the_limit_are_all(aws, logs):
    aws.says("logs", "filter_log_events", {"events": [found(1)]}, {"logGroupName": "x", **MS})
    assert logs.filter(group="x", **TIME, limit=1).attrs["complete"]


def test_a_tail_begins_now_or_so_long_ago(aws, logs, monkeypatch):
    asked = []
    monkeypatch.setattr(aws.cloud, "pages", lambda *_, **asks: asked.append(asks) or [{"events": [found(1)]}])
    before = milliseconds(datetime.now(UTC))
    for since in (None, "1m"):
        assert next(logs.tail(since=since)).message == "m1"
    now, ago = (one["startTime"] for one in asked)
    after = milliseconds(datetime.now(UTC))
    assert before <= now <= after
    assert before <= ago + 60_000 <= after
    assert asked[0]["logGroupName"] == GROUP


def test_a_tail_is_stopped_by_whoever_reads_it(aws, logs):
    aws.says("logs", "filter_log_events", {"events": [found(1), found(2)]})
    lines = logs.tail("x", "error")
    assert [line.message for line in islice(lines, 1)] == ["m1"]
    lines.close()


def query(aws, text, results=(), **asked):
    aws.says("logs", "start_query", {"queryId": "q"}, {"queryString": text, **SECONDS, **asked})
    aws.says("logs", "get_query_results", {"status": "Complete", "results": list(results)}, {"queryId": "q"})


@pytest.mark.parametrize(
    ("groups", "asked"),
    [
        (None, {"logGroupNames": [GROUP]}),
        ("host", {"logGroupNames": [GROUP.replace("application", "host")]}),
        (["performance", "/x"], {"logGroupNames": [GROUP.replace("application", "performance"), "/x"]}),
        (ARN, {"logGroupIdentifiers": [ARN]}),
    ],
)
def test_a_query_is_about_groups(aws, logs, groups, asked):
    query(aws, "limit 1", **asked)
    assert logs.query("limit 1", groups, **TIME).empty


@pytest.mark.parametrize(
    "text", ["SOURCE 'x' | limit 1", "# of all\n  source logGroups(namePrefix: ['/aws'])\n| limit 1"]
)
def test_a_query_may_name_its_groups_itself(aws, logs, text):
    query(aws, text)
    assert logs.query(text, **TIME).attrs["groups"] == []


def test_a_query_about_sources_is_none_that_names_them(aws, logs):
    query(aws, "filter SOURCE = 1", logGroupNames=[GROUP], limit=3)
    logs.query("filter SOURCE = 1", **TIME, limit=3)


def test_a_histogram_counts_events_over_time(aws, logs):
    text = "filter a = 1\n| stats count(*) as events by bin(10s) as time\n| sort time asc"
    row = [{"field": "time", "value": "2026-03-01 12:00:00.000"}, {"field": "events", "value": "3"}]
    query(aws, text, [row], logGroupNames=[GROUP])
    frame = logs.histogram("filter a = 1 | sort b | limit 20", **TIME)
    assert frame.to_dict("records") == [{"time": START, "events": 3}]
    assert frame.attrs["start"] == START


def test_a_histogram_of_nothing_has_no_rows(aws, logs):
    text = "stats count(*) as events by bin(10s) as time\n| sort time asc"
    query(aws, text, logGroupNames=[GROUP])
    frame = logs.histogram("limit 1", **TIME)
    assert list(frame.columns) == ["time", "events"]
    assert frame.empty


def test_the_address_of_a_query_moves_with_the_time_unless_times_are_given(logs):
    assert "~(end~0~start~-900~" in logs.url("limit 1", last="15m")
    assert "~(end~0~start~-3600~" in logs.url("limit 1")
    assert "~start~'2026-03-01T12*3a00*3a00.000Z~" in logs.url("limit 1", **TIME)
    assert "~source~(~'*2faws*2fcontainerinsights*2fistio-observe-demo*2fhost)" in logs.url("limit 1", "host")
    assert "region=us-east-1#" in logs.url("limit 1")


def test_a_record_has_all_fields(aws, logs):
    aws.says("logs", "get_log_record", {"logRecord": {"@message": "m"}}, {"logRecordPointer": "p"})
    assert logs.record("p") == {"@message": "m"}


def test_errors_are_those_of_the_cloud(aws, logs):
    aws.refuses("logs", "describe_log_groups", "AccessDeniedException")
    with pytest.raises(CloudError, match="AccessDenied"):
        logs.groups()


@pytest.mark.parametrize("ask", ["query", "histogram", "url", "filter", "events"])
def test_times_do_not_contradict_each_other(logs, ask):
    with pytest.raises(ValueError, match="not both"):
        getattr(logs, ask)("x", last="1m", start=START)
