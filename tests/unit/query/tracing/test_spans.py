import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.tracing.spans import Trace


@pytest.mark.parametrize(
    ("tags", "error"),
    [
        ({}, False),
        ({"error": "true"}, True),
        ({"error": "connection refused"}, True),
        ({"error": ""}, True),
        ({"error": "false"}, False),
        ({"http.status_code": "499"}, False),
        ({"http.status_code": "500"}, True),
        ({"http.status_code": "-"}, False),
        ({"grpc.status_code": "0"}, False),
        ({"grpc.status_code": "OK"}, False),
        ({"grpc.status_code": "14"}, True),
    ],
)
def test_errors_are_told_by_tags(span, trace, tags, error):
    failed = span("a", tags=tags)
    assert failed.error is error
    assert trace(failed, span("b")).errors == error


def test_the_order_of_spans(span, trace):
    spans = (span("z"), span("b", "z"), span("a", "b"), span("c", "z", start=-1))
    for order in itertools.permutations(spans):
        assert "".join(item.span_id for item in trace(*order).spans) == "czba"


def test_structure(span, trace):
    root, first, second, below = span("r", duration=50), span("a", "r", 1), span("b", "r", 2), span("c", "a", 5, 99)
    orphan = span("o", "gone", 3, service="two.dev")
    found = trace(below, second, orphan, first, root)
    assert found.roots == (root, orphan)
    assert found.children(root) == (first, second)
    assert found.children(below) == ()
    assert (found.parent(below), found.parent(orphan)) == (first, None)
    assert list(found.walk()) == [(0, root), (1, first), (2, below), (1, second), (0, orphan)]
    assert (found.duration, found.end, found.depth) == (104, root.start + 104, 3)
    assert found.services == ("one.dev", "two.dev")


def test_a_trace_has_spans():
    with pytest.raises(ValueError, match="trace t has no spans"):
        Trace("t", ())


def test_a_span_that_is_there_twice_is_kept_once(span, trace):
    assert len(trace(span("a", tags={"k": "v"}), span("a", tags={"k": "v"})).spans) == 1


def test_both_sides_of_a_call_may_share_an_id(span, trace):
    root = span("r", duration=30)
    client = span("s", "r", 1, 20, kind="CLIENT")
    server = span("s", "r", 2, 15, kind="SERVER", service="two.dev")
    below = span("c", "s", 3, service="two.dev")
    found = trace(below, server, client, root)
    assert list(found.walk()) == [(0, root), (1, client), (2, server), (3, below)]


@pytest.mark.parametrize(("parents", "root"), [("a", "a"), ("ba", "a"), ("bca", "a")])
def test_parents_in_a_cycle(span, trace, parents, root):
    found = trace(*(span(name, parent, ord(name)) for name, parent in zip("abc", parents, strict=False)))
    assert [item.span_id for item in found.roots] == [root]


def test_self_time_leaves_out_children(span, trace):
    root = span("r", duration=100)
    children = span("a", "r", -5, 15), span("b", "r", 20, 20), span("c", "r", 30, 20), span("d", "r", 90, 50)
    found = trace(root, *children, span("e", "b", 0, 100))
    assert found.self_time(root) == 100 - 10 - 30 - 10
    assert found.self_time(children[0]) == 15


def test_a_deep_trace(span, trace):
    found = trace(*(span(f"{number:05}", f"{number - 1:05}") for number in range(5000)))
    assert found.depth == 5000


@given(data=st.data())
def test_every_span_has_one_place(any_trace, data):
    trace = data.draw(any_trace)
    walked = list(trace.walk())
    assert sorted(span.span_id for _, span in walked) == sorted(span.span_id for span in trace.spans)
    depths = {span: depth for depth, span in walked}
    for span in trace.spans:
        parent = trace.parent(span)
        assert depths[span] == (depths[parent] + 1 if parent else 0)
        assert (span in trace.roots) == (parent is None)
        assert parent is None or span in trace.children(parent)


@given(data=st.data())
def test_self_time_is_the_number_of_moments_without_a_child(any_trace, data):
    trace = data.draw(any_trace)
    for span in trace.spans:
        busy = {moment for child in trace.children(span) for moment in range(child.start, child.end)}
        assert trace.self_time(span) == len(set(range(span.start, span.end)) - busy)
