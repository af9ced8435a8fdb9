from dataclasses import replace
from datetime import timedelta

import pytest

from refapp.draw.cloudwatch.performance import performance

LONG = "a-workload-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be-63"


def test_each_tile_has_a_line_for_each_workload(make_performance, parts):
    found = parts(performance(make_performance(["a", "b"])))
    for tile in ("cpu", "memory", "received", "sent"):
        assert f"{tile} a" in found
        assert f"{tile} b" in found
        assert found[f"{tile} a"].get_color() == found["cpu a"].get_color()


def test_the_values_are_those_of_the_frames(make_performance, parts):
    data = make_performance(["a"])
    found = parts(performance(data))
    assert list(found["sent a"].get_ydata()) == data.sent["a"].tolist()
    assert list(found["running pods"].get_ydata()) == data.running["pods"].tolist()


def test_titles_say_what_is_shown(make_performance, make_alarm, drawn):
    texts = drawn(performance(make_performance(["a", "b"]), make_alarm()))
    assert texts["title"] == "Container Insights: namespace dev"
    titles = [texts[f"{tile} title"] for tile in ("cpu", "memory", "received", "sent", "running", "alarm")]
    assert titles == ["CPU utilisation", "Memory utilisation", "Network RX", "Network TX", "Number of pods", "Alarm"]
    assert texts["facts"].startswith("2026-03-01 12:00:00 to 12:29:00 UTC")
    assert [texts["workloads key 0"], texts["workloads key 1"]] == ["a", "b"]


def test_the_alarm_stands_beside_with_its_state(make_performance, make_alarm, drawn, parts):
    figure = performance(make_performance(), make_alarm())
    texts = drawn(figure)
    assert texts["alarm state"] == "In alarm"
    assert texts["alarm name"] == "network-transmission"
    found = parts(figure)
    assert {"alarm threshold", "band OK", "band ALARM"} <= set(found)
    assert found["alarm"].get_position().x0 > found["running"].get_position().x1


def test_the_time_is_that_which_was_asked_about_up_to_the_alarms(make_performance, make_alarm, parts):
    data = make_performance()
    data = replace(data, start=data.start - timedelta(minutes=5))
    later = data.end + timedelta(minutes=1)
    window = parts(performance(data, make_alarm(end=later)))["cpu"].get_xlim()
    assert window == (data.start.timestamp(), later.timestamp())


def test_the_states_of_an_alarm_are_those_in_the_time_of_the_dashboard(make_performance, make_alarm, parts):
    found = make_alarm()
    figure = performance(make_performance(), replace(found, start=found.start - timedelta(hours=9)))
    bands = [part for gid, part in parts(figure).items() if gid.startswith("band ")]
    plot = parts(figure)["alarm"].get_position()
    left, right = (edge * figure.get_figwidth() for edge in (plot.x0, plot.x1))
    assert min(part.get_x() for part in bands) == pytest.approx(left)
    assert max(part.get_x() + part.get_width() for part in bands) <= right + 1e-6


def test_without_an_alarm_its_room_is_used(make_performance, make_alarm, parts):
    alone, beside = (parts(performance(make_performance(), one))["running"] for one in (None, make_alarm()))
    assert alone.get_position().width > 1.9 * beside.get_position().width


def test_tiles_without_values_say_so(make_performance, frame, drawn):
    data = make_performance(["a"])
    empty = replace(data, memory=frame({}), received=frame({}), sent=frame({}), running=frame({}))
    texts = drawn(performance(empty))
    assert [texts[f"{tile} nothing"] for tile in ("memory", "received", "sent", "running")] == ["no data available"] * 4


def test_an_alarm_without_values_says_so(make_performance, make_alarm, frame, drawn):
    assert (
        drawn(performance(make_performance(), make_alarm(measured=frame({}))))["alarm nothing"] == "no data available"
    )


def test_without_any_value_there_is_nothing_to_draw(make_performance, frame):
    parts = ("cpu", "memory", "received", "sent", "running")
    empty = replace(make_performance(), **{part: frame({}) for part in parts})
    with pytest.raises(ValueError, match="no values"):
        performance(empty)


def test_of_very_many_workloads_the_smaller_ones_are_counted(make_performance, drawn):
    texts = drawn(performance(make_performance([f"w-{number}" for number in range(30)], 5)))
    assert "6 others" in texts.values()


@pytest.mark.parametrize("names", [None, ["a"], [LONG, "$x$", "שירות"], [f"w-{number}" for number in range(30)]])
@pytest.mark.parametrize("minutes", [1, 2, 30])
def test_every_dashboard_is_readable(make_performance, make_alarm, flaws, names, minutes):
    data = make_performance(minutes=minutes) if names is None else make_performance(names, minutes)
    assert flaws(performance(data, make_alarm())) == []
    assert flaws(performance(data)) == []
