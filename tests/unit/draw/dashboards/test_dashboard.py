import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.draw import dashboards
from refapp.draw.dashboards import DashboardError
from refapp.draw.style import WIDTH

UNTIL = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def panel(title, kind="timeseries", y=0, expr="x", **more):
    grid = {"x": 0, "y": y, "w": 24, "h": 6}
    return {"title": title, "type": kind, "gridPos": grid, "targets": [{"refId": "A", "expr": expr}], **more}


def dashboard(*panels, **more):
    return {"title": "Board", "panels": list(panels), **more}


# What a dashboard of 2016 looks like: rows, spans of twelve, panels that are not made any more.
NETWORK = {
    "type": "graph",
    "span": 12,
    "title": "I/O of $node",
    "datasource": "${DS_PROM}",
    "legend": {"show": False},
    "yaxes": [{"format": "Bps", "label": "in / out"}, {"show": False}],
    "nullPointMode": "connected",
    "seriesOverrides": [{"alias": "Sent", "transform": "negative-Y"}],
    "targets": [
        {"expr": 'received{node=~"$node"}', "legendFormat": "Received", "intervalFactor": 2, "step": 10},
        {"expr": 'sent{node=~"[[node]]"}', "legendFormat": "Sent"},
    ],
}
MEMORY = {
    "type": "singlestat",
    "span": 4,
    "title": "Memory",
    "format": "percent",
    "thresholds": "65,90",
    "gauge": {"show": True, "minValue": 0, "maxValue": 100},
    "valueName": "current",
    "targets": [{"expr": "memory"}],
}
CORES = {"type": "singlestat", "span": 4, "title": "CPU", "postfix": " cores", "targets": [{"expr": "cores"}]}
PODS = {"type": "table", "span": 4, "title": "Pods", "styles": [], "targets": [{"expr": "pods", "format": "table"}]}
ALERTS = {"type": "alertlist", "span": 4, "title": "Alerts"}
OLD = {
    "title": "Cluster monitoring",
    "schemaVersion": 12,
    "__inputs": [{"name": "DS_PROM", "type": "datasource", "pluginId": "prometheus"}],
    "templating": {"list": [{"name": "node", "query": "label_values(node)", "includeAll": True, "allValue": ".*"}]},
    "rows": [
        {"title": "Network", "showTitle": True, "height": "200px", "panels": [NETWORK]},
        {"title": "Total", "panels": [MEMORY, CORES, PODS, ALERTS]},
    ],
}


@pytest.fixture
def old(answers):
    series = {
        'received{node=~".*"}': [({}, 2000)],
        'sent{node=~".*"}': [({}, 1000)],
        "memory": [({}, 71.4)],
        "cores": [({}, 4)],
        "pods": [({"pod": "a"}, 1)],
    }
    return answers(series, {"node": ["n1"]})


def test_an_old_dashboard_is_drawn(old, parts, written, notices):
    figure = dashboards.dashboard(OLD, old, last=TEN, until=UNTIL)
    texts, found = written(figure), parts(figure)
    assert texts["title"] == "Cluster monitoring"
    assert texts["row 0"] == "Network"
    assert texts["panel 0 title"] == "I/O of All"
    assert (set(found["panel 0 line 0"].get_ydata()), set(found["panel 0 line 1"].get_ydata())) == ({2000}, {-1000})
    assert (texts["panel 1 value 0"], texts["panel 2 value 0"]) == ("71.4%", "4 cores")
    assert notices(figure) == "this panel needs the panel type alertlist, which is not drawn here"


def test_it_is_as_wide_as_the_book_and_can_be_read(old, flaws):
    figure = dashboards.dashboard(OLD, old, last=TEN, until=UNTIL)
    assert figure.get_figwidth() == WIDTH
    assert flaws(figure) == []


def test_the_caller_chooses_values_panels_and_time(answers, written):
    source = answers({'x{a="2"}': [({}, 1)]}, {"a": ["1", "2"]})
    variable = {"name": "a", "label": "A", "type": "query", "query": "label_values(a)"}
    given = dashboard(panel("one", expr='x{a="$a"}'), panel("two", y=6), templating={"list": [variable]})
    figure = dashboards.dashboard(given, source, {"a": "2"}, TEN, "one", until=UNTIL)
    texts = written(figure)
    assert "a: 2" in texts["head 0"]
    assert "2026-01-02 02:54:00 to 03:04:00 UTC" in texts["head 0"]
    assert (texts["panel 0 title"], "panel 1 title" in texts) == ("one", False)
    assert [asked[0] for asked in source.asked] == ["a", 'x{a="2"}']


def test_the_window_of_a_rate_follows_from_how_often_is_scraped(answers):
    source = answers()
    dashboards.dashboard(
        dashboard(panel("a", expr="x[$__rate_interval]")), source, scrape=timedelta(seconds=5), until=UNTIL
    )
    assert source.asked[0][0] == "x[20s]"


def test_one_panel_fails_and_the_others_are_drawn(answers, parts, notices):
    source = answers({"x": [({}, 1)], "y": RuntimeError("1:2: parse error")})
    figure = dashboards.dashboard(dashboard(panel("a", expr="y"), panel("b", y=6)), source, until=UNTIL)
    assert "parse error" in notices(figure)
    assert "panel 1 line 0" in parts(figure)


