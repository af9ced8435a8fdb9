from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards import timeaxis
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.texts import width

START = 1_767_322_800.0  # 2026-01-02 03:00:00 UTC


def window(seconds, start=START):
    return Window(start=start, end=start + seconds, scrape=2)


def test_ticks_are_at_whole_minutes():
    assert timeaxis.ticks(window(900), 2.6) == [
        (START, "03:00"),
        (START + 300, "03:05"),
        (START + 600, "03:10"),
        (START + 900, "03:15"),
    ]


def test_short_spans_have_seconds_and_long_ones_days():
    assert timeaxis.ticks(window(20), 3)[1][1] == "03:00:05"
    assert timeaxis.ticks(window(4 * 86_400), 3)[0][1] == "01-03"


@given(st.floats(1, 1e9), st.floats(0.2, 7), st.floats(0, 2e9))
def test_labels_never_touch(seconds, room, start):
    span = window(seconds, start)
    found = timeaxis.ticks(span, room)
    edges = [((at - span.start) / seconds * room, width(label, 8) / 2) for at, label in found]
    assert all(right - left > a + b for (left, a), (right, b) in pairwise(edges))
    assert all(span.start - 1e-6 <= at <= span.end + 1e-5 for at, _ in found)


@pytest.mark.parametrize("start", [START, START + 0.5, START + 4.5])
def test_a_label_at_the_edge_does_not_touch_the_next(start):
    page = Page(1.2)
    axes = page.axes(Box(0.3, 0.1, 6.1, 0.8), "p")
    timeaxis.draw(axes, window(40, start), Box(0.3, 0.1, 6.1, 0.8))
    page.figure.draw_without_rendering()
    boxes = [one.get_window_extent() for one in axes.get_xticklabels() if one.get_text()]
    assert min(right.x0 - left.x1 for left, right in pairwise(boxes)) > 0.08 * page.figure.dpi
