"""Each line arrives once, whatever befalls the endpoint, the disk, the clock and the process."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.backends.shipper import stream as module

HOUR = 3600
DAY = 24 * HOUR


OUTCOMES = st.sampled_from(["taken", "throttled", "lost", "failed", "crash", "crash before"])
STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 5), st.sampled_from([0, 0, 0.001, -0.002, -5, 3 * HOUR, -3 * DAY])),
    st.tuples(st.just("turn"), OUTCOMES),
    st.tuples(st.just("rotate")),
    st.tuples(st.just("full"), st.booleans()),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40), st.sampled_from([1, 2, 3, 10_000]), st.booleans())
def test_each_line_arrives_once_and_in_its_order(tmp_path_factory, make_situation, steps, most, alike):
    situation = make_situation(tmp_path_factory.mktemp("stream"))
    written = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_EVENTS", most)
        for step, *about in steps:
            if step == "write":
                count, at = about
                lines = ["alike" if alike else f"line {len(written) + number}" for number in range(count)]
                written += lines
                situation.write(*lines, at=at)
            elif step == "turn":
                situation.endpoint.outcomes = about
                situation.turn()
                situation.endpoint.outcomes = []
            elif step == "rotate":
                situation.rotate()
            else:
                situation.disk.full = about[0]
        situation.finish()
    situation.release()
    assert situation.endpoint.lines == written


def test_batches_of_one_time(situation, monkeypatch):
    monkeypatch.setattr(module, "MAX_EVENTS", 2)
    situation.write(*"abcdefgh")
    situation.endpoint.outcomes = ["taken", "taken", "lost"]
    situation.finish()
    assert situation.endpoint.lines == [*"abcdefgh"]


def test_a_stream_that_was_lost_and_made_again_at_the_same_time(situation, monkeypatch):
    monkeypatch.setattr(module, "MAX_EVENTS", 2)
    situation.write(*"abcdefgh")
    situation.turn()
    situation.endpoint.events.clear()
    with monkeypatch.context() as context:
        put = situation.endpoint.put
        context.setattr(situation.endpoint, "put", lambda *about: put(*about)._replace(created=True))
        situation.turn()
    situation.endpoint.outcomes = ["lost"]
    situation.finish()
    assert situation.endpoint.lines == [*"cdefgh"]


def test_a_clock_that_was_put_back_far_does_not_stop_the_stream(situation):
    ahead = (int(time.time()) + 5 * HOUR) * 1000
    situation.stream.checkpoint = replace(situation.stream.checkpoint, timestamp=ahead, same=1)
    situation.endpoint.events.append((ahead, '{"log": "before"}'))
    situation.endpoint.outcomes = ["lost"]
    situation.write("one", "two")
    situation.finish()
    situation.write("three")
    situation.finish()
    assert situation.endpoint.lines == ["before", "one", "two", "three"]
    assert max(timestamp for timestamp, _ in situation.endpoint.events[1:]) < (time.time() + 2 * HOUR) * 1000


def test_a_crash_after_an_event_was_dropped(situation):
    situation.write("0", "1", "bad", "3")
    situation.endpoint.outcomes = ["taken"] * 5 + ["crash"]
    situation.finish()
    assert situation.endpoint.lines == ["0", "1", "3"]


def test_nobody_is_asked_at_once_what_became_of_a_batch(situation):
    settle = situation.services.settle
    situation.write("a")
    situation.endpoint.outcomes = ["throttled", "lost"]
    situation.turn()
    assert situation.stream.ready_at < time.monotonic() + settle
    before = time.monotonic()
    situation.turn()
    assert situation.stream.ready_at >= before + settle
    before = time.monotonic()
    situation.start_again()
    assert situation.stream.ready_at >= before + settle


def test_events_of_somebody_else_cost_no_line_that_comes_later(situation, caplog):
    situation.endpoint.events += [(int(time.time() * 1000), '{"log": "other"}')] * 3
    situation.start_again()
    situation.write("one")
    situation.finish()
    situation.write("two")
    situation.finish()
    assert situation.endpoint.lines == ["other"] * 3 + ["two"]
    assert "holds 2 events that are not of this shipper" in caplog.text


def test_an_endpoint_that_has_lost_all_is_believed(situation):
    situation.write("one")
    situation.finish()
    situation.endpoint.events.clear()
    situation.write("two")
    situation.endpoint.outcomes = ["failed"]
    situation.finish()
    situation.write("three")
    situation.endpoint.outcomes = ["lost"]
    situation.finish()
    assert situation.endpoint.lines == ["two", "three"]


def test_a_clean_end_in_doubt(situation):
    situation.write("a")
    situation.endpoint.outcomes = ["lost"]
    situation.turn()
    situation.stream.close(busy=False)
    assert not situation.disk.kept["source"].sure
    situation.finish()
    situation.stream.close(busy=False)
    assert situation.disk.kept["source"].sure
    situation.stream.close(busy=True)
    assert not situation.disk.kept["source"].sure


def test_an_end_while_lines_are_passed_over(situation, monkeypatch):
    monkeypatch.setattr(module, "MAX_EVENTS", 10)
    situation.disk.full = True
    situation.write(*(f"{number}" for number in range(30)))
    situation.finish()
    situation.disk.full = False
    situation.start_again()
    situation.turn()
    situation.stream.close(busy=False)
    situation.start_again()
    situation.finish()
    assert situation.endpoint.lines == [f"{number}" for number in range(30)]
