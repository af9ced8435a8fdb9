import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from refapp.draw.cloudwatch.visualization import visualization

TIMES = pd.to_datetime([f"2026-03-01 12:{minute:02}" for minute in (0, 5, 10, 15)], utc=True)


@pytest.fixture
def over_time():
    """Two values over time."""
    return pd.DataFrame({"bin(5m)": TIMES, "p50": [1.0, 2.0, 3.0, 4.0], "p99": [10.0, 20.0, 30.0, 40.0], "@ptr": "x"})


@pytest.fixture
def by_group():
    """One value of four groups, not in order."""
    return pd.DataFrame({"service": ["b", "a", "d", "c"], "n": [20, 50, -1, 30]})


@pytest.fixture
def both():
    """One value of two groups over time; one of them is not always there."""
    rows = [(0, "a", 1), (0, "b", 4), (1, "a", 2), (3, "a", 3), (3, "b", 6)]
    frame = pd.DataFrame(rows, columns=["place", "service", "count(*)"])
    return frame.assign(**{"bin(5m)": TIMES[frame["place"]]}).drop(columns="place")[["bin(5m)", "service", "count(*)"]]


def ydata(parts, figure, gid):
    return list(parts(figure)[gid].get_ydata())


def test_values_over_time_are_lines(over_time, parts, drawn):
    figure = visualization(over_time)
    assert ydata(parts, figure, "chart p50") == [1, 2, 3, 4]
    assert ydata(parts, figure, "chart p99") == [10, 20, 30, 40]
    texts = drawn(figure)
    assert texts["title"] == "p50, p99 by bin(5m)"
    assert texts["facts"] == "2026-03-01 12:00:00 to 12:15:00 UTC"
    assert [texts["chart key 0"], texts["chart key 1"]] == ["p50", "p99"]


@pytest.mark.parametrize("kind", ["line", "stacked area", "bar"])
def test_the_time_is_the_one_that_was_asked_about(over_time, kind, drawn):
    start, end = TIMES[0] - pd.Timedelta(minutes=30), TIMES[-1] + pd.Timedelta(minutes=10)
    over_time.attrs = {"start": start, "end": end}
    figure = visualization(over_time, kind)
    assert drawn(figure)["facts"] == "2026-03-01 11:30:00 to 12:25:00 UTC"
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "chart"]
    assert axes.get_xlim() == (start.timestamp(), end.timestamp())


def test_the_last_bar_is_in_the_picture_also_when_it_ends_after_what_was_asked_about(over_time):
    over_time.attrs = {"start": TIMES[0], "end": TIMES[-1] + pd.Timedelta(minutes=1)}
    figure = visualization(over_time, "bar")
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "chart"]
    assert axes.get_xlim() == (TIMES[0].timestamp(), (TIMES[-1] + pd.Timedelta(minutes=5)).timestamp())


def test_colours_may_be_given(over_time, by_group, parts):
    given = {"p50": "#123456", "a": "#654321", "nobody": "#000000"}
    lines = parts(visualization(over_time, colours=given))
    assert (lines["chart p50"].get_color(), lines["chart p99"].get_color() == given["p50"]) == ("#123456", False)
    bars = parts(visualization(by_group, "bar", colours=given))
    assert to_hex(bars["bar a"].get_facecolor()) == "#654321"
    assert to_hex(bars["bar b"].get_facecolor()) != "#654321"
    pieces = parts(visualization(by_group, "pie", colours=given))
    assert to_hex(pieces["wedge a"].get_facecolor()) == "#654321"


def test_groups_over_time_are_series(both, parts, drawn):
    figure = visualization(both)
    assert drawn(figure)["title"] == "count(*) by service, bin(5m)"
    a, b = (ydata(parts, figure, f"chart {name}") for name in "ab")
    np.testing.assert_equal(a, [1, 2, np.nan, 3])
    np.testing.assert_equal(b, [4, np.nan, np.nan, 6])


def test_several_values_of_groups_are_all_series(both, parts):
    both["max"] = both["count(*)"] * 10
    found = parts(visualization(both))
    assert {"chart a: count(*)", "chart b: count(*)", "chart a: max", "chart b: max"} <= set(found)


