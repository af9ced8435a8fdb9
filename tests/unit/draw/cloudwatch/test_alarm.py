from datetime import timedelta

import numpy as np
import pytest

from refapp.draw.cloudwatch.alarm import alarm, condition, unit_of
from refapp.draw.cloudwatch.states import STATES


def bands(figure):
    """The states from left to right, with the share of the plot that each has."""
    found = [
        part for part in figure.axes[0].patches + figure.axes[0].artists if (part.get_gid() or "").startswith("band ")
    ]
    found = sorted(found, key=lambda part: part.get_x())
    whole = sum(part.get_width() for part in found)
    return [(part.get_gid().removeprefix("band "), part.get_facecolor(), part.get_width() / whole) for part in found]


def test_the_band_shows_how_the_state_has_been(make_alarm):
    found = bands(alarm(make_alarm()))
    assert [state for state, *_ in found] == ["INSUFFICIENT_DATA", "OK", "ALARM"]
    assert [share for *_, share in found] == [pytest.approx(0.2), pytest.approx(0.4), pytest.approx(0.4)]
    assert len({colour for _, colour, _ in found}) == 3


def test_the_band_is_as_wide_as_the_plot(make_alarm):
    figure = alarm(make_alarm())
    plot = figure.axes[1].get_position()
    found = [
        part for part in figure.axes[0].artists + figure.axes[0].patches if (part.get_gid() or "").startswith("band ")
    ]
    width = figure.get_figwidth()
    assert min(part.get_x() for part in found) == pytest.approx(plot.x0 * width)
    assert max(part.get_x() + part.get_width() for part in found) == pytest.approx(plot.x1 * width)


def test_it_says_what_is_compared_and_why_it_is_as_it_is(make_alarm, drawn):
    texts = drawn(alarm(make_alarm()))
    assert texts["title"] == "network-transmission"
    assert texts["state"] == "In alarm"
    assert texts["facts"] == (
        "pod_network_tx_bytes (Average, 60 s) > 12 kB/s   ·   2026-03-01 12:00:00 to 12:10:00 UTC"
    )
    assert texts["reason 0"].startswith("Threshold Crossed")
    assert [texts[f"key {state}"] for state in STATES] == [state.text for state in STATES.values()]


def test_the_values_are_seen_with_the_threshold(make_alarm, parts):
    found = parts(alarm(make_alarm()))
    assert list(found["values pod_network_tx_bytes"].get_ydata())[:2] == [3000, 4500]
    assert set(found["values threshold"].get_ydata()) == {12_000}


def test_only_states_that_were_are_in_the_key(make_alarm, history, drawn):
    texts = drawn(alarm(make_alarm(history=history(), state="OK")))
    assert "key OK" in texts
    assert "key ALARM" not in texts


def test_a_composite_alarm_has_no_values_to_show(make_alarm, frame):
    composite = make_alarm(measured=frame({}), watches="ALARM(x)", period=None, threshold=float("nan"))
    with pytest.raises(ValueError, match="no values"):
        alarm(composite)
    assert condition(composite) == "ALARM(x)"


def test_an_expression_has_no_statistic(make_alarm):
    found = make_alarm(watches="SUM(METRICS())", statistic="", period=timedelta(minutes=5))
    assert condition(found) == "SUM(METRICS()) (expression, 300 s) > 12000"


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("pod_cpu_utilization", "percent"),
        ("pod_memory_utilization_over_pod_limit", "percent"),
        ("node_cpu_reserved_capacity", "percent"),
        ("pod_network_rx_bytes", "Bps"),
        ("node_network_total_bytes", "Bps"),
        ("node_memory_working_set", "bytes"),
        ("node_number_of_running_pods", ""),
    ],
)
def test_metrics_have_the_units_of_container_insights(metric, unit):
    assert unit_of(metric) == unit


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"name": "an alarm with a name " * 5, "reason": "because " * 200},
        {"name": "$x$", "reason": "קבלת הזמנה: $1 to $2\nnew line"},
        {"state": "INSUFFICIENT_DATA", "reason": ""},
    ],
)
def test_every_alarm_is_readable(make_alarm, flaws, drawn, more):
    figure = alarm(make_alarm(**more))
    drawn(figure)
    assert flaws(figure) == []


def test_gaps_in_the_values_are_no_trouble(make_alarm, frame, drawn):
    values = frame({"m": [1.0, np.nan, 3.0, np.nan]})
    drawn(alarm(make_alarm(measured=values)))
