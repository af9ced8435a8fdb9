import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw import texts

LETTERS = st.text(st.sampled_from("abcdefgh-./: שם"), max_size=80)


def test_width_is_in_inches_and_grows_with_the_size():
    assert texts.width("service-a", 16) == pytest.approx(2 * texts.width("service-a", 8), rel=0.02)
    assert 0.4 < texts.width("service-a", 8) < 0.6
    assert texts.width("service-a", 8, bold=True) > texts.width("service-a", 8)


def test_dollar_signs_do_not_begin_a_formula():
    assert texts.width("$x$", 8) > texts.width("x", 8) + 2 * texts.width("$", 8) - 0.01


@given(LETTERS, st.floats(0.1, 3))
def test_a_shortened_text_fits_and_begins_as_the_text_does(text, room):
    shown = texts.shorten(text, room, 8)
    assert texts.width(shown, 8) <= room
    assert shown == text or text.startswith(shown.removesuffix("…"))


@given(LETTERS, st.floats(0.3, 3))
def test_lines_fit_and_keep_every_letter(text, room):
    lines = texts.wrap(text, room, 8)
    assert all(texts.width(line, 8) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_are_broken_after_a_sign():
    room = texts.width("http://service-a.dev/gree", 8)
    assert texts.wrap("http://service-a.dev/greeting", room, 8) == ["http://service-a.dev/", "greeting"]


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(0, "0 µs"), (950, "950 µs"), (1000, "1 ms"), (8124, "8.12 ms"), (2_008_124, "2.01 s"), (7.5e9, "7,500 s")],
)
def test_durations_have_the_largest_unit_of_which_there_is_one(microseconds, text):
    assert texts.duration(microseconds) == text


def test_moments_are_in_utc_with_milliseconds():
    assert texts.moment(1_767_323_045_001_999) == "2026-01-02 03:04:05.001"
    assert texts.moment(1_767_323_045_001_999, "%H:%M") == "03:04"


def test_things_are_counted():
    assert [texts.counted(number, "span") for number in (0, 1, 1234)] == ["0 spans", "1 span", "1,234 spans"]


def test_names_are_short_only_when_all_share_the_namespace():
    assert texts.short_names(["service-a.dev", "service-b.dev"]) == {
        "service-a.dev": "service-a",
        "service-b.dev": "service-b",
    }
    for names in (["service-a.dev", "mongodb"], ["service-a.dev", "service-a.test"], ["mongodb"], [".dev", "a.dev"]):
        assert texts.short_names(names) == {name: name for name in names}
