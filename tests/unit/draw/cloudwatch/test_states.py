import pytest

from refapp.draw.cloudwatch.states import STATES, badge, warning


@pytest.mark.parametrize(
    ("state", "text"), [("OK", "OK"), ("ALARM", "In alarm"), ("INSUFFICIENT_DATA", "Insufficient data")]
)
def test_a_badge_says_the_state_and_ends_where_it_has_to(page, drawn, parts, state, text):
    begin = badge(page.sheet, 3.0, 0.5, state, gid="state")
    assert drawn(page.figure)["state"] == text
    box = parts(page.figure)["state"].get_window_extent()
    left, right = page.sheet.transData.transform([(begin, 0), (3.0, 0)])[:, 0]
    assert left < box.x0 < box.x1 < right


def test_a_state_that_is_not_known_is_written_as_it_is(page, drawn):
    badge(page.sheet, 3.0, 0.5, "NEW", gid="state")
    assert drawn(page.figure)["state"] == "NEW"


def test_states_have_colours_of_their_own():
    assert len({state.colour for state in STATES.values()}) == 3


def test_a_warning_can_be_told_without_its_colour(page, parts):
    warning(page.sheet, (1.0, 1.0), gid="sign")
    sign = parts(page.figure)["sign"]
    assert len(sign.get_xy()) == 4  # a triangle, closed
    assert "!" in [text.get_text() for text in page.sheet.texts]
