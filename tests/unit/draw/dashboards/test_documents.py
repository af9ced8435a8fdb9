import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.documents import DashboardError, document, sections_of


def panel(title, y=0, x=0, **more):
    return {"title": title, "type": "timeseries", "gridPos": {"x": x, "y": y, "w": 12, "h": 8}, **more}


def titles(read):
    return [(section.title, [one.title for one in section.panels]) for section in read.sections]


def test_panels_are_read_in_the_order_of_their_places():
    read = document({"title": "T", "uid": "u", "panels": [panel("c", 8), panel("b", 0, 12), panel("a")]})
    assert (read.title, read.uid, titles(read)) == ("T", "u", [("", ["a", "b", "c"])])


def test_rows_head_what_is_below_them_and_are_unfolded():
    row = {"type": "row", "title": "R", "gridPos": {"y": 8}}
    folded = {"type": "row", "title": "F", "gridPos": {"y": 20}, "collapsed": True, "panels": [panel("d", 21)]}
    read = document({"panels": [panel("a"), row, panel("b", 9), folded]})
    assert titles(read) == [("", ["a"]), ("R", ["b"]), ("F", ["d"])]


def test_rows_of_before_grafana_5_become_a_grid():
    rows = [
        {"title": "one", "showTitle": True, "height": "200px", "panels": [{"span": 8}, {"span": 4}, {"span": 6}]},
        {"title": "not shown", "panels": [{"span": 12}]},
    ]
    read = document({"rows": rows})
    assert [section.title for section in read.sections] == ["one", ""]
    grids = [(one.grid.x, one.grid.y, one.grid.w, one.grid.h) for one in read.sections[0].panels]
    assert grids == [(0, 0, 16, 6), (16, 0, 8, 6), (0, 6, 12, 6)]


@pytest.mark.parametrize("wrapper", ["dashboard", "spec"])
def test_what_the_api_wraps_round_it_is_taken_off(wrapper):
    assert titles(document({"meta": {}, wrapper: {"panels": [panel("a")]}})) == [("", ["a"])]


@pytest.mark.parametrize(
    ("given", "reason"),
    [([], "JSON object"), ({}, "'panels'"), ({"elements": {}, "layout": {}}, "schema v2"), ("x", "not str")],
)
def test_what_is_no_dashboard_is_refused_with_a_reason(given, reason):
    with pytest.raises(DashboardError, match=reason):
        document(given)


@pytest.mark.parametrize(
    ("datasource", "target", "trouble"),
    [
        (None, {"expr": "up"}, ""),
        ("${DS_PROMETHEUS}", {"expr": "up"}, ""),
        ({"type": "prometheus", "uid": "x"}, {"expr": "up"}, ""),
        ({"type": "datasource", "uid": "-- Mixed --"}, {"expr": "up", "datasource": {"type": "prometheus"}}, ""),
        ({"type": "loki"}, {"expr": "{app=1}"}, "the data source loki"),
        ({"type": "mysql"}, {"rawSql": "select"}, "the data source mysql"),
        ({"type": "__expr__"}, {"expression": "$A"}, "the data source expr"),
        (None, {"expr": " "}, "a query that is not empty"),
        (None, {"query": "x"}, "a query language other than PromQL"),
    ],
)
def test_queries_that_prometheus_cannot_answer_are_told(datasource, target, trouble):
    (one,) = document({"panels": [panel("a", datasource=datasource, targets=[target])]}).panels
    assert one.targets[0].trouble == trouble


def test_an_export_brings_constants():
    given = {
        "panels": [],
        "__inputs": [{"type": "constant", "name": "VAR_X", "value": "1"}, {"type": "datasource", "name": "D"}],
    }
    assert document(given).constants == {"VAR_X": "1"}


def test_panels_are_chosen_by_title_or_id():
    read = document({"panels": [panel("a", id=7), panel("b", 8, id=8)]})
    assert [one.title for section in sections_of(read.sections, ["a", 8]) for one in section.panels] == ["a", "b"]
    assert [one.title for section in sections_of(read.sections, 8) for one in section.panels] == ["b"]
    with pytest.raises(DashboardError, match="no panel is called 'c'; there are 'a', 'b'"):
        sections_of(read.sections, "c")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda one: (
        st.lists(one, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "w", "h", "expr", "type"]), one, max_size=4)
    ),
    max_leaves=6,
)
KEYS = [
    "id",
    "type",
    "title",
    "gridPos",
    "targets",
    "fieldConfig",
    "options",
    "span",
    "repeat",
    "panels",
    "datasource",
    "interval",
]
TYPES = st.sampled_from(
    ["row", "graph", "singlestat", "table", "heatmap", "text", "stat", "gauge", "grafana-piechart-panel"]
)


@given(
    st.lists(st.dictionaries(st.sampled_from(KEYS), ODD | TYPES) | ODD, max_size=4), st.sampled_from(["panels", "rows"])
)
def test_odd_panels_are_read_within_the_grid(panels, key):
    read = document({key: panels if key == "panels" else [{"panels": panels, "height": None}]})
    for one in read.panels:
        assert 0 <= one.grid.x <= 24 - one.grid.w
        assert one.grid.h >= 1
        assert one.grid.y >= 0
