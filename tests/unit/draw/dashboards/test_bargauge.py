import pytest
from matplotlib.colors import to_hex

from refapp.draw.style import GREEN, VERMILION

STEPS = {"steps": [{"value": None, "color": "green"}, {"value": 50, "color": "red"}]}
FIELD = {"defaults": {"unit": "percent", "thresholds": STEPS, "min": 0, "max": 100}}
THREE = {"x": [({"app": "a"}, 25), ({"app": "b"}, 75), ({"app": "c"}, 300)]}


def test_bars_are_as_long_as_their_values_between_minimum_and_maximum(content, drawn, parts):
    found = parts(drawn(content(THREE, type="bargauge", fieldConfig=FIELD)))
    first, second, third = (found[f"p bar {number}"] for number in range(3))
    assert second.get_width() == pytest.approx(3 * first.get_width())
    assert third.get_width() == pytest.approx(4 * first.get_width())
    assert [to_hex(bar.get_facecolor()) for bar in (first, second)] == [GREEN, VERMILION]


def test_names_and_values_are_written(content, drawn, written):
    texts = written(drawn(content(THREE, type="bargauge", fieldConfig=FIELD)))
    assert (texts["p name 0"], texts["p value 1"]) == ('{app="a"}', "75%")


def test_no_number_has_no_bar(content, drawn, parts):
    figure = drawn(content({"x": [({}, float("nan"))]}, type="bargauge", targets=[{"expr": "x", "instant": True}]))
    assert "p bar 0" not in parts(figure)


@pytest.mark.parametrize("count", [1, 9, 60])
@pytest.mark.parametrize("width", [2.9, 6.4])
def test_it_can_be_read(content, drawn, flaws, written, width, count):
    series = {"x": [({"pod": f"service-with-a-long-name-{number}-7c9f8d7b5"}, number) for number in range(count)]}
    figure = drawn(content(series, type="bargauge", fieldConfig=FIELD), width)
    assert flaws(figure) == []
    assert written(figure).get("p more") == ("and 35 more" if count == 60 else None)
