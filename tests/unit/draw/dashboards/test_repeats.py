from refapp.draw.dashboards.documents import document
from refapp.draw.dashboards.interpolation import Chosen
from refapp.draw.dashboards.repeats import repeated

CHOSEN = {"app": Chosen(name="app", values=("a", "b", "c"), texts=("A", "B", "C"), many=True)}


def panel(title, y, **more):
    return {"type": "stat", "title": title, "gridPos": {"x": 0, "y": y, "w": 24, "h": 4}, **more}


def grids(section):
    return [(one.grid.x, one.grid.y, one.grid.w, one.grid.h) for one in section.panels]


def test_a_panel_is_repeated_beside_itself_and_pushes_down_what_follows():
    read = document({"panels": [panel("x", 0, repeat="app", maxPerRow=2), panel("y", 4)]})
    (found,) = repeated(read.sections, CHOSEN)
    assert grids(found) == [(0, 0, 12, 4), (12, 0, 12, 4), (0, 4, 12, 4), (0, 8, 24, 4)]
    assert [one.scope["app"].values for one in found.panels[:3]] == [("a",), ("b",), ("c",)]


def test_a_panel_is_repeated_below_itself():
    read = document({"panels": [panel("x", 0, repeat="app", repeatDirection="v"), panel("y", 4)]})
    (found,) = repeated(read.sections, CHOSEN)
    assert [y for _, y, _, _ in grids(found)] == [0, 4, 8, 12]


def test_a_row_is_repeated_with_its_panels_and_its_title_says_for_what():
    row = {"type": "row", "title": "App $app", "repeat": "app", "gridPos": {"y": 0}}
    found = repeated(document({"panels": [row, panel("x", 1)]}).sections, CHOSEN)
    assert [one.title for one in found] == ["App A", "App B", "App C"]
    assert [one.panels[0].scope["app"].values for one in found] == [("a",), ("b",), ("c",)]


def test_a_variable_that_there_is_not_repeats_nothing():
    read = document({"panels": [panel("x", 0, repeat="other")]})
    assert len(repeated(read.sections, CHOSEN)[0].panels) == 1
