import pytest

from refapp.monitoring.dashboards import panels
from refapp.monitoring.dashboards.model import Query

COMMON = {"unit": "s", "description": "d"}


def defaults(panel):
    return panel.json(1, 0, 0)["fieldConfig"]["defaults"]


def test_lines_have_their_unit_and_calculations():
    found = panels.lines("t", Query(expr="up"), **COMMON)
    assert (found.kind, defaults(found)["unit"], defaults(found)["min"]) == ("timeseries", "s", 0)
    assert found.options["legend"]["calcs"] == ["mean", "max"]
    assert "max" not in defaults(found)


@pytest.mark.parametrize(("stacked", "mode"), [(True, "normal"), (False, "none")])
def test_lines_may_be_stacked(stacked, mode):
    assert (
        defaults(panels.lines("t", Query(expr="up"), stacked=stacked, **COMMON))["custom"]["stacking"]["mode"] == mode
    )


def test_limits_are_drawn():
    found = defaults(panels.lines("t", Query(expr="up"), limits=panels.HEALTHY, **COMMON))
    assert found["custom"]["thresholdsStyle"] == {"mode": "line"}
    assert [step["value"] for step in found["thresholds"]["steps"]] == [None, 0.95, 0.99]


def test_a_number_a_gauge_and_bars_reduce_to_the_last_value():
    made = (
        panels.number("t", "up", **COMMON),
        panels.gauge("t", "up", description="d"),
        panels.bars("t", Query(expr="up"), **COMMON),
    )
    assert [one.kind for one in made] == ["stat", "gauge", "bargauge"]
    assert all(one.options["reduceOptions"]["calcs"] == ["lastNotNull"] for one in made)
    assert (defaults(made[1])["min"], defaults(made[1])["max"]) == (0, 1)


def test_the_buckets_of_a_heat_map_are_named_by_their_bound():
    assert panels.heat("t", "x", **COMMON).queries["A"].legend == "{{le}}"


def test_a_table_merges_its_queries_and_orders_its_columns():
    found = panels.table(
        "t",
        {"a": "x", "b": "y"},
        {"pod": {}, "Value #b": {}, "Value #a": {}},
        description="d",
        hidden=("ns",),
        sort="B",
    )
    merge, organize = found.transformations
    assert merge["id"] == "merge"
    assert organize["options"]["indexByName"] == {"pod": 0, "Value #b": 1, "Value #a": 2}
    assert organize["options"]["excludeByName"] == {"Time": True, "__name__": True, "ns": True}
    assert all(query.table for query in found.queries.values())
    assert found.options["sortBy"] == [{"displayName": "B", "desc": True}]
