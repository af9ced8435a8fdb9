from hypothesis import given
from hypothesis import strategies as st

from refapp.query.tracing.comparison import ComparisonNode, compare


def test_what_both_did_and_what_one_did(span, trace):
    root = span("r", duration=100, kind="SERVER")
    a = trace(root, span("1", "r", 1, 10, operation="x"), span("2", "1", 2, 5, operation="y"))
    b = trace(
        root,
        span("1", "r", 1, 20, operation="x"),
        span("3", "r", 2, 30, operation="x"),
        span("4", "3", 3, 7, operation="z"),
        span("5", "r", 0, 1, operation="x", kind="CLIENT"),
    )
    frame = compare(a, b).frame
    assert list(frame.itertuples(index=False, name=None)) == [
        (0, "one.dev", "get", "SERVER", "both", 1, 1, 0.1, 0.1, 0),
        (1, "one.dev", "x", "", "both", 1, 2, 0.01, 0.05, 0.04),
        (2, "one.dev", "y", "", "A", 1, 0, 0.005, 0, -0.005),
        (2, "one.dev", "z", "", "B", 0, 1, 0, 0.007, 0.007),
        (1, "one.dev", "x", "CLIENT", "B", 0, 1, 0, 0.001, 0.001),
    ]


def test_nodes_hold_their_children(span, trace):
    leaf = {"service": "one.dev", "operation": "x", "kind": "", "count_b": 0, "duration_b": 0}
    a, b = trace(span("r", operation="x"), span("c", "r", 1, 5, operation="x")), trace(span("r"))
    root, other = compare(a, b).roots
    child = ComparisonNode(**leaf, count_a=1, duration_a=5)
    assert root == ComparisonNode(**leaf, count_a=1, duration_a=10, children=(child,))
    assert (other.operation, other.found) == ("get", "B")


@given(data=st.data())
def test_every_span_is_counted_once(any_trace, data):
    a, b = data.draw(any_trace), data.draw(any_trace)
    nodes = [node for _, node in compare(a, b).walk()]
    assert sum(node.count_a for node in nodes) == len(a.spans)
    assert sum(node.count_b for node in nodes) == len(b.spans)
    assert sum(node.duration_b for node in nodes) == sum(span.duration for span in b.spans)


@given(data=st.data())
def test_a_trace_is_like_itself(any_trace, data):
    trace = data.draw(any_trace)
    frame = compare(trace, trace).frame
    assert set(frame["found"]) == {"both"}
    assert not frame["difference_ms"].any()
