from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.draw.tracing.tree import Node, draw_trees

SHAPES = st.recursive(st.just([]), lambda below: st.lists(below, max_size=4), max_leaves=14)


def node(shape, name="1"):
    children = tuple(node(below, f"{name}.{number}") for number, below in enumerate(shape, 1))
    return Node(
        name=name,
        title=f"service {name}",
        detail="operation",
        numbers=("1 / 0 · 8.12 ms (100%)", "self 1.2 ms"),
        face="white",
        mark="#0072b2",
        children=children,
    )


def boxes(roots):
    figure, axes = draw_trees(roots, 0.5)
    figure.draw_without_rendering()
    found = {patch.get_gid(): patch.get_window_extent() for patch in axes.patches if patch.get_gid()}
    return {name: box for name, box in found.items() if "→" not in name and name != "ground"}, figure


@settings(deadline=None, max_examples=20)
@given(SHAPES)
def test_boxes_stay_apart_and_on_the_page_whatever_the_tree(shape):
    root = node(shape)
    found, figure = boxes([root])
    assert set(found) == {below.name for _, below in root.walk()}
    assert [pair for pair in combinations(found, 2) if found[pair[0]].overlaps(found[pair[1]])] == []
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in found.values())
    assert all(figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1 - 0.5 * figure.dpi + 1 for box in found.values())


def test_what_has_room_is_side_by_side():
    found, _ = boxes([node([[], []])])
    assert found["1.1"].y0 == pytest.approx(found["1.2"].y0)


def test_what_has_no_room_is_indented():
    found, _ = boxes([node([[]] * 9)])
    tops = [found[f"1.{number}"].y1 for number in range(1, 10)]
    assert tops == sorted(tops, reverse=True)
    assert {round(found[f"1.{number}"].x0) for number in range(1, 10)} == {round(found["1.1"].x0)}
    assert found["1"].x0 < found["1.1"].x0


def test_several_trees_stand_beside_each_other():
    found, _ = boxes([node([[]]), node([], "2")])
    assert found["1"].y0 == pytest.approx(found["2"].y0)
    assert found["1"].x1 < found["2"].x0


def test_walk_gives_depths():
    assert [(depth, below.name) for depth, below in node([[[]], []]).walk()] == [
        (0, "1"),
        (1, "1.1"),
        (2, "1.1.1"),
        (1, "1.2"),
    ]
