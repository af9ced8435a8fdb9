from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.documents import Grid
from refapp.draw.dashboards.layout import GAP, UNIT, Box, Claim, arrange
from refapp.draw.style import WIDTH


def claim(x, y, w, h, least=1.0, height=None):
    return Claim(grid=Grid(x=x, y=y, w=w, h=h), least=least, height=lambda _, asked: height or asked)


def overlap(one, other):
    return (
        one.x < other.right - 1e-6
        and other.x < one.right - 1e-6
        and one.y < other.bottom - 1e-6
        and other.y < one.bottom - 1e-6
    )


def test_panels_keep_their_places_when_they_are_wide_enough():
    boxes, end = arrange([claim(0, 0, 12, 8), claim(12, 0, 12, 4), claim(12, 4, 12, 4)])
    left, upper, lower = boxes
    assert left.w == pytest.approx((WIDTH - GAP) / 2)
    assert upper.x == lower.x == pytest.approx(left.right + GAP)
    assert lower.y == pytest.approx(upper.bottom + GAP)
    assert lower.bottom == pytest.approx(left.bottom)
    assert end == pytest.approx(8 * UNIT)


def test_panels_that_would_be_too_narrow_follow_each_other():
    boxes, _ = arrange([claim(x, 0, 8, 8, least=3) for x in (0, 8, 16)])
    assert [box.y for box in boxes[:2]] == [0, 0]
    assert boxes[2].y > boxes[0].bottom
    assert boxes[2].w == pytest.approx(WIDTH)


def test_four_in_two_lines_are_two_and_two():
    boxes, _ = arrange([claim(x, 0, 6, 4, least=1.9) for x in (0, 6, 12, 18)])
    assert len({box.y for box in boxes}) == 2
    assert len({round(box.w, 6) for box in boxes}) == 1


def test_what_needs_more_height_gets_it_and_its_neighbour_too():
    boxes, end = arrange([claim(0, 0, 12, 4, height=3), claim(12, 0, 12, 4)])
    assert [box.h for box in boxes] == pytest.approx([3, 3])
    assert end == pytest.approx(3 + GAP)


GRIDS = st.tuples(st.integers(0, 23), st.integers(0, 30), st.integers(1, 24), st.integers(1, 20)).map(
    lambda one: (min(one[0], 24 - one[2]), *one[1:])
)


@given(st.lists(st.tuples(GRIDS, st.floats(0.5, 9), st.floats(0.2, 4)), max_size=8))
def test_all_panels_are_on_the_page_and_those_of_a_proper_grid_apart(panels):
    claims = [claim(*grid, least=least, height=height) for grid, least, height in panels]
    boxes, end = arrange(claims, 1.0)
    for box, (_, _, height) in zip(boxes, panels, strict=True):
        assert box.x >= -1e-6
        assert box.right <= WIDTH + 1e-6
        assert box.y >= 1 - 1e-6
        assert box.bottom <= end + 1e-6
        assert box.h >= height - 1e-6
    apart = all(
        not (a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3])
        for (a, _, _), (b, _, _) in combinations(panels, 2)
    )
    assert not apart or not any(overlap(one, other) for one, other in combinations(boxes, 2))


def test_what_is_left_within_margins():
    box = Box(1, 2, 4, 3).inner(left=0.5, top=1, right=0.5, bottom=0.5)
    assert (box.x, box.y, box.w, box.h) == (1.5, 3, 3, 1.5)
    assert Box(0, 0, 1, 1).inner(left=2).w > 0


def test_a_box_in_equal_parts():
    box = Box(1, 2, 6, 4)
    assert list(box.cells(3, 2)) == [Box(1, 2, 3, 2), Box(4, 2, 3, 2), Box(1, 4, 3, 2)]
    assert list(box.cells(1, 1)) == [box]
    assert list(box.cells(0, 1)) == []
