import numpy as np
import pytest

from refapp.draw.routes import Box, Disc, places, routes

PAGE = Box((3, 3), 6, 6)


def inside(line, page):
    return page.holds(line).all()


def test_a_line_goes_straight_from_outline_to_outline():
    shapes = {"a": Box((1, 1), 1, 0.2), "b": Disc((1, 3), 0.5)}
    line = routes([("a", "b")], shapes, PAGE)["a", "b"]
    assert line[0] == pytest.approx((1, 1.1), abs=0.02)
    assert line[-1] == pytest.approx((1, 2.5), abs=0.02)
    assert np.ptp(line[:, 0]) == pytest.approx(0, abs=1e-9)


def test_a_line_avoids_other_nodes_and_what_else_is_in_its_way():
    shapes = {"a": Box((1, 1), 1, 0.2), "b": Box((1, 2), 1, 0.2), "c": Box((1, 3), 1, 0.2)}
    line = routes([("a", "c")], shapes, PAGE)["a", "c"]
    assert not shapes["b"].holds(line).any()
    assert inside(line, PAGE)
    del shapes["b"]
    name = Box((1, 2), 0.6, 0.2)
    assert not name.holds(routes([("a", "c")], shapes, PAGE, obstacles=[name])["a", "c"]).any()


def test_lines_in_both_directions_keep_apart():
    shapes = {"a": Disc((1, 1), 0.2), "b": Disc((4, 1), 0.2)}
    there, back = routes([("a", "b"), ("b", "a")], shapes, PAGE).values()
    assert there[len(there) // 2][1] != pytest.approx(back[len(back) // 2][1], abs=0.2)


def test_a_line_swings_from_layer_to_layer_where_a_straight_one_would_cross():
    shapes = {"a": Box((1, 3), 0.8, 0.3), "b": Box((3, 0.6), 0.8, 0.3), "c": Box((3, 1.0), 0.8, 0.3)}
    line = routes([("a", "b")], shapes, PAGE, flow="right")["a", "b"]
    assert line[0] == pytest.approx((1.4, 3))
    assert line[-1] == pytest.approx((2.6, 0.6))
    assert not shapes["c"].holds(line).any()


def test_a_loop_is_above_its_node():
    shapes = {"a": Box((3, 3), 1, 0.4)}
    line = routes([("a", "a")], shapes, PAGE)["a", "a"]
    assert not shapes["a"].holds(line[1:-1], -0.02).any()
    assert line[:, 1].min() < 2.8 - 0.15


def test_texts_are_on_their_lines_and_do_not_touch():
    shapes = {"a": Box((3, 1), 1, 0.3), **{f"{n}": Box((1 + n, 4), 0.8, 0.3) for n in range(5)}}
    lines = routes([("a", f"{n}") for n in range(5)], shapes, PAGE, flow="down")
    found = places(lines, dict.fromkeys(lines, (0.6, 0.15)), [shape.bounds for shape in shapes.values()])
    boxes = [*found.values(), *(shape.bounds for shape in shapes.values())]
    assert all(one.overlap(other) == 0 for one in boxes for other in boxes if one is not other)
    for edge, box in found.items():
        assert np.hypot(*(lines[edge] - box.centre).T).min() < 0.02


def test_overlap_is_the_area_in_common():
    assert Box((0, 0), 2, 2).overlap(Box((1.5, 0), 2, 1)) == pytest.approx(0.5)
    assert Box((0, 0), 2, 2).overlap(Box((2, 0), 2, 2)) == 0
    assert Disc((0, 0), 1).bounds == Box((0, 0), 2, 2)
