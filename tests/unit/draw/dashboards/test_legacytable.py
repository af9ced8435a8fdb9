from refapp.draw.dashboards.legacytable import table

STYLES = [
    {"pattern": "Time", "type": "hidden"},
    {"pattern": "app", "alias": "Application", "type": "string"},
    {
        "pattern": "/.*/",
        "type": "number",
        "unit": "s",
        "decimals": 1,
        "colorMode": "cell",
        "thresholds": ["1", "2"],
        "colors": ["green", "orange", "red"],
    },
]


def test_styles_become_overrides_of_which_the_first_style_wins():
    overrides = table({"type": "table", "styles": STYLES})["fieldConfig"]["overrides"]
    assert [one["matcher"] for one in overrides] == [
        {"id": "byRegexp", "options": "/.*/"},
        {"id": "byName", "options": "app"},
        {"id": "byName", "options": "Time"},
    ]
    numbers, app, time = ({one["id"]: one["value"] for one in override["properties"]} for override in overrides)
    assert (numbers["unit"], numbers["decimals"], numbers["custom.cellOptions"]) == (
        "s",
        1,
        {"type": "color-background"},
    )
    assert [step["value"] for step in numbers["thresholds"]["steps"]] == [None, 1, 2]
    assert (app, time) == ({"displayName": "Application"}, {"custom.hidden": True})


def test_transforms_become_transformations():
    def first(**panel):
        return table({"styles": [], **panel})["transformations"][0]

    assert first() == {"id": "merge", "options": {}}
    assert first(transform="timeseries_to_rows")["id"] == "seriesToRows"
    assert first(transform="json")["id"] == "json"
    aggregated = first(transform="timeseries_aggregations", columns=[{"value": "avg"}, {"value": "max"}])
    assert aggregated == {"id": "reduce", "options": {"reducers": ["mean", "max"]}}


def test_the_order_of_rows():
    found = table({"styles": [], "sort": {"col": 2, "desc": True}})["transformations"][-1]
    assert found == {"id": "sortBy", "options": {"sort": [{"column": 2, "desc": True}]}}


def test_a_table_of_today_stays_as_it_is():
    panel = {"type": "table", "options": {}, "transformations": []}
    assert table(panel) == panel
