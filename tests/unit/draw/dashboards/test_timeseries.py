import numpy as np
import pytest
from matplotlib.colors import to_hex

from refapp.draw.style import VERMILION

TWO = {"x": [({"app": "a"}, lambda place: place), ({"app": "b"}, 7.0)]}


def panel(**custom):
    return {"type": "timeseries", "fieldConfig": {"defaults": {"unit": "reqps", "custom": custom}}}


def lines(parts):
    return [part.get_ydata() for gid, part in sorted(parts.items()) if gid.startswith("p line") and "area" not in gid]


def test_each_series_is_a_line_with_its_values_and_its_name_in_the_legend(content, drawn, parts, written):
    figure = drawn(content(TWO, **panel()))
    first, second = lines(parts(figure))
    assert first.tolist() == list(range(61))
    assert set(second.tolist()) == {7}
    assert [written(figure)[f"p legend {number}"] for number in (0, 1)] == ['{app="a"}', '{app="b"}']


def test_the_lines_are_at_their_times_in_the_window(content, drawn, parts, window):
    one = content(TWO, **panel())
    axes = parts(drawn(one))["p plot 0"]
    assert axes.get_xlim() == (window.start, window.end)
    assert parts(drawn(one))["p line 0"].get_xdata()[-1] == window.end


def test_the_axis_has_the_unit(content, drawn, parts):
    axes = parts(drawn(content(TWO, **panel())))["p plot 0"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "0 req/s"
    assert labels[-1].endswith("req/s")


def test_stacked_series_stand_on_each_other(content, drawn, parts):
    first, second = lines(parts(drawn(content(TWO, **panel(stacking={"mode": "normal"}, fillOpacity=50)))))
    assert (second - first).tolist() == [7] * 61


def test_shares_are_per_cent(content, drawn, parts):
    found = parts(drawn(content(TWO, **panel(stacking={"mode": "percent"}))))
    assert lines(found)[1].max() == pytest.approx(1)
    assert found["p plot 0"].get_yticklabels()[-1].get_text() == "100%"


def test_gaps_stay_unless_they_are_to_be_connected(content, drawn, parts):
    series = {"x": [({}, [1.0, np.nan, 3.0] + [1.0] * 58)]}
    (gap,) = lines(parts(drawn(content(series, **panel()))))
    (connected,) = lines(parts(drawn(content(series, **panel(spanNulls=True)))))
    assert np.isnan(gap[1])
    assert connected[1] == 2


def test_what_is_infinite_is_not_drawn(content, drawn, parts):
    (line,) = lines(parts(drawn(content({"x": [({}, [np.inf] + [1.0] * 60)]}, **panel()))))
    assert np.isnan(line[0])


def test_negative_y_mirrors(content, drawn, parts):
    (line,) = lines(parts(drawn(content({"x": [({}, 4.0)]}, **panel(transform="negative-Y")))))
    assert set(line.tolist()) == {-4}


def test_another_unit_has_the_axis_at_the_right(content, drawn, parts):
    override = {"matcher": {"id": "byName", "options": '{app="b"}'}, "properties": [{"id": "unit", "value": "s"}]}
    one = panel()
    one["fieldConfig"]["overrides"] = [override]
    found = parts(drawn(content(TWO, **one)))
    assert found["p plot 1"].get_yticklabels()[0].get_text().endswith("s")
    assert found["p line 1"].axes is found["p plot 1"]
    assert found["p line 0"].axes is found["p plot 0"]


def test_a_fixed_colour_and_a_hidden_series(content, drawn, parts):
    def override(name, ident, value):
        return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": ident, "value": value}]}

    one = panel()
    one["fieldConfig"]["overrides"] = [
        override('{app="a"}', "custom.hideFrom", {"viz": True}),
        override('{app="b"}', "color", {"mode": "fixed", "fixedColor": "red"}),
    ]
    found = parts(drawn(content(TWO, **one)))
    assert to_hex(found["p line 0"].get_color()) == VERMILION
    assert "p line 1" not in found


@pytest.mark.parametrize(
    ("legend", "found"),
    [
        ({"showLegend": False}, None), ({"displayMode": "hidden"}, None), ({}, "x"),
        ({"calcs": ["max"]}, "x  Max: 60 req/s"), ({"displayMode": "table", "calcs": ["max"]}, "x"),
    ],
)  # fmt: skip
def test_the_legend_is_as_the_panel_has_it(content, drawn, written, legend, found):
    one = panel()
    texts = written(drawn(content({"x": [({}, lambda place: place)]}, **one, options={"legend": legend})))
    assert texts.get("p legend 0") == found
    assert texts.get("p calc 0 0") == ("60 req/s" if legend.get("displayMode") == "table" else None)


def test_bars_and_thresholds(content, drawn, parts):
    steps = {"steps": [{"value": None, "color": "green"}, {"value": 20, "color": "red"}]}
    one = panel(drawStyle="bars", thresholdsStyle={"mode": "line"})
    one["fieldConfig"]["defaults"]["thresholds"] = steps
    found = parts(drawn(content(TWO, **one)))
    assert len(found["p line 0"].get_paths()) == 61
    assert found["p threshold 1"].get_ydata()[0] == 20


def test_without_values_there_is_no_data(content, drawn, notices):
    assert notices(drawn(content({"x": []}, **panel()))) == "No data"
    assert notices(drawn(content({"x": [({}, np.nan)]}, **panel()))) == "No data"


@pytest.mark.parametrize("width", [2.9, 6.4])
@pytest.mark.parametrize("count", [1, 9, 60])
@pytest.mark.parametrize(
    "custom", [{}, {"axisLabel": "a label"}, {"scaleDistribution": {"type": "log"}}, {"axisPlacement": "hidden"}]
)
def test_it_can_be_read(content, drawn, flaws, width, count, custom):
    series = {
        "x": [
            ({"pod": f"service-{number}-7c9f8d7b5-x{number}k2"}, lambda place, n=number: n * place + 1)
            for number in range(count)
        ]
    }
    options = {"legend": {"displayMode": "table", "calcs": ["mean", "max"]}}
    assert flaws(drawn(content(series, **panel(**custom), options=options), width)) == []
