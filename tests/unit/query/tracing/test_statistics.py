import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.tracing.statistics import statistics


@pytest.fixture
def example(span, trace):
    return trace(
        span("r", duration=10_000, service="one.dev", operation="get", kind="CLIENT"),
        span("a", "r", 1000, 6000, service="two.dev", operation="serve", kind="SERVER"),
        span("b", "a", 2000, 1000, service="two.dev", operation="store"),
        span("c", "a", 3000, 3000, service="two.dev", operation="store"),
    )


def test_services_and_operations(example):
    table = statistics(example).set_index(["service", "operation"])
    assert list(table.index) == [("one.dev", "get"), ("two.dev", "store"), ("two.dev", "serve")]
    assert table.loc[("two.dev", "store")].to_dict() == {
        "count": 2,
        "total_ms": 4,
        "average_ms": 2,
        "min_ms": 1,
        "max_ms": 3,
        "self_ms": 4,
        "self_share": 0.4,
    }
    assert table["self_ms"].to_list() == [4, 4, 2]


def test_services_alone(example):
    for by in ("service", ["service"]):
        table = statistics(example, by=by)
        assert table[["service", "count", "self_ms"]].to_numpy().tolist() == [["two.dev", 3, 6], ["one.dev", 1, 4]]


def test_kinds(example):
    assert set(statistics(example, by="kind")["kind"]) == {"", "CLIENT", "SERVER"}


@pytest.mark.parametrize("by", ["pod", [], ["service", "pod"]])
def test_other_groups_are_refused(example, by):
    with pytest.raises(ValueError, match="service, operation, kind"):
        statistics(example, by=by)


def test_a_trace_without_duration(span, trace):
    assert statistics(trace(span("a", duration=0)))["self_share"].to_list() == [0]


@given(data=st.data())
def test_groups_hold_every_span_once(any_trace, data):
    trace = data.draw(any_trace)
    table = statistics(trace, by="service")
    assert table["count"].sum() == len(trace.spans)
    assert table["total_ms"].sum() * 1000 == pytest.approx(sum(span.duration for span in trace.spans))
    assert table["self_ms"].sum() * 1000 == pytest.approx(sum(map(trace.self_time, trace.spans)))
