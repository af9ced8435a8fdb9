from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.graph.ordering import apart, crossings, layers_of, order, spread


def test_what_nothing_leads_to_stands_right_before_what_it_leads_to():
    layers = layers_of(["a", "b", "c", "late"], [("a", "b"), ("b", "c"), ("late", "c")])
    assert layers == {"a": 0, "b": 1, "c": 2, "late": 1}


def test_a_cycle_has_layers_too():
    layers = layers_of(["a", "b"], [("a", "b"), ("b", "a")])
    assert sorted(layers.values()) == [0, 1]
    assert layers_of(["a"], []) == {"a": 0}


def test_what_has_no_lines_stands_where_there_is_room():
    assert layers_of(["a", "b", "x", "y"], [("a", "b")]) == {"a": 0, "b": 1, "x": 1, "y": 1}
    assert sorted(layers_of(list("abcdefgh"), []).values()) == [0, 0, 1, 1, 2, 3, 4, 5]
    assert layers_of([], []) == {}


def test_crossings_are_counted():
    layers = [["a", "b"], ["c", "d"]]
    assert crossings(layers, [("a", "d"), ("b", "c")]) == 1
    assert crossings(layers, [("a", "c"), ("b", "d"), ("a", "d")]) == 0


def test_an_order_with_few_crossings_is_found():
    layers = [["a", "b", "c"], ["d", "e", "f"]]
    edges = [("a", "f"), ("b", "e"), ("c", "d")]
    assert crossings(order(layers, edges), edges) == 0


LAYERS = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@st.composite
def layered(draw):
    layers = [[f"{place}-{number}" for number in range(size)] for place, size in enumerate(draw(LAYERS))]
    pairs = [(a, b) for one, other in pairwise(layers) for a in one for b in other]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return layers, edges


@given(layered())
def test_an_order_keeps_the_nodes_and_is_never_worse(graph):
    layers, edges = graph
    found = order(layers, edges)
    assert [sorted(layer) for layer in found] == [sorted(layer) for layer in layers]
    assert crossings(found, edges) <= crossings(layers, edges)


@given(layered())
def test_places_keep_the_order_and_leave_room(graph):
    layers, edges = graph
    rooms = {name: (0.2, 0.3) for layer in layers for name in layer}
    places = spread(layers, edges, rooms, passing={layers[0][0]})
    assert min(places[name] - rooms[name][0] for name in places) == pytest.approx(0)
    for layer in layers:
        for one, other in pairwise(layer):
            assert places[other] - places[one] >= 0.5 - 1e-9


def test_a_chain_is_straight():
    layers = [["a"], ["b"], ["c", "d"]]
    places = spread(layers, [("a", "b"), ("b", "c")], dict.fromkeys("abcd", (0.5, 0.5)))
    assert places["a"] == pytest.approx(places["b"]) == pytest.approx(places["c"], abs=0.05)


WISHES = st.lists(st.floats(-5, 5), min_size=1, max_size=6)


@given(WISHES)
def test_what_is_wished_for_is_granted_where_it_can_be(wished):
    found = apart(wished, [(0.5, 0.5)] * len(wished))
    assert all(other - one >= 1 - 1e-9 for one, other in pairwise(found))
    if all(other - one >= 1 for one, other in pairwise(wished)):
        assert found == pytest.approx(wished)
    assert sum(found) == pytest.approx(sum(wished), abs=1e-6)
