import pytest
from matplotlib.colors import to_hex

from refapp.draw.style import GREEN, VERMILION

STEPS = {"steps": [{"value": None, "color": "green"}, {"value": 0.7, "color": "red"}]}


def gauge(**more):
    return {"type": "gauge", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": STEPS, **more}}}


@pytest.mark.parametrize(
    ("value", "share", "colour"), [(0.0, 0, GREEN), (0.5, 0.5, GREEN), (0.75, 0.75, VERMILION), (9.0, 1, VERMILION)]
)
def test_the_arc_goes_as_far_as_the_value(content, drawn, parts, value, share, colour):
    arc = parts(drawn(content({"x": [({}, value)]}, **gauge(min=0, max=1))))["p arc 0"]
    assert arc.theta2 - arc.theta1 == pytest.approx(240 * share)
    assert arc.theta1 == 150
    assert to_hex(arc.get_facecolor()) == colour


def test_limits_of_a_share_are_nothing_and_all(content, drawn, parts):
    arc = parts(drawn(content({"x": [({}, 0.25)]}, **gauge())))["p arc 0"]
    assert arc.theta2 - arc.theta1 == pytest.approx(60)


def test_the_value_is_written_and_several_have_names(content, drawn, written):
    texts = written(drawn(content({"x": [({"app": "a"}, 0.5), ({"app": "b"}, 0.25)]}, **gauge())))
    assert (texts["p value 0"], texts["p name 1"]) == ("50%", '{app="b"}')


def test_no_number_has_no_arc(content, drawn, parts, written):
    figure = drawn(content({"x": [({}, float("nan"))]}, **gauge(), targets=[{"expr": "x", "instant": True}]))
    assert "p arc 0" not in parts(figure)
    assert written(figure)["p value 0"] == "-"


@pytest.mark.parametrize("width", [1.4, 3.0, 6.4])
@pytest.mark.parametrize("count", [1, 5])
def test_it_can_be_read(content, drawn, flaws, width, count):
    series = {"x": [({"app": f"service-{number}"}, 0.5) for number in range(count)]}
    assert flaws(drawn(content(series, **gauge()), width)) == []
