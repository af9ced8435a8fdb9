import pytest
from matplotlib.colors import to_hex

from refapp.draw.style import GREEN, VERMILION

STEPS = {"steps": [{"value": None, "color": "green"}, {"value": 50, "color": "red"}]}
TWO = {"x": [({"app": "a"}, lambda place: place), ({"app": "b"}, 7.0)]}


def stat(**options):
    return {"type": "stat", "options": options, "fieldConfig": {"defaults": {"unit": "reqps", "thresholds": STEPS}}}


def test_the_value_is_written_in_the_colour_of_its_threshold(content, drawn, parts):
    found = parts(drawn(content(TWO, **stat())))
    assert [found[f"p value {number}"].get_text() for number in (0, 1)] == ["60 req/s", "7 req/s"]
    assert [to_hex(found[f"p value {number}"].get_color()) for number in (0, 1)] == [VERMILION, GREEN]


def test_the_ground_may_have_the_colour(content, drawn, parts):
    found = parts(drawn(content(TWO, **stat(colorMode="background"))))
    assert to_hex(found["p ground 0"].get_facecolor()) == VERMILION
    assert to_hex(found["p value 0"].get_color()) == "#ffffff"


def test_behind_it_is_what_it_was(content, drawn, parts):
    assert parts(drawn(content(TWO, **stat())))["p spark 0"].get_ydata().tolist() == list(range(61))
    assert "p spark 0" not in parts(drawn(content(TWO, **stat(graphMode="none"))))


@pytest.mark.parametrize(
    ("mode", "value", "name"),
    [("auto", "60 req/s", '{app="a"}'), ("value", "60 req/s", None), ("name", '{app="a"}', None), ("none", None, None)],
)
def test_value_and_name(content, drawn, written, mode, value, name):
    texts = written(drawn(content(TWO, **stat(textMode=mode))))
    assert (texts.get("p value 0"), texts.get("p name 0")) == (value, name)


def test_one_number_has_no_name_of_its_own(content, drawn, written):
    assert "p name 0" not in written(drawn(content({"x": [({}, 1)]}, **stat())))


def test_a_text_may_stand_for_a_value(content, drawn, written):
    one = stat()
    one["fieldConfig"]["defaults"]["mappings"] = [{"type": "value", "options": {"1": {"text": "UP"}}}]
    assert written(drawn(content({"x": [({}, 1)]}, **one)))["p value 0"] == "UP"


def test_without_series_there_is_no_data_or_what_stands_for_it(content, drawn, notices):
    assert notices(drawn(content({"x": []}, **stat()))) == "No data"
    one = stat()
    one["fieldConfig"]["defaults"]["noValue"] = "all quiet"
    assert notices(drawn(content({"x": []}, **one))) == "all quiet"


@pytest.mark.parametrize("width", [1.4, 3.0, 6.4])
@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("mode", ["value", "background"])
def test_it_can_be_read(content, drawn, flaws, width, count, mode):
    series = {"x": [({"pod": f"service-{number}-7c9f8d7b5"}, 123_456.7) for number in range(count)]}
    assert flaws(drawn(content(series, **stat(colorMode=mode)), width)) == []
