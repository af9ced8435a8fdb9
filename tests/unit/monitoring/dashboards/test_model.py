from itertools import combinations

import pytest

from refapp.monitoring.dashboards.model import COLUMNS, DATASOURCE, Dashboard, Panel, Query, Row, Variable


def panel(title="p", **more):
    return Panel(title=title, kind="stat", queries={"A": Query(expr="up")}, description="d", **more)


def board(*rows, **more):
    return Dashboard(uid="u", title="T", description="d", rows=rows, **more)


def overlap(one, other):
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def test_panels_fill_lines_below_their_row():
    found = board(
        Row(title="one", panels=(panel(width=16, height=4), panel(width=8, height=6), panel(width=24, height=5))),
        Row(title="two", panels=(panel(),)),
    ).json()["panels"]
    grids = [tuple(one["gridPos"][side] for side in "xywh") for one in found]
    assert grids == [(0, 0, 24, 1), (0, 1, 16, 4), (16, 1, 8, 6), (0, 7, 24, 5), (0, 12, 24, 1), (0, 13, 12, 8)]
    assert not any(overlap(one["gridPos"], other["gridPos"]) for one, other in combinations(found, 2))
    assert all(one["gridPos"]["x"] + one["gridPos"]["w"] <= COLUMNS for one in found)


def test_every_panel_has_an_id_of_its_own():
    found = board(Row(title="a", panels=(panel(), panel())), Row(title="b", panels=(panel(),))).json()["panels"]
    assert [one["id"] for one in found] == [1, 2, 3, 4, 5]


def test_queries_ask_the_data_source_that_is_chosen():
    ranged, instant = (Query(expr="up", legend="x", table=table).json("A") for table in (False, True))
    assert ranged["datasource"] == DATASOURCE == {"type": "prometheus", "uid": "${datasource}"}
    assert (ranged["range"], ranged["instant"], ranged["format"]) == (True, False, "time_series")
    assert (instant["range"], instant["instant"], instant["format"]) == (False, True, "table")
    assert board(Row(title="", panels=())).json()["templating"]["list"][0]["type"] == "datasource"


def test_columns_become_overrides():
    found = panel(columns={"Value": {"unit": "s", "displayName": "Time"}}).json(1, 0, 0)["fieldConfig"]["overrides"]
    assert found == [
        {
            "matcher": {"id": "byName", "options": "Value"},
            "properties": [{"id": "unit", "value": "s"}, {"id": "displayName", "value": "Time"}],
        }
    ]


@pytest.mark.parametrize(
    ("more", "current"),
    [
        ({"everything": True}, {"text": "All", "value": "$__all"}),
        ({"everything": True, "chosen": "a", "many": True}, {"text": ["a"], "value": ["a"]}),
        ({"chosen": "a"}, {"text": "a", "value": "a"}),
        ({}, {}),
    ],
)
def test_what_is_chosen_at_first(more, current):
    assert Variable(name="v", label="V", query="label_values(x)", **more).json()["current"] == current


def test_a_variable_asks_or_lists():
    asks = Variable(name="v", label="V", query="label_values(x)", matching="/a/", many=True).json()
    assert (asks["type"], asks["query"]["query"], asks["regex"], asks["multi"]) == (
        "query",
        "label_values(x)",
        "/a/",
        True,
    )
    lists = Variable(name="v", label="V", values=("a", "b"), chosen="b").json()
    assert (lists["type"], lists["query"], [one["selected"] for one in lists["options"]]) == (
        "custom",
        "a,b",
        [False, True],
    )
