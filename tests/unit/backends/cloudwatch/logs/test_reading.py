import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound
from refapp.backends.cloudwatch.events.store import Event
from refapp.backends.cloudwatch.logs import ranges, reading
from refapp.backends.cloudwatch.logs.regions import DAY

STREAM = {"logGroupName": "g", "logStreamName": "s"}


def messages(answer):
    return [event["message"] for event in answer["events"]]


@pytest.fixture
def ten(ask):
    """A stream of the events 0 to 9."""
    ask.stream()
    ask.put(*map(str, range(10)), step=1000)
    return ask


def test_the_latest_events_come_first_but_in_the_order_of_time(ten):
    assert messages(ten("GetLogEvents", **STREAM, limit=3)) == ["7", "8", "9"]
    assert messages(ten("GetLogEvents", **STREAM, limit=3, startFromHead=True)) == ["0", "1", "2"]
    assert len(messages(ten("GetLogEvents", **STREAM))) == 10


def test_an_event_has_its_times(ask, clock):
    ask.stream()
    ask.put("x", start=clock.now - 5)
    assert ask("GetLogEvents", **STREAM)["events"] == [
        {"timestamp": clock.now - 5, "message": "x", "ingestionTime": clock.now}
    ]


def test_the_end_is_excluded_by_one_and_included_by_the_other(ten):
    span = {"startTime": ten.now + 2000, "endTime": ten.now + 4000}
    assert messages(ten("GetLogEvents", **STREAM, **span)) == ["2", "3"]
    assert messages(ten("FilterLogEvents", logGroupName="g", **span)) == ["2", "3", "4"]


def test_pages_run_forwards_to_the_end_and_go_on_when_there_is_more(ten):
    token, found = {"startFromHead": True}, []
    for _ in range(4):
        answer = ten("GetLogEvents", **STREAM, limit=4, **token)
        token = {"nextToken": answer["nextForwardToken"]}
        found.append(messages(answer))
    assert found == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"], []]
    again = ten("GetLogEvents", **STREAM, **token)
    assert (again["nextForwardToken"], again["events"]) == (token["nextToken"], [])
    ten.put("10", start=ten.now + 10_000)
    assert messages(ten("GetLogEvents", **STREAM, **token)) == ["10"]


def test_pages_run_backwards_to_the_beginning(ten):
    token, found = {}, []
    for _ in range(4):
        answer = ten("GetLogEvents", **STREAM, limit=4, **token)
        token = {"nextToken": answer["nextBackwardToken"]}
        found.append(messages(answer))
    assert found == [["6", "7", "8", "9"], ["2", "3", "4", "5"], ["0", "1"], []]
    again = ten("GetLogEvents", **STREAM, **token)
    assert (again["nextBackwardToken"], again["events"]) == (token["nextToken"], [])


def test_one_may_turn_back(ten):
    def page(token):
        return ten("GetLogEvents", **STREAM, limit=4, nextToken=token)

    middle = page(ten("GetLogEvents", **STREAM, limit=4, startFromHead=True)["nextForwardToken"])
    assert messages(page(middle["nextBackwardToken"])) == ["0", "1", "2", "3"]
    assert messages(page(middle["nextForwardToken"])) == ["8", "9"]
    end = page(page(middle["nextForwardToken"])["nextForwardToken"])
    assert (messages(end), messages(page(end["nextBackwardToken"]))) == ([], ["6", "7", "8", "9"])
    start = page(page(page(middle["nextBackwardToken"])["nextBackwardToken"])["nextBackwardToken"])
    assert (messages(start), messages(page(start["nextForwardToken"]))) == ([], ["0", "1", "2", "3"])


@pytest.mark.parametrize("from_head", [True, False])
def test_an_empty_stream_may_be_followed(ask, from_head):
    ask.stream()
    answer = ask("GetLogEvents", **STREAM, startFromHead=from_head)
    assert answer["events"] == []
    ask.put("a", "b")
    assert messages(ask("GetLogEvents", **STREAM, nextToken=answer["nextForwardToken"])) == ["a", "b"]
    assert messages(ask("GetLogEvents", **STREAM, nextToken=answer["nextBackwardToken"])) == []


def test_a_page_has_a_megabyte_at_most_but_at_least_one_event(ask):
    ask.stream()
    for name in "abc":
        ask.put(name * 600_000, start=ask.now + ord(name))
    ask.put("d" * (reading.MOST_BYTES - 26), start=ask.now + 200)
    token, found = {"startFromHead": True}, ""
    for _ in range(4):
        answer = ask("GetLogEvents", **STREAM, **token)
        token = {"nextToken": answer["nextForwardToken"]}
        found += "".join(message[0] for message in messages(answer))
        assert len(answer["events"]) == 1
    assert found == "abcd"
    first = ask("FilterLogEvents", logGroupName="g", filterPattern="?a ?c")
    assert [message[0] for message in messages(first)] == ["a"]
    second = ask("FilterLogEvents", logGroupName="g", filterPattern="?a ?c", nextToken=first["nextToken"])
    assert [message[0] for message in messages(second)] == ["c"]
    assert "nextToken" not in second


