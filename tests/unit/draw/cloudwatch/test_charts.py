from datetime import timedelta

import numpy as np
import pytest

from refapp.draw.cloudwatch.charts import OTHERS, between, chart, colours_of, series_of, step_of, window_of
from refapp.draw.dashboards.layout import Box

WHERE = Box(0.2, 0.2, 3.0, 1.6)
MINUTE = timedelta(minutes=1)
KINDS = ("line", "stacked area", "bar")


def drawn_chart(page, frame, kind="line", **more):
    found = series_of(frame, colours_of([frame]))
    return chart(page, WHERE, found, window_of([frame]), gid="c", kind=kind, **more)


def labels(axes):
    axes.figure.draw_without_rendering()
    return [label.get_text() for label in axes.get_yticklabels()]


def test_a_series_is_a_line_of_its_colour(page, parts, frame):
    data = frame({"a": [1, 2, 3], "b": [4, 5, 6]})
    axes = drawn_chart(page, data)
    found = parts(page.figure)
    assert list(found["c a"].get_ydata()) == [1, 2, 3]
    assert found["c a"].get_color() != found["c b"].get_color()
    assert found["c a"].get_color() == colours_of([data])["a"]
    assert axes.get_ylim()[0] == 0


def test_gaps_stay_gaps_and_a_value_between_two_is_a_point(page, parts, frame):
    nan = np.nan
    axes = drawn_chart(page, frame({"a": [1, nan, 3, nan, 5, 6]}))
    assert np.isnan(parts(page.figure)["c a"].get_ydata()[1])
    (points,) = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_ydata())]
    assert list(points.get_ydata()) == [1, 3]


@pytest.mark.parametrize("kind", ["stacked area", "bar"])
def test_areas_and_bars_stand_on_each_other(page, frame, kind):
    axes = drawn_chart(page, frame({"a": [1, 2, np.nan], "b": [4, 5, 6]}), kind)
    assert axes.get_ylim()[1] >= 7
    assert axes.get_ylim()[0] == 0


def test_bars_begin_at_their_times_and_all_of_them_is_seen(page, frame):
    data = frame({"a": [1, 2], "b": [4, 5]})
    axes = drawn_chart(page, data, "bar")
    bars = [patch for patch in axes.patches if patch.get_gid()]
    times = [time.timestamp() for time in data.index]
    assert {(bar.get_gid(), bar.get_x(), bar.get_y(), bar.get_height()) for bar in bars} == {
        ("c a", times[0], 0, 1),
        ("c a", times[1], 0, 2),
        ("c b", times[0], 1, 4),
        ("c b", times[1], 2, 5),
    }
    assert axes.get_xlim()[1] >= times[1] + bars[0].get_width()


def test_areas_reach_from_one_to_the_next(page, parts, frame):
    drawn_chart(page, frame({"a": [1, 2], "b": [4, 5]}), "stacked area")
    upper = parts(page.figure)["c b"].get_paths()[0].vertices[:, 1]
    assert (upper.min(), upper.max()) == (1, 7)


def test_values_have_their_unit(page, frame):
    assert any(label.endswith("kB/s") for label in labels(drawn_chart(page, frame({"a": [1000, 30_000]}), unit="Bps")))


def test_counts_have_whole_numbers_beside_them(page, frame):
    assert all(label.isdigit() for label in labels(drawn_chart(page, frame({"a": [3, 6]}))))


@pytest.mark.parametrize("value", [5.0, 50.0])
def test_a_threshold_is_seen_wherever_it_is(page, parts, frame, value):
    axes = drawn_chart(page, frame({"a": [10, 20]}), threshold=value)
    assert set(parts(page.figure)["c threshold"].get_ydata()) == {value}
    assert axes.get_ylim()[1] > value


def test_values_below_zero_are_seen(page, frame):
    assert drawn_chart(page, frame({"a": [-5, 5]})).get_ylim()[0] <= -5


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_point_makes_a_chart(page, frame, kind, drawn, flaws):
    drawn_chart(page, frame({"a": [3]}), kind)
    drawn(page.figure)
    assert flaws(page.figure) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_makes_an_empty_chart(page, kind, drawn):
    chart(page, WHERE, [], between(0, 60), gid="c", kind=kind)
    drawn(page.figure)


def test_a_series_without_values_is_left_out(frame):
    data = frame({"a": [1, 2], "b": [np.nan, np.nan]})
    assert [one.name for one in series_of(data, {})] == ["a"]


def test_a_series_without_a_colour_is_drawn_below_the_others(frame):
    found = series_of(frame({"a": [1], "b": [1]}), {"a": "#000000"})
    assert [(one.name, one.colour) for one in found] == [("b", OTHERS), ("a", "#000000")]


def test_a_name_has_one_colour_in_all_frames(frame):
    one, other = frame({"b": [1]}), frame({"a": [1], "b": [1]})
    assert colours_of([one, other]) == colours_of([other, one])
    assert len(set(colours_of([one, other]).values())) == 2


def test_of_very_many_the_largest_have_colours(frame):
    found = colours_of([frame({f"s{number:02}": [number] for number in range(40)})])
    assert len(set(found.values())) == len(found) == 24
    assert "s39" in found
    assert "s00" not in found


def test_the_window_holds_all_times(frame):
    short, long = frame({"a": [1, 1]}), frame({"a": [1] * 5})
    window = window_of([short, long])
    assert (window.start, window.end) == (long.index[0].timestamp(), long.index[-1].timestamp())


def test_the_window_holds_the_time_that_was_asked_about(frame):
    data = frame({"a": [1, 1]})
    start, end = data.index[0].to_pydatetime() - MINUTE, data.index[-1].to_pydatetime() + MINUTE
    window = window_of([data], start, end)
    assert (window.start, window.end) == (start.timestamp(), end.timestamp())


def test_without_times_there_is_no_window(frame):
    with pytest.raises(ValueError, match="no values"):
        window_of([frame({})])


def test_the_distance_of_bars_is_the_smallest_there_is(frame):
    data = frame({"a": [1, 1, 1, 1]}).iloc[[0, 2, 3]]
    assert step_of(series_of(data, {})) == 60
    assert step_of([]) == 60
