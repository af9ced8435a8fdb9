import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound
from refapp.backends.cloudwatch.events.store import Event
from refapp.backends.cloudwatch.logs.ingestion import MOST_BYTES, accepted, read_events
from refapp.backends.cloudwatch.logs.regions import DAY

HOUR = DAY // 24


def items(*timestamps):
    return [{"timestamp": timestamp, "message": "x"} for timestamp in timestamps]


def test_events_are_kept_and_seen(ask, clock):
    stream = ask.stream()
    answer = ask("PutLogEvents", **stream, logEvents=items(clock.now, clock.now + 1), sequenceToken="whatever")
    assert answer == {"nextSequenceToken": f"{clock.now:056d}"}
    events = ask("FilterLogEvents", logGroupName="g")["events"]
    assert [(event["timestamp"], event["ingestionTime"]) for event in events] == [
        (clock.now, clock.now),
        (clock.now + 1, clock.now),
    ]
    (arrival,) = ask.arrivals
    assert (arrival.group, arrival.stream, arrival.ingestion) == ("g", "s", clock.now)
    assert arrival.events == [Event(clock.now, "x"), Event(clock.now + 1, "x")]


def test_an_entity_is_rejected_and_the_events_are_kept(ask):
    answer = ask("PutLogEvents", **ask.stream(), logEvents=items(ask.now), entity={"keyAttributes": {}})
    assert answer["rejectedEntityInfo"] == {"errorType": "UnsupportedLogGroupType"}
    assert ask.messages() == ["x"]


@pytest.mark.parametrize(
    ("group", "stream", "complaint"),
    [("no", "s", "log group does not exist"), ("g", "no", "log stream does not exist")],
)
def test_there_has_to_be_a_group_and_a_stream(ask, group, stream, complaint):
    ask.stream()
    with pytest.raises(ResourceNotFound, match=complaint):
        ask("PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=items(ask.now))
    assert ask.arrivals == []


def test_a_watcher_that_fails_does_no_harm(ask, caplog):
    seen = []
    ask.region.watchers = [lambda *_: 1 / 0, lambda _, arrival: seen.append(arrival)]
    ask.stream()
    ask.put("x")
    assert (ask.messages(), len(seen)) == (["x"], 1)
    assert "g: what watches its events failed" in caplog.text


@pytest.mark.parametrize(
    ("offsets", "retention", "rejected", "kept"),
    [
        ([-14 * DAY - 1, -14 * DAY, -14 * DAY + 1], None, {"tooOldLogEventEndIndex": 1}, 2),
        ([0, 2 * HOUR, 2 * HOUR + 1, 3 * HOUR], None, {"tooNewLogEventStartIndex": 2}, 2),
        ([-15 * DAY, -15 * DAY, 0, 3 * HOUR], None, {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3}, 1),
        ([-15 * DAY, -2 * DAY, -DAY - 1, -DAY], 1, {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 3}, 1),
        ([-15 * DAY, -13 * DAY], 30, {"tooOldLogEventEndIndex": 1}, 1),
        ([-30 * DAY], None, {"tooOldLogEventEndIndex": 1}, 0),
        ([3 * HOUR], None, {"tooNewLogEventStartIndex": 0}, 0),
        ([0], 1, {}, 1),
    ],
)
def test_events_of_another_time_are_rejected(ask, clock, offsets, retention, rejected, kept):
    stream = ask.stream()
    if retention:
        ask("PutRetentionPolicy", logGroupName="g", retentionInDays=retention)
    answer = ask("PutLogEvents", **stream, logEvents=items(*(clock.now + offset for offset in offsets)))
    assert answer.get("rejectedLogEventsInfo", {}) == rejected
    assert len(ask.messages()) == sum(len(arrival.events) for arrival in ask.arrivals) == kept


NOW = 100 * DAY
OFFSETS = st.integers(-16 * DAY, 4 * HOUR) | st.sampled_from([-14 * DAY, 2 * HOUR, 2 * HOUR + 1, -14 * DAY - 1, -DAY])


@given(offsets=st.lists(OFFSETS, min_size=1), retention=st.sampled_from([None, 1, 14, 30]))
def test_the_indices_tell_which_were_rejected(offsets, retention):
    events = [Event(NOW + offset, "x") for offset in sorted(offsets)]
    horizon = None if retention is None else NOW - retention * DAY
    fine = [
        event
        for event in events
        if NOW - 14 * DAY <= event.timestamp <= NOW + 2 * HOUR and (horizon is None or event.timestamp >= horizon)
    ]
    if fine and fine[-1].timestamp - fine[0].timestamp > DAY:
        with pytest.raises(InvalidParameter, match="cannot span more than 24 hours"):
            accepted(events, NOW, horizon)
        return
    batch = accepted(events, NOW, horizon)
    assert list(batch.events) == fine
    rejected = batch.rejected
    first = max(rejected.get("tooOldLogEventEndIndex", 0), rejected.get("expiredLogEventEndIndex", 0))
    assert events[first : rejected.get("tooNewLogEventStartIndex", len(events))] == fine


def test_a_batch_may_span_a_day(ask, clock):
    stream = ask.stream()
    ask("PutLogEvents", **stream, logEvents=items(clock.now - DAY, clock.now))
    with pytest.raises(InvalidParameter, match="cannot span more than 24 hours"):
        ask("PutLogEvents", **stream, logEvents=items(clock.now - DAY - 1, clock.now))
    ask("PutLogEvents", **stream, logEvents=items(clock.now - 20 * DAY, clock.now))  # only what is valid counts
    assert len(ask.messages()) == 3


def test_the_largest_batches_are_accepted():
    assert len(read_events(items(*range(10_000)))) == 10_000
    assert len(read_events([{"timestamp": 1, "message": "x" * (MOST_BYTES - 26)}])) == 1
    half = MOST_BYTES // 2 - 26
    assert len(read_events([{"timestamp": 1, "message": "é" * (half // 2)}] * 2)) == 2


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        (None, "'logEvents' failed .* greater than or equal to 1"),
        ([], "greater than or equal to 1"),
        ({"timestamp": 1}, "'logEvents' failed"),
        (items(*range(10_001)), "less than or equal to 10000"),
        ([{"timestamp": 1, "message": "é" * (MOST_BYTES // 2 - 12)}], "Log event too large: 1048578 bytes exceeds"),
        ([{"timestamp": 1, "message": "x" * (MOST_BYTES // 2 - 25)}] * 2, "Upload too large: 1048578 bytes exceeds"),
        (items(2, 1), "chronological order"),
        ([{"message": "x"}], "must have a timestamp and a message"),
        (["x"], "must have a timestamp and a message"),
        ([{"timestamp": "1", "message": "x"}], "whole number of milliseconds"),
        ([{"timestamp": True, "message": "x"}], "whole number of milliseconds"),
        ([{"timestamp": -1, "message": "x"}], "whole number of milliseconds"),
        ([{"timestamp": 1.5, "message": "x"}], "whole number of milliseconds"),
        ([{"timestamp": 1, "message": ""}], "a text with content"),
        ([{"timestamp": 1, "message": None}], "a text with content"),
    ],
)
def test_broken_batches_are_explained(events, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        read_events(events)


def test_a_group_that_is_deleted_meanwhile_leaves_no_event_behind(ask):
    stream = ask.stream()
    stop = threading.Event()

    def write():
        while not stop.is_set():
            try:
                ask("PutLogEvents", **stream, logEvents=items(ask.now))
            except ResourceNotFound:
                return

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    try:
        ask("DeleteLogGroup", logGroupName="g")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    ask.stream()
    assert ask.messages() == []