@pytest.mark.parametrize("kind", ["stacked area", "bar"])
def test_they_may_stand_on_each_other(both, kind, parts, flaws):
    figure = visualization(both, kind)
    assert {"chart a", "chart b"} <= set(parts(figure))
    assert flaws(figure) == []
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "chart"]
    assert axes.get_ylim()[1] >= 9


def test_one_series_needs_no_legend(over_time, drawn):
    texts = drawn(visualization(over_time.drop(columns="p99")))
    assert not [gid for gid in texts if "key" in gid]


def test_a_unit_and_a_title_may_be_given(over_time, drawn):
    figure = visualization(over_time, unit="ms", title="Latency")
    assert drawn(figure)["title"] == "Latency"
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "chart"]
    assert any(label.get_text().endswith(" ms") for label in axes.get_yticklabels())


def test_groups_are_bars_the_longest_first(by_group, parts, drawn):
    figure = visualization(by_group, "bar")
    found = parts(figure)
    lengths = {name: found[f"bar {name}"].get_width() for name in "abcd"}
    assert lengths["a"] == pytest.approx(2.5 * lengths["b"])
    ys = [found[f"bar {name}"].get_y() for name in "acbd"]
    assert ys == sorted(ys)
    texts = drawn(figure)
    assert [texts[f"value {name}"] for name in "acbd"] == ["50", "30", "20", "-1"]
    assert texts["title"] == "n by service"


def test_only_so_many_groups_are_bars(drawn):
    frame = pd.DataFrame({"service": [f"s{number}" for number in range(50)], "n": range(50)})
    texts = drawn(visualization(frame, "bar"))
    assert texts["facts"] == "the first 30 of 50 groups"
    assert "value s49" in texts
    assert "value s0" not in texts


def test_groups_are_the_pieces_of_a_pie(by_group, parts, drawn):
    figure = visualization(by_group, "pie")
    found = parts(figure)
    angles = {name: found[f"wedge {name}"].theta2 - found[f"wedge {name}"].theta1 for name in "abc"}
    assert angles == {"a": pytest.approx(180), "b": pytest.approx(72), "c": pytest.approx(108)}
    assert "wedge d" not in found  # no piece can be negative
    assert {"50.0%", "20.0%", "30.0%"} <= set(drawn(figure).values())


def test_what_is_asked_for_twice_of_a_group_is_added(drawn):
    frame = pd.DataFrame({"service": ["a", "a"], "n": [1, 2]})
    assert drawn(visualization(frame, "bar"))["value a"] == "3"


def test_a_group_may_have_no_name(drawn):
    frame = pd.DataFrame({"service": [None, "a"], "n": [1, 2]})
    assert drawn(visualization(frame, "bar"))["value (none)"] == "1"


@pytest.mark.parametrize("kind", ["line", "stacked area"])
def test_lines_need_times(by_group, kind):
    with pytest.raises(ValueError, match=r"needs times: end the query in stats … by bin\(…\)"):
        visualization(by_group, kind)


@pytest.mark.parametrize("kind", ["bar", "pie"])
def test_bars_and_pies_need_groups(kind):
    with pytest.raises(ValueError, match="needs groups"):
        visualization(pd.DataFrame({"n": [1]}), kind)


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(), pd.DataFrame({"@message": ["x"]}), pd.DataFrame({"n": []}, dtype=int)]
)
def test_without_numbers_there_is_nothing_to_draw(frame):
    with pytest.raises(ValueError, match="no numbers"):
        visualization(frame)


def test_a_pie_needs_something_positive():
    with pytest.raises(ValueError, match="positive"):
        visualization(pd.DataFrame({"a": ["x"], "n": [0]}), "pie")


LONG = "a-workload-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be-63"
AWKWARD = pd.DataFrame({"service": [LONG, "$x$", "שירות", "d"], "n": [1e12, 0.5, 3, 3], "bin(5m)": TIMES})


@pytest.mark.parametrize("kind", ["line", "stacked area", "bar", "pie"])
def test_whatever_groups_are_called_they_are_readable(kind, flaws, drawn):
    figure = visualization(AWKWARD, kind)
    drawn(figure)
    assert flaws(figure) == []


@pytest.mark.parametrize("kind", ["bar", "pie"])
def test_groups_alone_are_readable(kind, flaws):
    assert flaws(visualization(AWKWARD.drop(columns="bin(5m)"), kind)) == []
