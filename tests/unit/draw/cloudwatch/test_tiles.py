from datetime import UTC, datetime

import pytest

from refapp.draw.cloudwatch.charts import between
from refapp.draw.cloudwatch.tiles import PAD, Head, tile, written_span
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Page


def lines(head):
    page = Page(head.height + 1)
    head.draw(page)
    return page.figure


def test_a_head_has_a_title_and_facts_beside_each_other(drawn):
    texts = drawn(lines(Head("Title", ("one", "", "two"))))
    assert texts == {"title": "Title", "facts": "one   ·   two"}


def test_facts_that_do_not_fit_go_on_below(drawn, flaws):
    figure = lines(Head("Title", ("first " * 12, "second " * 12, "/a/group/" + "x" * 150)))
    texts = drawn(figure)
    assert texts["facts"].startswith("first")
    assert texts["facts 1"].startswith("second")
    rest = [text for gid, text in texts.items() if gid not in ("title", "facts", "facts 1")]
    assert "".join(rest) == "/a/group/" + "x" * 150
    assert flaws(figure) == []


def test_a_head_is_as_high_as_its_lines():
    assert Head("t").height < Head("t", ("a",)).height < Head("t", ("a " * 60, "b " * 60)).height


def test_a_title_ends_where_something_else_begins(drawn, flaws):
    page = Page(1.0)
    Head("A very long title of a page that goes on and on, over all of its width").draw(page, 3.0)
    assert drawn(page.figure)["title"].endswith("…")
    assert flaws(page.figure) == []


def test_a_tile_leaves_room_below_its_title(page, drawn):
    where = Box(0.5, 0.5, 3.0, 2.0)
    inner = tile(page, where, "CPU", "cpu")
    assert drawn(page.figure) == {"cpu title": "CPU"}
    assert (inner.x, inner.right) == (pytest.approx(where.x + PAD), pytest.approx(where.right - PAD))
    assert where.y + PAD < inner.y < inner.bottom < where.bottom


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ((1, 12, 30, 5), "2026-03-01 12:00:00 to 12:30:05 UTC"),
        ((2, 0, 0, 0), "2026-03-01 12:00:00 to 2026-03-02 00:00:00 UTC"),
    ],
)
def test_a_span_names_the_date_as_often_as_needed(end, text):
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    last = datetime(2026, 3, *end, tzinfo=UTC)
    assert written_span(between(start.timestamp(), last.timestamp())) == text
