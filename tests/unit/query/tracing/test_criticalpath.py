from hypothesis import given
from hypothesis import strategies as st

from refapp.query.tracing.criticalpath import critical_path


def sections(trace):
    return [(item.span.span_id, item.start - trace.start, item.end - trace.start) for item in critical_path(trace)]


def test_a_span_alone(span, trace):
    assert sections(trace(span("r", duration=5))) == [("r", 0, 5)]
    assert sections(trace(span("r", duration=0))) == []


def test_calls_one_after_the_other(span, trace):
    found = trace(span("r", duration=100), span("a", "r", 10, 20), span("b", "r", 40, 50), span("c", "b", 50, 10))
    expected = [("r", 0, 10), ("a", 10, 30), ("r", 30, 40), ("b", 40, 50), ("c", 50, 60), ("b", 60, 90), ("r", 90, 100)]
    assert sections(found) == expected


def test_of_calls_at_once_the_last_to_finish_counts(span, trace):
    found = trace(span("r", duration=100), span("a", "r", 10, 60), span("b", "r", 10, 80), span("c", "r", 20, 10))
    assert sections(found) == [("r", 0, 10), ("b", 10, 90), ("r", 90, 100)]


def test_children_count_as_far_as_they_lie_within_their_parent(span, trace):
    found = trace(
        span("r", duration=50),
        span("a", "r", 20, 90),
        span("b", "a", 15, 95),
        span("c", "r", 60),
        span("d", "r", 10, 0),
    )
    assert sections(found) == [("r", 0, 20), ("b", 20, 50)]


def test_nobody_waits_for_the_receiver_of_a_message(span, trace):
    root = span("r", duration=50, kind="SERVER")
    sent, received = span("p", "r", 10, 30, kind="PRODUCER"), span("c", "p", 20, 10, kind="CONSUMER")
    assert sections(trace(root, sent, received)) == [("r", 0, 10), ("p", 10, 40), ("r", 40, 50)]
    assert sections(trace(root, span("c", "r", 20, 10, kind="CONSUMER"))) == [
        ("r", 0, 20),
        ("c", 20, 30),
        ("r", 30, 50),
    ]


def test_a_deep_trace(span, trace):
    count = 3000
    spans = [span(f"{number:05}", f"{number - 1:05}", number, 2 * (count - number)) for number in range(count)]
    assert len(critical_path(trace(*spans))) == 2 * count - 1


@given(data=st.data())
def test_the_path_covers_the_root_once(any_trace, data):
    trace = data.draw(any_trace)
    root = trace.roots[0]
    path = critical_path(trace)
    assert sum(section.duration for section in path) == root.duration
    borders = [root.start, *(item.end for item in path)]
    assert borders == [*(item.start for item in path), root.end]
    assert borders == sorted(borders)


@given(data=st.data())
def test_in_a_section_no_child_finished_that_was_waited_for(any_trace, data):
    trace = data.draw(any_trace)
    for section in critical_path(trace):
        span = section.span
        assert span.start <= section.start < section.end <= span.end
        for child in trace.children(span):
            waited = (span.kind, child.kind) != ("PRODUCER", "CONSUMER") and child.duration
            inside = section.start <= child.start and section.start < child.end <= section.end
            assert not (waited and inside)
