import pytest

from refapp.query.tracing.tree import frame, short, tree


@pytest.fixture
def example(span, trace):
    host = "svc.cluster.local"
    return trace(
        span("r", duration=12_340, service="edge.dev", operation=f"rev-proxy.dev.{host}:80/*", kind="CLIENT"),
        span("a", "r", 1000, 9000, service="rev-proxy.dev", operation=f"rev-proxy.dev.{host}/*", kind="SERVER"),
        span("b", "a", 2000, 500, service="rev-proxy.dev", operation="get", tags={"error": "true"}),
        span("c", "b", 2100, 100, service="store"),
        span("d", "r", 11_000, 7, service="two.dev"),
        span("o", "gone", 11_500, 1_234_567, service="three.dev"),
    )


def test_tree(example):
    assert tree(example).splitlines() == [
        "edge.dev             CLIENT  rev-proxy/*     12.34 ms",
        "├─ rev-proxy.dev     SERVER  rev-proxy/*      9.00 ms",
        "│  └─ rev-proxy.dev          get              0.50 ms  error",
        "│     └─ store               get              0.10 ms",
        "└─ two.dev                   get              0.01 ms",
        "three.dev                    get          1,234.57 ms",
    ]


@pytest.mark.parametrize(
    ("operation", "shown"),
    [
        ("service-a.dev.svc.cluster.local:50051/*", "service-a/*"),
        ("service-a.dev.svc.cluster.local", "service-a"),
        ("GET service-a.dev.svc.cluster.local/*", "GET service-a.dev.svc.cluster.local/*"),
        ("insert", "insert"),
        ("", ""),
    ],
)
def test_operations_are_shown_without_their_domain(operation, shown):
    assert short(operation) == shown


def test_frame(example):
    table = frame(example)
    assert list(table.columns) == [
        "depth", "service", "operation", "kind", "start_ms", "duration_ms", "self_ms", "error"
    ]  # fmt: skip
    assert table.iloc[2].to_list() == [2, "rev-proxy.dev", "get", "", 2, 0.5, 0.4, True]
    assert table["depth"].to_list() == [0, 1, 2, 3, 1, 0]
