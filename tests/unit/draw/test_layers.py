from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.layers import assign_columns, assign_layers

NAMES = list("abcdefgh")
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20)
FORWARD = EDGES.map(lambda edges: [edge for edge in edges if edge[0] < edge[1]])


def test_a_node_is_one_layer_below_the_last_that_leads_to_it():
    assert assign_layers("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("a", "d")]) == {"a": 0, "b": 1, "c": 2, "d": 1}


def test_what_nothing_leads_to_may_begin_further_down():
    assert assign_layers("abc", [("b", "c")], {"b": 2, "c": 5}) == {"a": 0, "b": 2, "c": 3}


def test_a_cycle_begins_where_it_is_reached_first():
    assert assign_layers("cba", [("a", "b"), ("b", "c"), ("c", "b")]) == {"a": 0, "b": 1, "c": 2}
    assert assign_layers("cb", [("b", "c"), ("c", "b")]) == {"c": 0, "b": 1}


def test_edges_of_others_and_to_oneself_are_ignored():
    assert assign_layers("ab", [("x", "a"), ("a", "y"), ("b", "b"), ("a", "b")]) == {"a": 0, "b": 1}


@given(FORWARD)
def test_layers_follow_every_edge_where_there_is_no_cycle(edges):
    found = assign_layers(NAMES, edges)
    assert all(found[source] < found[target] for source, target in edges)
    led = {target for _, target in edges}
    assert all((layer == 0) == (name not in led) for name, layer in found.items())


@given(EDGES)
def test_no_two_nodes_share_a_place(edges):
    found = assign_layers(NAMES, edges)
    columns = assign_columns(NAMES, edges, found)
    assert len({(found[name], columns[name]) for name in NAMES}) == len(NAMES)
    for layer in set(found.values()):
        own = sorted(columns[name] for name in NAMES if found[name] == layer)
        assert all(right - left >= 1 for left, right in pairwise(own))


def test_a_parent_is_in_the_middle_of_its_children():
    edges = [("a", "b"), ("a", "c"), ("a", "d"), ("c", "e"), ("c", "f")]
    columns = assign_columns("abcdef", edges, assign_layers("abcdef", edges))
    assert columns == {"b": 0, "e": 1, "f": 2, "c": 1.5, "d": 3, "a": 1.5}
