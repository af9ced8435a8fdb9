import threading

import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, LimitExceeded, ResourceNotFound
from refapp.backends.cloudwatch.logs import livetail
from refapp.backends.cloudwatch.logs.livetail import Tails

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"


@pytest.fixture
def tails(ask):
    """Sessions of a region with two groups; an update comes as soon as it is asked for."""
    tails = Tails(period=0)
    ask.region.watchers = [tails]
    for group in ("g", "h"):
        ask.stream("s1", group)
        ask.stream("s2", group)
    yield tails
    tails.end()


def start(tails, ask, *groups, **members):
    return tails.start(ask.region, {"logGroupIdentifiers": [ARN + group for group in groups or "g"], **members})


def texts(session):
    kind, update = next(session)
    assert kind == "sessionUpdate"
    return [event["message"] for event in update["sessionResults"]]


def test_a_session_says_what_it_is_about(tails, ask):
    session = start(tails, ask, logStreamNamePrefixes=["s"], logEventFilterPattern="ERROR")
    kind, content = next(session)
    assert kind == "sessionStart"
    assert len({content.pop("requestId"), content.pop("sessionId")}) == 2
    assert content == {
        "logGroupIdentifiers": [f"{ARN}g"],
        "logStreamNames": [],
        "logStreamNamePrefixes": ["s"],
        "logEventFilterPattern": "ERROR",
    }
    session.close()


def test_events_come_once(tails, ask, clock):
    ask.put("before", stream="s1")
    session = start(tails, ask)
    next(session)
    ask.put("b", stream="s1", start=clock.now + 5)
    ask.put("a", stream="s2", start=clock.now)
    _, update = next(session)
    assert update == {
        "sessionMetadata": {"sampled": False},
        "sessionResults": [
            {
                "logStreamName": stream,
                "logGroupIdentifier": f"{ARN}g",
                "message": message,
                "timestamp": timestamp,
                "ingestionTime": clock.now,
            }
            for stream, message, timestamp in (("s2", "a", clock.now), ("s1", "b", clock.now + 5))
        ],
    }
    assert texts(session) == []
    session.close()


@pytest.mark.parametrize(
    ("groups", "members", "found"),
    [
        ("g", {}, ["g s1 ERROR", "g s2 fine"]),
        ("gh", {}, ["g s1 ERROR", "g s2 fine", "h s1 ERROR", "h s2 fine"]),
        ("gh", {"logEventFilterPattern": "ERROR"}, ["g s1 ERROR", "h s1 ERROR"]),
        ("h", {"logStreamNames": ["s2"]}, ["h s2 fine"]),
        ("h", {"logStreamNamePrefixes": ["x", "s"]}, ["h s1 ERROR", "h s2 fine"]),
        ("h", {"logStreamNamePrefixes": ["x"]}, []),
    ],
)
def test_events_are_chosen(tails, ask, groups, members, found):
    session = start(tails, ask, *groups, **members)
    next(session)
    for group in ("g", "h"):
        ask.put(f"{group} s1 ERROR", stream="s1", group=group)
        ask.put(f"{group} s2 fine", stream="s2", group=group)
    assert sorted(texts(session)) == found
    session.close()


def test_of_many_events_there_is_a_sample(tails, ask):
    session = start(tails, ask)
    next(session)
    ask.put(*map(str, range(1200)), stream="s1", step=1)
    _, update = next(session)
    messages = [int(event["message"]) for event in update["sessionResults"]]
    assert (len(messages), update["sessionMetadata"]) == (500, {"sampled": True})
    assert messages == sorted(set(messages))
    assert messages[-1] >= 500  # not merely the first ones
    ask.put("one", stream="s1")
    assert next(session)[1]["sessionMetadata"] == {"sampled": False}
    session.close()


def test_there_are_four_at_most_and_a_closed_one_makes_room(tails, ask):
    sessions = [start(tails, ask) for _ in range(4)]
    with pytest.raises(LimitExceeded, match="4 Live Tail sessions are open"):
        start(tails, ask)
    sessions.pop().close()  # although nobody read it
    sessions.append(start(tails, ask))
    for session in sessions:
        session.close()
    assert tails._sessions == []


def test_a_session_ends_after_three_hours(tails, ask, monkeypatch):
    session = start(tails, ask)
    next(session)
    monkeypatch.setattr(livetail, "LONGEST_SESSION", -1)
    late = start(tails, ask)
    assert [kind for kind, _ in late] == ["sessionStart", "SessionTimeoutException"]
    assert next(session)[0] == "sessionUpdate"
    session.close()


def test_the_end_of_the_server_ends_the_sessions(ask):
    tails = Tails(period=60)
    ask.stream()
    session = start(tails, ask)
    assert next(session)[0] == "sessionStart"
    waiting = threading.Thread(target=lambda: list(session))
    waiting.start()
    tails.end()
    waiting.join(20)
    assert not waiting.is_alive()
    assert tails._sessions == []


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({}, "'logGroupIdentifiers' failed"),
        ({"logGroupIdentifiers": []}, "list of 1 to 10"),
        ({"logGroupIdentifiers": ["g"]}, "must be an ARN without an asterisk"),
        ({"logGroupIdentifiers": [f"{ARN}g"], "logStreamNames": ["a"], "logStreamNamePrefixes": ["b"]}, "Only one of"),
        ({"logGroupIdentifiers": [f"{ARN}g", f"{ARN}h"], "logStreamNames": ["a"]}, "with a single log group only"),
        ({"logGroupIdentifiers": [f"{ARN}g"], "logEventFilterPattern": "{"}, "Invalid filter pattern"),
        ({"logGroupIdentifiers": [f"{ARN}g"], "other": 1}, "other: not supported"),
    ],
)
def test_what_is_refused(tails, ask, members, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        tails.start(ask.region, members)
    assert tails._sessions == []


def test_there_has_to_be_a_group(tails, ask):
    with pytest.raises(ResourceNotFound, match="log group does not exist"):
        start(tails, ask, "no")