def test_streams_are_interleaved_and_may_be_chosen(ask):
    for place, name in enumerate(("a1", "b", "a2", "never")):
        ask.stream(name)
        if name != "never":
            ask.put(f"{name} first", f"{name} then", stream=name, step=100, start=ask.now + place)
    all_of_them = ["a1 first", "b first", "a2 first", "a1 then", "b then", "a2 then"]
    assert ask.messages() == ask.messages(interleaved=False) == all_of_them
    assert ask.messages(logStreamNames=["b", "never"]) == ["b first", "b then"]
    assert ask.messages(logStreamNamePrefix="a", filterPattern="then") == ["a1 then", "a2 then"]
    assert ask.messages(logStreamNamePrefix="x") == []
    with pytest.raises(ResourceNotFound, match="log stream does not exist"):
        ask.messages(logStreamNames=["b", "no"])


def test_what_a_search_says_of_an_event(ask, clock):
    ask.stream()
    ask.put("ERROR", "fine", start=clock.now - 10)
    answer = ask("FilterLogEvents", logGroupName="g", filterPattern="ERROR")
    (event,) = answer["events"]
    assert len(event.pop("eventId")) == 56
    assert event == {
        "logStreamName": "s",
        "timestamp": clock.now - 10,
        "message": "ERROR",
        "ingestionTime": clock.now,
    }
    assert answer["searchedLogStreams"] == []


def test_a_search_may_run_backwards(ten):
    search = {"logGroupName": "g", "startFromHead": False, "startTime": ten.now + 1000}
    first = ten("FilterLogEvents", **search, limit=2)
    second = ten("FilterLogEvents", **search, nextToken=first["nextToken"])
    assert messages(first) + messages(second) == list("987654321")
    for members in ({}, {"startTime": 1_704_067_199_999}):
        with pytest.raises(InvalidParameter, match="startFromHead can be false only with a startTime"):
            ten("FilterLogEvents", logGroupName="g", startFromHead=False, **members)


def test_a_search_stops_now_and_then(ten, monkeypatch):
    monkeypatch.setattr(reading, "MOST_SEARCHED", 4)
    token, found = {}, []
    while token is not None:
        answer = ten("FilterLogEvents", logGroupName="g", filterPattern="?0 ?9", **token)
        found.append(messages(answer))
        token = {"nextToken": answer["nextToken"]} if "nextToken" in answer else None
    assert found == [["0"], [], ["9"]]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(st.integers(0, 20), min_size=1, max_size=40),
    size=st.integers(1, 15),
    backwards=st.booleans(),
    span=st.tuples(st.none() | st.integers(0, 20), st.none() | st.integers(0, 20)),
    first=st.sampled_from([1, 3, 64]),
)
def test_pages_have_all_events_once_in_their_order(ask, monkeypatch, times, size, backwards, span, first):
    monkeypatch.setattr(ranges, "_FIRST_READ", first)
    group = f"g{time.perf_counter_ns()}"
    ask.stream("s", group)
    for number, moment in enumerate(times):
        ask.region.store.append(group, "s", [Event(moment, str(number))], 1)
    bounds = {name: value for name, value in zip(("startTime", "endTime"), span, strict=True) if value is not None}
    start, end = span
    if start is not None and end is not None and start > end:
        with pytest.raises(InvalidParameter, match="must not be before startTime"):
            ask("GetLogEvents", logGroupName=group, logStreamName="s", **bounds)
        return
    expected = [
        str(number)
        for moment, number in sorted((moment, number) for number, moment in enumerate(times))
        if (start is None or moment >= start) and (end is None or moment < end)
    ]
    token, found = {"startFromHead": not backwards}, []
    while True:
        answer = ask("GetLogEvents", logGroupName=group, logStreamName="s", limit=size, **bounds, **token)
        following = answer["nextBackwardToken" if backwards else "nextForwardToken"]
        if following == token.get("nextToken"):
            break
        found = messages(answer) + found if backwards else found + messages(answer)
        assert len(answer["events"]) <= size
        token = {"nextToken": following}
    assert found == expected


@pytest.mark.parametrize(
    "token", ["x", "f/12", "g/" + "0" * 56, "f/" + "9" * 56, "f/" + "0" * 55 + "x", "f/" + "0" * 57, ""]
)
@pytest.mark.parametrize("operation", ["GetLogEvents", "FilterLogEvents"])
def test_a_token_that_was_never_given_out(ask, operation, token):
    ask.stream()
    members = STREAM if operation == "GetLogEvents" else {"logGroupName": "g"}
    with pytest.raises(InvalidParameter, match="nextToken"):
        ask(operation, **members, nextToken=token)


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"limit": 10_001}, "less than or equal to 10000"),
        ({"limit": 0}, "greater than or equal to 1"),
        ({"startTime": -1}, "greater than or equal to 0"),
        ({"endTime": 2**62 + 1}, "less than or equal to"),
        ({"startTime": "1"}, "whole number"),
        ({"filterPattern": "{ $.a"}, "Invalid filter pattern: unexpected end"),
        ({"filterPattern": "x" * 1025}, "less than or equal to 1024"),
        ({"logStreamNames": ["a"], "logStreamNamePrefix": "a"}, "Only one of"),
        ({"logStreamNames": []}, "list of 1 to 100"),
    ],
)
def test_what_is_refused(ask, members, complaint):
    ask.stream()
    with pytest.raises(InvalidParameter, match=complaint):
        ask("FilterLogEvents", logGroupName="g", **members)


def test_expired_events_are_not_read(ask, clock):
    ask.stream()
    ask("PutRetentionPolicy", logGroupName="g", retentionInDays=1)
    ask.put("old", "new", start=clock.now - DAY + 5, step=DAY - 10)
    clock.now += 10
    assert ask.messages() == ["new"]
    assert ask.messages(startTime=0) == ["new"]
    assert messages(ask("GetLogEvents", **STREAM, startFromHead=True)) == ["new"]
