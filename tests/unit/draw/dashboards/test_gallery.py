import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.draw.dashboards.documents import document
from refapp.draw.dashboards.gallery import KINDS
from refapp.draw.dashboards.picture import Content
from refapp.draw.dashboards.queries import Data

ONE = {"x": [({"app": "a"}, lambda place: place)]}


def test_a_type_that_is_not_drawn_is_named(content, drawn, notices):
    assert notices(drawn(content(ONE, type="state-timeline"))) == (
        "this panel needs the panel type state-timeline, which is not drawn here"
    )
    assert "without a type" in notices(drawn(content(ONE)))


def test_a_library_panel_is_named(window, drawn, notices):
    (panel,) = document({"panels": [{"type": "stat", "libraryPanel": {"uid": "x"}}]}).panels
    found = Content(panel=panel, data=Data(window=window))
    assert notices(drawn(found)) == "this panel needs a library panel of its Grafana, which is not drawn here"


def test_an_error_is_shown_as_prometheus_told_it(content, drawn, notices):
    error = ValueError('1:5: parse error: unexpected "}"\n\n    sum(}\n        ^')
    told = notices(drawn(content({"sum(}": error}, type="timeseries")))
    assert 'parse error: unexpected "}"' in told
    assert "sum(}" in told


def test_what_went_wrong_stands_below_what_did_not(content, drawn, notices, parts):
    figure = drawn(content({**ONE, "bad": ValueError("no such thing")}, type="timeseries"))
    assert notices(figure) == "no such thing"
    assert "p line 0" in parts(figure)


def test_a_data_source_that_is_not_prometheus_is_named(content, drawn, notices):
    found = content({}, type="timeseries", datasource={"type": "loki"}, targets=[{"expr": "{a=1}"}])
    assert notices(drawn(found)) == "this panel needs the data source loki, which is not drawn here"


def test_a_transformation_that_is_not_done_is_named(content, drawn, notices, parts):
    figure = drawn(content(ONE, type="timeseries", transformations=[{"id": "histogram", "options": {}}]))
    assert notices(figure) == "this panel needs the transformation histogram, which is not drawn here"
    assert "p line 0" in parts(figure)


def test_an_unknown_calculation_is_named(content, drawn, notices):
    found = content(ONE, type="stat", options={"reduceOptions": {"calcs": ["mode"]}})
    assert "no calculation is named 'mode'" in notices(drawn(found))


@pytest.mark.parametrize("kind", sorted(KINDS - {"text"}))
def test_every_type_says_that_there_are_no_data(content, drawn, notices, kind):
    assert notices(drawn(content({"x": []}, type=kind))) == "No data"


@pytest.mark.parametrize("kind", sorted(KINDS - {"text"}))
def test_series_over_time_are_told_when_there_are_none(content, drawn, kind):
    targets = [{"expr": "x", "instant": True, "format": "table"}]
    assert drawn(content({"x": [({"app": "a"}, 1)]}, type=kind, targets=targets))


INNER = [
    "mode", "type", "steps", "value", "color", "calcs", "values", "fields", "legend", "unit", "yAxis",
]  # fmt: skip
FIELDS = [
    "unit", "min", "max", "decimals", "thresholds", "mappings", "color", "custom", "noValue", "displayName",
]  # fmt: skip
OPTIONS = [
    "legend", "reduceOptions", "orientation", "textMode", "graphMode", "colorMode", "sortBy", "calculate", "yAxis",
    "stacking", "xField", "pieType", "content",
]  # fmt: skip
CUSTOM = [
    "drawStyle", "fillOpacity", "lineWidth", "spanNulls", "stacking", "axisPlacement", "scaleDistribution",
    "thresholdsStyle", "lineStyle", "axisSoftMin", "hideFrom", "cellOptions", "align",
]  # fmt: skip


def test_what_nobody_has_thought_of_is_a_notice(content, drawn, notices, monkeypatch):
    def broken(*_):
        raise KeyError("odd")

    monkeypatch.setattr("refapp.draw.dashboards.timeseries.names_of", broken)
    assert "cannot be drawn: KeyError: 'odd'" in notices(drawn(content(ONE, type="timeseries")))


LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text(max_size=4) | st.just("/a(/")
ODD = st.recursive(
    LEAVES,
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.sampled_from(INNER), one, max_size=4),
    max_leaves=6,
)
KNOWN = ["bars", "points", {"mode": "normal"}, {"mode": "percent"}, {"type": "log"}, {"mode": "line+area"}]


def some(names, values):
    return st.dictionaries(st.sampled_from(names), values, max_size=5)


# Beyond that doubles overflow when they are added.
VALUES = st.floats(-1e100, 1e100) | st.sampled_from([math.nan, math.inf, -math.inf])
SERIES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["app", "le"]), st.sampled_from(["a", "b", "1", "+Inf"])),
        st.lists(VALUES, min_size=1, max_size=4),
    ),
    max_size=3,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(
    st.sampled_from(sorted(KINDS)),
    some(FIELDS, ODD),
    some(CUSTOM, ODD | st.sampled_from(KNOWN)),
    some(OPTIONS, ODD),
    SERIES,
    st.booleans(),
)
def test_odd_panels_are_drawn_or_say_why_not(content, drawn, kind, field, custom, options, series, instant):
    targets = [{"expr": "x", "instant": instant, "format": "table" if instant else None}]
    one = content(
        {"x": series},
        type=kind,
        fieldConfig={"defaults": {"custom": custom, **field}},
        options=options,
        targets=targets,
    )
    drawn(one, 3.0).draw_without_rendering()
