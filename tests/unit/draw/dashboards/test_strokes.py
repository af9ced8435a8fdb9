import numpy as np
import pytest
from matplotlib.figure import Figure

from refapp.draw.dashboards import strokes
from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.strokes import Stroke
from refapp.draw.dashboards.thresholds import thresholds
from refapp.draw.dashboards.valueaxis import ValueAxis
from refapp.draw.style import VERMILION

N = np.nan
AXIS = ValueAxis(low=0, high=10, ticks=())
TIMES = np.arange(4.0) * 10


def stroke(values=(1, 2, 3, 4), **custom):
    return Stroke(
        name="x", times=TIMES, values=np.array(values, dtype=float), field=Field(custom=custom), colour="#112233"
    )


def drawn(*found):
    axes = Figure().add_subplot()
    strokes.draw(axes, found, AXIS, "p", range(len(found)))
    return axes, {part.get_gid(): part for part in axes.get_children() if part.get_gid()}


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (False, [1, N, N, 4]),
        (True, [1, 2, 3, 4]),
        ("zero", [1, 0, 0, 4]),
        (20_000, [1, N, N, 4]),
        (30_000, [1, 2, 3, 4]),
        (None, [1, N, N, 4]),
    ],
)
def test_gaps(span, found):
    values = np.array([1, N, N, 4.0])
    assert np.array_equal(strokes.nulls(TIMES, values, span), found, equal_nan=True)


def test_nothing_is_connected_before_the_first_and_after_the_last():
    assert np.array_equal(strokes.nulls(TIMES, np.array([N, 1, N, N]), True), [N, 1, N, N], equal_nan=True)


def test_a_line_has_the_values_and_the_style():
    _, parts = drawn(stroke(lineWidth=2, lineStyle={"fill": "dash"}, lineInterpolation="stepAfter"))
    line = parts["p line 0"]
    assert line.get_ydata().tolist() == [1, 2, 3, 4]
    assert (line.get_linewidth(), line.get_drawstyle(), line.get_color()) == (2, "steps-post", "#112233")
    assert line.is_dashed()


def test_a_point_without_neighbours_is_marked():
    _, parts = drawn(stroke([1, N, 3, 4]))
    assert parts["p line 0"].get_markevery() == [0]
    _, parts = drawn(stroke([1, N, 3, 4], showPoints="always"))
    assert parts["p line 0"].get_markevery() == [0, 2, 3]


def test_points_alone_have_no_line():
    _, parts = drawn(stroke(drawStyle="points"))
    assert parts["p line 0"].get_linewidth() == 0


def test_fillings_are_paler_the_more_there_are():
    _, alone = drawn(stroke(fillOpacity=40))
    _, many = drawn(*(stroke(fillOpacity=40) for _ in range(4)))
    assert alone["p line 0 area"].get_alpha() == pytest.approx(0.4)
    assert many["p line 0 area"].get_alpha() == pytest.approx(0.2)


def test_bars_stand_on_the_floor_and_are_as_wide_as_a_step():
    _, parts = drawn(stroke([1, N, 3, 4], drawStyle="bars"))
    corners = [path.vertices for path in parts["p line 0"].get_paths()]
    assert [bar[:, 1].max() for bar in corners] == [1, 3, 4]
    assert {float(bar[:, 1].min()) for bar in corners} == {0}
    assert np.ptp(corners[0][:, 0]) == pytest.approx(8.5)


def test_bounds_are_of_what_is_drawn():
    assert strokes.bounds([stroke([N, 2, 3, 4]), stroke([-1, N, N, N])]) == (-1, 4)
    assert strokes.bounds([stroke([N, N, N, N])]) == (0, 1)


@pytest.mark.parametrize(
    ("mode", "gids"),
    [("off", []), ("line", ["p threshold 1"]), ("dashed+area", ["p area 0", "p area 1", "p threshold 1"])],
)
def test_thresholds_are_lines_or_areas(mode, gids):
    steps = {"steps": [{"value": None, "color": "green"}, {"value": 5, "color": "red"}, {"value": 50, "color": "red"}]}
    axes = Figure().add_subplot()
    strokes.thresholds(axes, Field(thresholds=thresholds(steps), custom={"thresholdsStyle": {"mode": mode}}), AXIS, "p")
    parts = {part.get_gid(): part for part in axes.get_children() if part.get_gid()}
    assert sorted(parts) == gids
    if "p threshold 1" in parts:
        assert (parts["p threshold 1"].get_ydata()[0], parts["p threshold 1"].get_color()) == (5, VERMILION)
