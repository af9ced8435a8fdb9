import pytest

from refapp.draw.cloudwatch.key import Key
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Page

LONG = "a-workload-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be-63"


def drawn_key(names, room=3.0):
    key = Key([(name, "#000000") for name in names], room)
    page = Page(key.height + 0.3)
    key.draw(page, Box(0.1, 0.1, room, key.height), "k")
    return page.figure


def test_names_are_written_one_after_the_other(drawn, flaws):
    figure = drawn_key(["error", "info"])
    assert drawn(figure) == {"k key 0": "error", "k key 1": "info"}
    assert flaws(figure) == []


def test_names_go_on_in_the_next_line(parts, flaws):
    figure = drawn_key([f"service-{letter}" for letter in "abcdefgh"])
    found = parts(figure)
    assert len({round(part.get_position()[1], 3) for part in found.values() if hasattr(part, "get_text")}) > 1
    assert flaws(figure) == []


def test_a_key_is_as_high_as_its_lines():
    heights = [Key([("service-a", "#000000")] * count, 3.0).height for count in (0, 1, 8)]
    assert heights == sorted(heights)
    assert heights[0] == 0


@pytest.mark.parametrize("names", [[LONG] * 3, ["$x$", "שירות"], [f"{LONG}-{number}" for number in range(40)]])
def test_every_key_is_readable(names, flaws):
    assert flaws(drawn_key(names)) == []


def test_very_many_names_are_counted(drawn):
    assert drawn(drawn_key([f"{LONG}-{number}" for number in range(40)]))["k key more"] == "and 28 more"
