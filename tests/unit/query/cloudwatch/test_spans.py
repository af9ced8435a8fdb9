from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.cloudwatch.spans import duration, milliseconds, moment, span

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172_800), ("1w", 604_800), ("250ms", 0.25), ("0.5h", 1800)],
)
def test_durations_are_written_in_units(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-3m", "15min", "1.h", "1h 30m", "\u0661m"])
def test_anything_else_is_no_duration(text):
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=-1), "0s"])
def test_a_duration_is_positive(length):
    with pytest.raises(ValueError, match="not positive"):
        duration(length)


def test_a_span_ends_now_and_is_an_hour_long_when_nothing_is_said():
    before = datetime.now(UTC)
    found = span()
    assert before <= found.end <= datetime.now(UTC)
    assert found.end - found.start == timedelta(hours=1)


def test_a_span_may_have_a_length_or_a_start():
    assert span("15m", end=START) == (START - timedelta(minutes=15), START)
    assert span(start=START, end=START + timedelta(seconds=1)) == (START, START + timedelta(seconds=1))


def test_times_are_in_utc():
    there = timezone(timedelta(hours=2))
    assert span(start=START.astimezone(there), end=START.astimezone(there)).start.tzinfo is UTC


def test_a_start_and_a_length_contradict_each_other():
    with pytest.raises(ValueError, match="not both"):
        span("1m", START)


def test_a_span_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="after its end"):
        span(start=START, end=START - timedelta(seconds=1))


def test_whole_seconds_hold_all_of_a_span():
    begin = START + timedelta(milliseconds=300)
    found = span(start=begin, end=begin + timedelta(seconds=1))
    assert found.seconds == (int(START.timestamp()), int(START.timestamp()) + 2)
    assert found.ms == (milliseconds(begin), milliseconds(begin) + 1000)


@given(st.integers(-(10**12), 10**13))
def test_milliseconds_are_kept_exactly(ms):
    assert milliseconds(moment(ms)) == ms
