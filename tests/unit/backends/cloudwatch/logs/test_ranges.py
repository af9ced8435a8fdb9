from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.logs import ranges
from refapp.backends.cloudwatch.logs.places import Token, place_of
from refapp.backends.cloudwatch.logs.ranges import Range


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two groups of three streams each, whose events are not in the order of time."""
    with EventStore(tmp_path_factory.mktemp("store") / "events.duckdb") as store:
        for number in range(240):
            group, stream = "gh"[number % 2], "abc"[number % 3]
            text = f"{number} {'éx'[number % 2]} {'%' if number % 5 else '_'} \x00 {'x' * (number % 7)}"
            store.append(group, stream, [Event(number * 7 % 100, text)], 1)
        yield store


@pytest.fixture(scope="module")
def everything(store):
    """All events in the order of their places."""
    events = [
        event for group in "gh" for event in Range(group, None, None, None).events(store, Token.first(backwards=False))
    ]
    assert len(events) == 240
    return sorted(events, key=place_of)


TIMES = st.none() | st.integers(0, 100)
NEEDLES = st.lists(st.sampled_from(["1", "é", "%", "_", "xx", "no", "\x00", "'", "1 "]), max_size=2)
STREAMS = st.none() | st.lists(st.sampled_from(["a", "b", "no"]), max_size=2)


@settings(max_examples=100, deadline=None)
@given(
    span=st.builds(Range, st.sampled_from(["g", "no"]), STREAMS, TIMES, TIMES, NEEDLES),
    backwards=st.booleans(),
    after=st.none() | st.integers(0, 239),
    first=st.sampled_from([1, 3, 64]),
)
def test_a_range_is_what_it_is_said_to_be(store, everything, span, backwards, after, first):
    token = Token.first(backwards=backwards) if after is None else Token(place_of(everything[after]), backwards)
    expected = [
        event
        for event in everything
        if event.group == span.group
        and (span.streams is None or event.stream in span.streams)
        and (span.start is None or event.timestamp >= span.start)
        and (span.end is None or event.timestamp < span.end)
        and all(needle in event.message for needle in span.needles)
        and (place_of(event) < token.place if backwards else place_of(event) > token.place)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "_FIRST_READ", first)
        found = list(span.events(store, token))
    assert found == (expected[::-1] if backwards else expected)


@pytest.mark.parametrize("needles", [(), ("x",)])
def test_large_events_are_read_one_by_one(tmp_path, monkeypatch, needles):
    monkeypatch.setattr(ranges, "_FIRST_READ", 2)
    monkeypatch.setattr(ranges, "_LARGEST_READ", 1000)
    read = []
    with EventStore(tmp_path / "events.duckdb") as store:
        store.append("g", "s", [Event(number, "x" * 600) for number in range(20)], 1)
        original = Range._read
        monkeypatch.setattr(Range, "_read", lambda *args: read.append(args[-1]) or original(*args))
        assert (
            len(list(islice(Range("g", None, None, None, needles).events(store, Token.first(backwards=False)), 5))) == 5
        )
    assert read == [2, 1, 1, 1]
