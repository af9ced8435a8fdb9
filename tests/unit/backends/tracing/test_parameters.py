import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.tracing import parameters
from refapp.backends.tracing.parameters import ParameterError


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1.2ms", 1200),
        ("100us", 100),
        ("100µs", 100),
        ("3s", 3_000_000),
        ("1m30s", 90_000_000),
        (".5h", 1_800_000_000),
        ("0", 0),
        ("999ns", 0),
        ("1500ns", 1),
        ("", None),
        ("9" * 40 + "h", 2**63 - 1),
    ],
)
def test_durations(text, microseconds):
    assert parameters.duration({"minDuration": text}, "minDuration") == microseconds


@pytest.mark.parametrize("text", ["5", "ms", "1 ms", "-1ms", "1msx", "1.2.3s", "1d", "1" * 100 + "s"])
def test_what_is_no_duration(text):
    with pytest.raises(ParameterError, match=r"minDuration is .* such as 1\.2ms"):
        parameters.duration({"minDuration": text}, "minDuration")


@given(text=st.text(max_size=70))
def test_any_text_is_a_duration_or_refused(text):
    try:
        value = parameters.duration({"d": text}, "d")
    except ParameterError:
        return
    assert value is None or 0 <= value < 2**63


@pytest.mark.parametrize("text", ["-1", "x", "1.0", "²", "1" * 20, str(2**63)])
def test_what_is_no_whole_number(text):
    with pytest.raises(ParameterError, match="endTs is"):
        parameters.whole({"endTs": text}, "endTs", 0)


@pytest.mark.parametrize("text", ["0", "1501"])
def test_a_limit_has_bounds(text):
    with pytest.raises(ParameterError, match="limit is"):
        parameters.limit({"limit": text}, 10)
    assert parameters.limit({}, 10) == 10


def test_a_range_that_holds_nothing():
    with pytest.raises(ParameterError, match="must not be shorter"):
        parameters.check_range(5, 4)
    parameters.check_range(5, 5)
    parameters.check_range(None, 4)


def test_a_window():
    assert parameters.window({"endTs": "5000", "lookback": "1000"}, 1) == (4_000_000, 5_000_999)
    assert parameters.window({"endTs": "5"}, 1000) == (0, 5999)
    before = time.time_ns() // 1000
    start, end = parameters.window({}, 1000)
    assert end >= before - 1000
    assert end - start == 1_000_999
