import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import is_color_like, to_rgb

from refapp.draw.dashboards.colours import SeriesColours, colour, on
from refapp.draw.style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("green", GREEN), ("red", VERMILION), ("#d44a3a", VERMILION), ("rgba(50, 172, 45, 0.97)", GREEN),
        ("rgb(31, 120, 193)", BLUE), ("#8f3bb8", PURPLE), ("#808080", GREY), ("nonsense", GREY), ("", GREY),
    ],
)  # fmt: skip
def test_a_colour_becomes_that_of_the_book(name, found):
    assert colour(name) == found


def test_shades_are_lighter_or_darker():
    brightness = [sum(to_rgb(colour(name))) for name in ("dark-green", "green", "light-green", "super-light-green")]
    assert brightness == sorted(brightness)
    assert len(set(brightness)) == 4


@given(st.text())
def test_every_text_is_a_colour(name):
    assert is_color_like(colour(name))


def test_letters_can_be_read_on_every_ground():
    assert on("#ffffff") == INK
    assert on("#000000") == "white"


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=5))
def test_no_two_series_of_a_panel_have_one_colour(panels):
    colours = SeriesColours()
    for names in panels:
        found = colours.of(names)
        assert set(found) == set(names)
        assert len(set(found.values())) == len(set(names))


def test_more_series_than_colours_share_them():
    colours = SeriesColours()
    names = [str(number) for number in range(100)]
    first = colours.of(names)
    assert (set(first), len(set(first.values()))) == (set(names), 24)
    assert set(colours.of(names[50:])) == set(names[50:])


def test_a_series_keeps_its_colour_from_panel_to_panel():
    colours = SeriesColours()
    first = colours.of(["a", "b"])
    assert colours.of(["x", "b"])["b"] == first["b"]
    assert colours.of(["b", "a"]) == first