def test_panels_are_repeated(answers, written):
    variable = {"name": "app", "type": "custom", "query": "a,b", "multi": True, "includeAll": True}
    given = dashboard(
        panel("of $app", kind="stat", repeat="app", expr='x{app="$app"}'), templating={"list": [variable]}
    )
    source = answers({'x{app="a"}': [({}, 1)], 'x{app="b"}': [({}, 2)]})
    texts = written(dashboards.dashboard(given, source, until=UNTIL))
    assert [(texts[f"panel {n} title"], texts[f"panel {n} value 0"]) for n in (0, 1)] == [("of a", "1"), ("of b", "2")]


def test_a_series_has_one_colour_in_all_panels(answers, parts):
    source = answers({"x": [({"a": "1"}, 1), ({"a": "2"}, 2)], "y": [({"a": "2"}, 1)]})
    found = parts(dashboards.dashboard(dashboard(panel("a"), panel("b", y=6, expr="y")), source, until=UNTIL))
    assert found["panel 0 line 1"].get_color() == found["panel 1 line 0"].get_color()


def test_a_panel_is_explored_alone(answers, parts):
    source = answers({"x": [({}, 1)], "other": [({}, 5)]})
    given = dashboard(panel("a", description="What it shows."), panel("b", y=6))
    assert set(parts(dashboards.panel(given, source, "a", until=UNTIL))["panel 0 line 0"].get_ydata()) == {1}
    changed = dashboards.panel(given, source, "a", query="other", until=UNTIL)
    assert set(parts(changed)["panel 0 line 0"].get_ydata()) == {5}
    shown = " ".join(text.get_text() for text in changed.axes[0].texts)
    assert "What it shows." in shown
    assert "A: other (step 2 s)" in " ".join(shown.split())


def test_a_query_that_there_is_not_cannot_be_changed(answers):
    with pytest.raises(DashboardError, match="has no query 'B'; there are A"):
        dashboards.panel(dashboard(panel("a")), answers(), "a", query={"B": "x"})
    with pytest.raises(DashboardError, match="no query that could be changed"):
        dashboards.panel(dashboard(panel("a", targets=[])), answers(), "a", query="x")
    with pytest.raises(DashboardError, match="no panel is called 'c'"):
        dashboards.panel(dashboard(panel("a")), answers(), "c")


def test_a_dashboard_may_be_a_file_or_one_of_ours(tmp_path, answers, written):
    path = tmp_path / "board.json"
    path.write_text(json.dumps(dashboard(panel("a"))))
    for board, title in (
        (path, "Board"),
        (str(path), "Board"),
        ("istio-mesh", "Istio Mesh"),
        ("Istio Mesh", "Istio Mesh"),
    ):
        assert written(dashboards.dashboard(board, answers(), until=UNTIL))["title"] == title


@pytest.mark.parametrize(("text", "reason"), [("{", "broken.json"), ("[]", "JSON object")])
def test_a_file_that_is_none_is_named(tmp_path, answers, text, reason):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(DashboardError, match=reason):
        dashboards.dashboard(path, answers())


def test_an_unknown_name_is_refused_and_those_that_there_are_told(answers):
    with pytest.raises(DashboardError, match=r"no dashboard is called 'mesh'; there are .*Istio Mesh"):
        dashboards.dashboard("mesh", answers())


def test_expressions_are_those_that_are_asked(answers):
    variable = {"name": "a", "type": "query", "query": "label_values(a)", "includeAll": True}
    given = dashboard(panel("of $a", expr='rate(x{a=~"$a"}[$__rate_interval])'), templating={"list": [variable]})
    (alone,) = dashboards.expressions(given)
    assert (alone.dashboard, alone.panel, alone.expression) == ("Board", "of All", 'rate(x{a=~".*"}[8s])')
    (asked,) = dashboards.expressions(given, source=answers(values={"a": ["1", "2"]}))
    assert asked.expression == 'rate(x{a=~"(1|2)"}[8s])'


def test_an_empty_dashboard_is_a_title(answers, written):
    assert written(dashboards.dashboard(dashboard(), answers(), until=UNTIL))["title"] == "Board"


INNER = [
    "x", "y", "w", "h", "expr", "id", "options", "defaults", "overrides", "name", "query", "type", "list", "legend",
    "calcs",
]  # fmt: skip
KEYS = [
    "id", "title", "gridPos", "targets", "fieldConfig", "options", "span", "repeat", "panels", "datasource",
    "interval", "transformations", "yaxes", "legend", "seriesOverrides", "thresholds", "styles", "columns", "gauge",
    "valueName", "format", "maxDataPoints", "timeFrom",
]  # fmt: skip
KINDS = [
    "row", "graph", "singlestat", "table", "heatmap", "text", "stat", "gauge", "bargauge", "piechart", "timeseries",
    "barchart", "x",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=5)
ODD = st.recursive(
    LEAVES | st.sampled_from(["x", "$app", "row", "graph"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(INNER), one, max_size=4),
    max_leaves=8,
)
PANELS = st.lists(
    st.builds(
        lambda kind, more: {"targets": [{"expr": "x"}], **more, "type": kind},
        st.sampled_from(KINDS),
        st.dictionaries(st.sampled_from(KEYS), ODD, max_size=6),
    ),
    max_size=3,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(PANELS, st.dictionaries(st.sampled_from(["templating", "title", "uid", "__inputs", "rows"]), ODD))
def test_an_odd_dashboard_is_drawn_or_refused_and_no_panel_fails(answers, notices, panels, more):
    source = answers({"x": [({"app": "a"}, 1.0), ({"app": "b", "le": "1"}, lambda place: place)]}, {})
    figure = dashboards.dashboard({**more, "panels": panels}, source, last=TEN, until=UNTIL)
    figure.draw_without_rendering()
    assert "cannot be drawn: " not in notices(figure).replace("cannot be drawn: no calculation is named", "")
