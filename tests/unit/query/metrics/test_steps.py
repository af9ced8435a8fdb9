from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.metrics.steps import nice_step, window

END = datetime(2026, 11, 23, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_figure_can_show_each_point(length):
    step = nice_step(length)
    assert step >= timedelta(seconds=1)
    assert length / step <= 250
    shorter = step / 3
    assert shorter < timedelta(seconds=1) or length / shorter > 250 or step <= timedelta(seconds=2)


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 1), (5, 2), (60, 15), (24 * 60, 600), (30 * 24 * 60, 10800)])
def test_steps(minutes, seconds):
    assert nice_step(minutes * MINUTE).total_seconds() == seconds


def test_five_minutes_are_the_default():
    span = window(None, END, None, None)
    assert (span.start, span.end, span.step) == (END - 5 * MINUTE, END, timedelta(seconds=2))


def test_what_ends_now_lies_on_multiples_of_the_step():
    span = window(None, None, timedelta(hours=1), 15)
    assert span.start.timestamp() % 15 == span.end.timestamp() % 15 == 0
    assert span.end - span.start == timedelta(hours=1)
    assert timedelta(0) <= datetime.now(UTC) - span.end < timedelta(seconds=60)


def test_a_span_that_is_given_stays():
    start = END - timedelta(seconds=7.5)
    assert window(start, END, None, 2) == (start, END, timedelta(seconds=2))


def test_a_time_without_its_zone_is_local():
    local = END.astimezone().replace(tzinfo=None)
    assert window(None, local, None, None).end == END


@pytest.mark.parametrize(
    ("start", "end", "last", "step", "reason"),
    [
        (END, None, MINUTE, None, "not both"),
        (END, END - MINUTE, None, None, "begin"),
        (None, END, -MINUTE, None, "begin"),
        (None, END, None, 0, "the step is 0"),
        (None, END, None, -MINUTE, "the step is"),
    ],
)
def test_what_contradicts_itself(start, end, last, step, reason):
    with pytest.raises(ValueError, match=reason):
        window(start, end, last, step)
