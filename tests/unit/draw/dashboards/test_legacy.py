import pytest

from refapp.draw.dashboards.legacy import modern


def defaults(panel):
    return modern(panel)["fieldConfig"]["defaults"]


def test_a_graph_is_a_time_series_with_its_first_axis():
    axes = [{"format": "Bps", "min": "0", "label": "in"}, {"format": "s"}]
    found = modern({"type": "graph", "yaxes": axes, "decimals": 2})
    field = found["fieldConfig"]["defaults"]
    assert found["type"] == "timeseries"
    assert (field["unit"], field["min"], field["decimals"], field["custom"]["axisLabel"]) == ("Bps", "0", 2, "in")


@pytest.mark.parametrize(
    ("given", "name", "found"),
    [
        ({}, "drawStyle", "line"), ({"bars": True, "lines": False}, "drawStyle", "bars"),
        ({"lines": False, "points": True}, "drawStyle", "points"), ({"fill": 4}, "fillOpacity", 40),
        ({"fill": 0}, "fillOpacity", 0), ({"nullPointMode": "connected"}, "spanNulls", True),
        ({"nullPointMode": "null as zero"}, "spanNulls", "zero"), ({"nullPointMode": "null"}, "spanNulls", False),
        ({"stack": True}, "stacking", {"mode": "normal"}),
        ({"stack": True, "percentage": True}, "stacking", {"mode": "percent"}),
        ({"steppedLine": True}, "lineInterpolation", "stepAfter"), ({"linewidth": 3}, "lineWidth", 3),
        ({"yaxes": [{"logBase": 2}]}, "scaleDistribution", {"type": "log", "log": 2}),
        ({"yaxes": [{"show": False}]}, "axisPlacement", "hidden"),
    ],
)  # fmt: skip
def test_strokes_of_a_graph(given, name, found):
    assert defaults({"type": "graph", **given})["custom"][name] == found


def test_overrides_of_series_become_overrides_of_fields():
    series = [{"alias": "/^out/", "transform": "negative-Y", "yaxis": 2}, {"alias": "x", "color": "#f00", "fill": 0}]
    panel = {"type": "graph", "seriesOverrides": series, "yaxes": [{}, {"format": "s"}], "aliasColors": {"y": "red"}}
    overrides = modern(panel)["fieldConfig"]["overrides"]
    found = {one["matcher"]["options"]: {p["id"]: p["value"] for p in one["properties"]} for one in overrides}
    assert found["/^out/"] == {"custom.axisPlacement": "right", "unit": "s", "custom.transform": "negative-Y"}
    assert found["x"] == {"color": {"mode": "fixed", "fixedColor": "#f00"}, "custom.fillOpacity": 0}
    assert found["y"] == {"color": {"mode": "fixed", "fixedColor": "red"}}
    assert [one["matcher"]["id"] for one in overrides] == ["byName", "byRegexp", "byName"]


def test_the_legend_of_a_graph():
    legend = {"show": True, "values": True, "avg": True, "current": True, "alignAsTable": True}
    found = modern({"type": "graph", "legend": legend})["options"]["legend"]
    assert found == {"showLegend": True, "displayMode": "table", "calcs": ["lastNotNull", "mean"]}
    assert modern({"type": "graph", "legend": {"show": False}})["options"]["legend"]["showLegend"] is False


def test_a_graph_that_is_not_over_time_is_no_time_series():
    assert modern({"type": "graph", "xaxis": {"mode": "histogram"}})["type"] == "graph over histogram"


def test_a_singlestat_is_a_stat_with_thresholds_and_mappings():
    panel = {
        "type": "singlestat", "format": "percent", "thresholds": "65, 90", "colors": ["green", "orange", "red"],
        "colorValue": True, "sparkline": {"show": True}, "valueName": "current", "prefix": "~",
        "valueMaps": [{"value": "null", "text": "N/A"}], "nullText": "none",
    }  # fmt: skip
    found = modern(panel)
    field = found["fieldConfig"]["defaults"]
    assert found["type"] == "stat"
    assert [step["value"] for step in field["thresholds"]["steps"]] == [None, 65, 90]
    assert (field["noValue"], field["custom"]["prefix"]) == ("none", "~")
    assert field["mappings"] == [{"type": 1, "value": "null", "text": "N/A"}]
    assert found["options"] == {
        "reduceOptions": {"calcs": ["lastNotNull"]}, "graphMode": "area", "colorMode": "value", "textMode": "value",
    }  # fmt: skip


def test_a_singlestat_with_a_gauge_is_a_gauge():
    found = modern({"type": "singlestat", "gauge": {"show": True, "minValue": 5, "maxValue": 50}})
    assert found["type"] == "gauge"
    assert (found["fieldConfig"]["defaults"]["min"], found["fieldConfig"]["defaults"]["max"]) == (5, 50)


def test_a_heat_map_of_values_is_to_be_calculated():
    assert modern({"type": "heatmap", "dataFormat": "timeseries"})["options"]["calculate"] is True
    found = modern({"type": "heatmap", "dataFormat": "tsbuckets", "yAxis": {"format": "s"}})["options"]
    assert (found["calculate"], found["yAxis"]["unit"]) == (False, "s")


def test_the_plugin_of_pie_charts():
    found = modern(
        {"type": "grafana-piechart-panel", "pieType": "donut", "valueName": "total", "legend": {"percentage": True}}
    )
    assert (found["type"], found["options"]["pieType"]) == ("piechart", "donut")
    assert found["options"]["reduceOptions"]["calcs"] == ["sum"]
    assert found["options"]["legend"]["values"] == ["percent"]


def test_a_text_keeps_its_content():
    assert modern({"type": "text", "content": "x", "mode": "html"})["options"] == {"content": "x", "mode": "html"}


def test_fields_of_grafana_6():
    old = {"calcs": ["max"], "defaults": {"unit": "s"}, "thresholds": [{"value": 1, "color": "red"}]}
    found = modern({"type": "gauge", "options": {"fieldOptions": old}})
    assert found["fieldConfig"]["defaults"] == {"unit": "s", "thresholds": {"steps": [{"value": 1, "color": "red"}]}}
    assert found["options"]["reduceOptions"]["calcs"] == ["max"]


def test_a_panel_of_today_stays_as_it_is():
    panel = {"type": "timeseries", "fieldConfig": {"defaults": {"unit": "s"}}}
    assert modern(panel) == panel
    stat = {"type": "stat", "options": {"graphMode": "none"}}
    assert modern(stat) == stat
