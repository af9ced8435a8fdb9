import pytest

from refapp.draw.dashboards.framing import Framed, Head, section
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Page
from refapp.draw.dashboards.text import Notice


class Broken:
    least = 1.0

    def height(self, width, asked):
        del width
        return asked

    def draw(self, *_):
        raise KeyError("thought of by nobody")


def drawn(framed, width=3.0):
    height = framed.claim.height(width, 1.5)
    page = Page(height + 0.1)
    framed.draw(page, Box(0.05, 0.05, width, height), "p")
    return page.figure


def test_a_panel_has_its_title_with_its_variables(content, written):
    one = content({}, type="text", title="Requests of $x")
    assert written(drawn(Framed(one, Notice(("No data",)))))["p title"] == "Requests of $x"


def test_what_nobody_has_thought_of_spoils_one_panel_only(content, notices):
    assert "cannot be drawn: KeyError: 'thought of by nobody'" in notices(
        drawn(Framed(content({}, type="text"), Broken()))
    )


def test_remarks_make_it_higher(content):
    one = content({}, type="text", title="x")
    plain, remarked = (Framed(one, Notice(("a",)), remarks).claim.height(3, 1) for remarks in ((), ("words " * 40,)))
    assert remarked > plain


@pytest.mark.parametrize(
    "title", ["", "Short", "A title with many words that does not fit on one line of a narrow panel"]
)
@pytest.mark.parametrize("width", [1.5, 6.4])
def test_it_can_be_read(content, flaws, title, width):
    framed = Framed(content({}, type="text", title=title), Notice(("No data",)), ("a remark",))
    assert flaws(drawn(framed, width)) == []


def test_the_head_tells_time_variables_and_notes(written):
    head = Head(title="T", variables=[("ns", "dev")], span="3 to 4", notes=["variable x: failed"])
    page = Page(head.height)
    head.draw(page)
    texts = written(page.figure)
    assert (texts["title"], texts["note 0"]) == ("T", "variable x: failed")
    assert texts["head 0"].startswith("3 to 4")
    assert "ns: dev" in texts["head 0"]


def test_long_heads_are_wrapped(flaws):
    head = Head(
        title="A title " * 30, variables=[(f"variable{number}", "value " * 5) for number in range(9)], span="3 to 4"
    )
    page = Page(head.height)
    head.draw(page)
    assert flaws(page.figure) == []


def test_a_row_has_its_title(written):
    page = Page(1)
    section(page, "Row", 0.2, "row 0")
    assert written(page.figure)["row 0"] == "Row"
