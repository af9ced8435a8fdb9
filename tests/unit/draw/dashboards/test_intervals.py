from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.intervals import duration, intervals, seconds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("250ms", 0.25),
        (">10s", 10),
        ("2d", 172_800),
        ("", None),
        ("x", None),
        ("5", None),
    ],
)
def test_durations_are_read(text, found):
    assert seconds(text) == found


@given(st.floats(min_value=0.001, max_value=1e7))
def test_a_duration_is_read_back(span):
    assert seconds(duration(span)) == pytest.approx(span, abs=0.0011)


@pytest.mark.parametrize(
    ("span", "text"), [(15, "15s"), (120, "2m"), (7200, "2h"), (90, "90s"), (0.5, "500ms"), (2.5, "2500ms")]
)
def test_a_duration_is_one_that_prometheus_reads(span, text):
    assert duration(span) == text


@pytest.mark.parametrize(
    ("minutes", "points", "scrape", "step"), [(15, 600, 2, 2), (60, 600, 2, 5), (60, 100, 15, 30), (1440, 600, 15, 120)]
)
def test_the_step_is_round_and_no_shorter_than_a_scrape(minutes, points, scrape, step):
    assert intervals(timedelta(minutes=minutes), points, scrape=scrape).step == step


def test_a_rate_sees_four_scrapes_or_a_step_and_one():
    assert intervals(timedelta(minutes=5), 600, scrape=2).rate == 8
    assert intervals(timedelta(hours=24), 600, scrape=15).rate == 135
    assert intervals(timedelta(minutes=5), 600, scrape=2, least=10).rate == 40


@given(st.floats(1, 1e8), st.integers(1, 2000), st.floats(0.5, 300), st.integers(1, 10))
def test_prometheus_never_gets_too_many_points(span, points, scrape, factor):
    found = intervals(timedelta(seconds=span), points, scrape=scrape, factor=factor)
    assert span / found.step <= 11_000
    assert found.rate >= 4 * scrape


def test_grafanas_variables_of_time():
    found = intervals(timedelta(minutes=15), 600, scrape=2).variables()
    assert found["__interval"] == "2s"
    assert found["__interval_ms"] == "2000"
    assert found["__rate_interval"] == "8s"
    assert found["__range"] == "15m"
    assert (found["__range_s"], found["__range_ms"]) == ("900", "900000")
