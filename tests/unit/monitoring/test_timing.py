import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.monitoring.timing import DAY, HOUR, LOCAL, MINUTE, SECOND, Timing, duration

LENGTHS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
TIMES = st.timedeltas(timedelta(milliseconds=1), 40 * DAY)
TIMINGS = st.builds(Timing, interval=st.timedeltas(timedelta(milliseconds=1), MINUTE), scale=st.floats(0.001, 2))


def seconds(text):
    assert re.fullmatch(r"(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?", text)
    return sum(int(number) * LENGTHS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", text))


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=250), "250ms"),
        (SECOND, "1s"),
        (1.2 * SECOND, "2s"),
        (100 * SECOND, "1m40s"),
        (3 * MINUTE, "3m"),
        (3 * DAY + HOUR, "3d1h"),
    ],
)
def test_durations(time, text):
    assert duration(time) == text


@given(TIMES)
def test_a_duration_is_never_too_short_and_hardly_too_long(time):
    said = seconds(duration(time))
    assert time.total_seconds() - 1e-5 <= said < time.total_seconds() + (1 if time > SECOND else 0.001)


def test_a_scale_of_one_changes_nothing():
    assert (Timing().lasting(3 * MINUTE), Timing().window(5 * MINUTE)) == ("3m", "5m")


def test_the_times_of_the_local_target():
    assert (LOCAL.every(), LOCAL.lasting(3 * MINUTE), LOCAL.window(5 * MINUTE)) == ("2s", "12s", "20s")
    assert (LOCAL.lasting(SECOND), LOCAL.window(SECOND)) == ("4s", "8s")


@given(TIMINGS, TIMES)
def test_no_time_is_shorter_than_the_scrapes_it_needs(timing, time):
    interval = timing.interval.total_seconds()
    assert seconds(timing.lasting(time)) >= 2 * interval - 1e-5
    assert seconds(timing.window(time)) >= 4 * interval - 1e-5


@pytest.mark.parametrize(
    "broken", [{"scale": 0}, {"scale": -1}, {"scale": float("inf")}, {"scale": float("nan")}, {"interval": 0 * SECOND}]
)
def test_a_time_that_cannot_be(broken):
    with pytest.raises(ValueError, match=r"has to be"):
        Timing(**broken)
