from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.draw.style import WIDTH
from refapp.draw.tracing.placing import by_force, in_layers, widest_layer

NAMES = tuple("abcdefghij")
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=18)
ROOM = (0.9, 0.4)


def apart(places, room):
    return all(
        abs(a[0] - b[0]) >= room[0] - 0.01 or abs(a[1] - b[1]) >= room[1] - 0.01
        for a, b in combinations(places.values(), 2)
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 10), EDGES)
def test_forces_leave_nodes_apart_and_on_the_page(count, edges):
    names = NAMES[:count]
    own = [edge for edge in edges if {*edge} <= {*names}]
    places = by_force(names, own, (WIDTH, 5), ROOM)
    assert list(places) == list(names)
    assert apart(places, ROOM)
    assert all(ROOM[0] / 2 <= x <= WIDTH - ROOM[0] / 2 + 1e-9 for x, _ in places.values())
    assert all(ROOM[1] / 2 <= y <= 5 - ROOM[1] / 2 + 1e-9 for _, y in places.values())


def test_the_same_graph_always_looks_the_same():
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("b", "e")]
    assert by_force(NAMES[:5], edges, (WIDTH, 4), ROOM) == by_force(NAMES[:5], edges, (WIDTH, 4), ROOM)


def test_what_is_joined_is_nearer_than_what_is_not():
    edges = [(a, b) for group in ("abc", "def") for a, b in combinations(group, 2)] + [("c", "d")]
    places = by_force(NAMES[:6], edges, (WIDTH, 4), (0.3, 0.3))

    def distance(a, b):
        return np.hypot(*np.subtract(places[a], places[b]))

    joined = [distance(*edge) for edge in edges]
    others = [distance(*pair) for pair in combinations(NAMES[:6], 2) if pair not in edges]
    assert np.mean(joined) < 0.7 * np.mean(others)


def test_calls_go_to_the_right_where_they_can():
    places = by_force(NAMES[:4], [("a", "b"), ("b", "c"), ("c", "d")], (WIDTH, 2), ROOM)
    assert places["a"][0] < places["b"][0] < places["c"][0] < places["d"][0]


@pytest.mark.parametrize("across", [False, True])
def test_layers_follow_each_other_down_or_to_the_right(across):
    edges = [("a", "b"), ("a", "c"), ("c", "d")]
    places, height = in_layers(NAMES[:4], edges, (1.0, 0.5), across=across)
    axis = 0 if across else 1
    assert places["a"][axis] < places["b"][axis] == places["c"][axis] < places["d"][axis]
    assert all(0 < x < WIDTH and 0 < y < height for x, y in places.values())
    assert apart(places, (1.0, 0.5))


def test_columns_and_layers_are_counted():
    assert widest_layer(NAMES[:4], [("a", "b"), ("a", "c"), ("c", "d")]) == (2, 3)
