import pytest

from refapp.draw.dashboards.cells import cells, limits

TWO = {"x": [({"app": "a"}, lambda place: place), ({"app": "b"}, 7.0)]}
TABLE = [{"expr": "x", "format": "table", "instant": True}]


def found(one):
    return [(cell.name, cell.value) for cell in cells(one)]


def reducing(**options):
    return {"type": "stat", "options": {"reduceOptions": options}}


def test_a_series_is_reduced_to_its_last_value_or_as_the_panel_says(content):
    assert found(content(TWO, type="stat")) == [('{app="a"}', 60), ('{app="b"}', 7)]
    assert found(content(TWO, **reducing(calcs=["mean"])))[0][1] == 30


def test_with_values_each_row_is_one(content):
    assert found(content(TWO, **reducing(values=True), targets=TABLE)) == [("a", 60.0), ("b", 7.0)] or [
        value for _, value in found(content(TWO, **reducing(values=True), targets=TABLE))
    ] == [-1.0, 7.0]
    assert len(cells(content(TWO, **reducing(values=True, limit=1), targets=TABLE))) == 1


@pytest.mark.parametrize(
    ("fields", "count"), [("", 1), ("/^app$/", 1), ("app", 1), ("/.*/", 3), ("/(/", 0), ("gone", 0)]
)
def test_columns_are_chosen_by_pattern_or_name(content, fields, count):
    assert len(cells(content(TWO, **reducing(fields=fields), targets=TABLE))) == count


def test_a_text_column_gives_its_last_text(content):
    assert found(content(TWO, **reducing(fields="app"), targets=TABLE)) == [("app", "b")]


def test_an_unknown_calculation_is_refused(content):
    with pytest.raises(ValueError, match="nonsense"):
        cells(content(TWO, **reducing(calcs=["nonsense"])))


def test_what_a_number_was_is_kept(content):
    (first, _) = cells(content(TWO, type="stat"))
    assert first.history[1].tolist() == list(range(61))
    assert cells(content(TWO, type="stat", targets=[{"expr": "x", "instant": True}]))[0].history is None


def test_limits_begin_at_zero_and_end_at_the_highest_that_there_was(content):
    assert limits(cells(content(TWO, **reducing(calcs=["min"])))) == (0, 60)
    assert limits([]) == (0, 100)
