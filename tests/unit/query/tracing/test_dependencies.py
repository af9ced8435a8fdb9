from refapp.query.tracing.dependencies import Dependencies, Edge


def test_nodes_and_edges_are_in_order():
    last, first = Edge(parent="b", child="c", calls=1), Edge(parent="a", child="c", calls=2, errors=1)
    found = Dependencies.of([last, first])
    assert found == Dependencies(("a", "b", "c"), (first, last))
    assert found.frame["calls"].to_list() == [2, 1]
    assert found.frame["errors"].sum() == 1
    assert found.frame["errors"].isna().to_list() == [False, True]


def test_none():
    assert list(Dependencies.of([]).frame.columns) == ["parent", "child", "calls", "errors"]
