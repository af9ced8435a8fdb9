from datetime import UTC, datetime, timedelta
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from refapp.draw import metrics
from refapp.draw.style import VERMILION

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def frame(columns, step=2):
    """Series with these values, a row every `step` seconds."""
    count = len(next(iter(columns.values()), ()))
    index = pd.DatetimeIndex([BEGIN + timedelta(seconds=step * row) for row in range(count)], name="time")
    return pd.DataFrame(columns, index=index, dtype=float)


def svg(figure):
    out = StringIO()
    figure.savefig(out, format="svg")
    return out.getvalue()


def texts(axes):
    return [text.get_text() for text in axes.texts]


def series(axes):
    """The values of each series by its name."""
    found = {line.get_gid(): line.get_ydata() for line in axes.lines if (line.get_gid() or "").startswith("series ")}
    return {name.removeprefix("series "): list(values) for name, values in found.items()}


def test_lines_show_each_series_with_its_name_title_and_unit():
    (axes,) = metrics.lines(frame({"a": [1, 2, 3], "b": [4, 5, 6]}), "Requests", "a second").axes
    assert series(axes) == {"a": [1, 2, 3], "b": [4, 5, 6]}
    assert sorted(texts(axes)) == ["a", "b"]
    assert axes.get_title(loc="left") == "Requests"
    assert axes.get_ylabel() == "a second"
    assert axes.get_ylim()[0] == 0


def test_lines_are_named_in_their_colours():
    (axes,) = metrics.lines(frame({"a": [1, 2], "b": [4, 5]}), "").axes
    colours = {line.get_gid().removeprefix("series "): line.get_color() for line in axes.lines if line.get_ydata().size}
    assert {text.get_text(): text.get_color() for text in axes.texts} == colours


def test_a_single_series_needs_no_name():
    (axes,) = metrics.lines(frame({"sum(x)": [1, 2]}), "x").axes
    assert texts(axes) == []


def test_the_smaller_ones_of_many_series_are_grey_and_counted():
    (axes,) = metrics.lines(frame({f"pod {n}": [n, n] for n in range(1, 7)}), "", named=2).axes
    assert texts(axes) == ["4 others", "pod 5", "pod 6"]
    assert len(series(axes)) == 6


def test_gaps_stay_gaps_and_a_value_between_two_is_a_point():
    nan = np.nan
    (axes,) = metrics.lines(frame({"a": [1, nan, 3, nan, 5, 6], "b": [1] * 6}), "").axes
    assert np.isnan(series(axes)["a"][1])
    points = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_ydata())]
    assert [list(line.get_ydata()) for line in points] == [[1, 3]]


def test_a_series_without_any_value_is_left_out():
    (axes,) = metrics.lines(frame({"a": [1, 2], "b": [np.nan, np.nan]}), "").axes
    assert list(series(axes)) == ["a"]


@pytest.mark.parametrize("data", [frame({}), frame({"a": [0, 0]}), frame({"a": [-3, 2], "b": [1, 1]})])
def test_any_frame_makes_a_figure(data):
    assert svg(metrics.lines(data, "$x$ & y"))


def test_levels_and_moments_are_marked():
    figure = metrics.lines(
        frame({"a": [1, 2]}), "", levels={"limit": 9}, moments={"killed": BEGIN + timedelta(seconds=1)}
    )
    (axes,) = figure.axes
    assert texts(axes) == ["limit", "killed"]
    assert axes.get_ylim()[1] > 9
    assert any(line.get_color() == VERMILION and set(line.get_ydata()) == {9} for line in axes.lines)


def test_panels_share_the_time_and_name_moments_once():
    rows = [metrics.Panel(frame({"a": [1, 2]}), "one"), metrics.Panel(frame({"b": [3, 4]}), "two")]
    first, second = metrics.stack(rows, {"killed": BEGIN}).axes
    assert texts(first) == ["killed"]
    assert texts(second) == []
    assert first.get_xlim() == second.get_xlim()


@pytest.mark.parametrize(("step", "label"), [(2, "12:00:00"), (3600, "12:00")])
def test_times_have_seconds_where_that_matters(step, label):
    figure = metrics.lines(frame({"a": range(20)}, step), "")
    figure.draw_without_rendering()
    assert label in [text.get_text() for text in figure.axes[0].get_xticklabels()]


def test_pods_are_named_by_their_workloads_where_that_is_enough():
    one, other = "service-a-248r8nlf4q-cgbwg", "service-b-jlr59ctl7m-554sc"
    assert metrics.short_names([one, other]) == {one: "service-a", other: "service-b"}
    twin = "service-a-248r8nlf4q-xxxxx"
    assert metrics.short_names([one, twin]) == {one: one, twin: twin}


def test_names_do_not_lie_on_each_other():
    (axes,) = metrics.lines(frame({f"s{n}": [0, n / 1000] for n in range(9)}), "").axes
    places = sorted(text.xy[1] for text in axes.texts)
    assert min(np.diff(places)) > 0.04
    assert places[0] >= 0


def test_names_stay_at_their_lines_where_moments_need_room():
    (axes,) = metrics.lines(frame({"a": [1, 1], "b": [9, 9]}), "", moments={"killed": BEGIN}).axes
    ends = {text.get_text(): text.xy[1] for text in axes.texts if text.get_text() in {"a", "b"}}
    assert {name: axes.transLimits.inverted().transform((1, place))[1] for name, place in ends.items()} == {
        "a": pytest.approx(1),
        "b": pytest.approx(9),
    }


def test_names_with_room_stand_at_the_ends_of_their_lines():
    assert metrics._spread([0.1, 0.5, 0.9], 0.05) == [0.1, 0.5, 0.9]
    assert metrics._spread([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])


BUCKETS = pd.DataFrame({"le": ["10", "5", "+Inf", "100"], "value": [50, 0, 100, 100]})


def test_buckets_show_shares_up_to_their_edges():
    figure = metrics.buckets(BUCKETS, {"client": [6, 7, 40, 50]}, (0.5,), unit="ms")
    (axes,) = figure.axes
    assert list(axes.lines[0].get_xdata()) == [0, 5, 10, 100]
    assert list(axes.lines[0].get_ydata()) == [0, 0, 0.5, 1]
    assert texts(axes) == ["p50"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["buckets, joined by lines", "client"]
    assert svg(figure)


def test_the_line_through_buckets_is_that_of_histogram_quantile():
    edges, shares = metrics._cumulated(BUCKETS)
    assert np.interp(0.75, shares[2:], edges[2:]) == pytest.approx(55)  # half of the bucket from 10 to 100


def test_edges_too_near_to_each_other_are_not_written():
    assert metrics._apart(np.array([0, 0.5, 1, 50, 100]), 104) == [100, 50, 1]


@pytest.mark.parametrize("nothing", [BUCKETS.assign(value=0), BUCKETS[:0]])
def test_buckets_in_which_nothing_was_counted_are_no_figure(nothing):
    with pytest.raises(ValueError, match="nothing was counted"):
        metrics.buckets(nothing, {})
