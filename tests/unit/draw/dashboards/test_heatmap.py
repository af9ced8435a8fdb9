import numpy as np
import pytest

BUCKETS = {"x": [({"le": "10"}, 5), ({"le": "+Inf"}, 9), ({"le": "1"}, 2)]}


def heat(**more):
    return {"type": "heatmap", "fieldConfig": {"defaults": {"unit": "reqps"}}, **more}


def rows(parts):
    return parts["p cells"].get_array().reshape(-1, 61)[:, 0].tolist()


def test_buckets_are_ordered_and_each_has_its_own_count(content, drawn, parts):
    found = parts(drawn(content(BUCKETS, **heat(options={"yAxis": {"unit": "ms"}}))))
    assert rows(found) == [2, 3, 4]
    assert [label.get_text() for label in found["p plot 0"].get_yticklabels()] == ["1 ms", "10 ms", "∞"]


def test_buckets_beyond_all_values_are_left_out(content, drawn, parts):
    counts = {1: 0, 2: 0, 3: 0, 4: 5, 5: 9, 6: 9, 7: 9, 8: 9}
    series = {"x": [({"le": str(bound)}, count) for bound, count in counts.items()]}
    found = parts(drawn(content(series, **heat())))
    assert rows(found) == [0, 5, 4, 0]
    assert [label.get_text() for label in found["p plot 0"].get_yticklabels()] == ["3", "4", "5", "6"]


def test_the_highest_count_is_told(content, drawn, written):
    assert written(drawn(content(BUCKETS, **heat())))["p highest"] == "4 req/s"


def test_series_that_are_no_buckets_are_rows_as_they_are(content, drawn, parts):
    assert rows(parts(drawn(content({"x": [({"app": "b"}, 5), ({"app": "a"}, 3)]}, **heat())))) == [5, 3]


def test_values_are_counted_where_the_panel_says_so(content, drawn, parts):
    series = {"x": [({"app": "a"}, lambda place: place), ({"app": "b"}, 0.0)]}
    found = parts(drawn(content(series, **heat(options={"calculate": True}))))
    counts = found["p cells"].get_array()
    assert counts.shape == (20, 60)
    assert counts.sum() == 122


def test_nothing_is_no_data(content, drawn, notices):
    assert notices(drawn(content({"x": []}, **heat()))) == "No data"
    targets = [{"expr": "x", "instant": True, "format": "table"}]
    assert "time_series" not in notices(drawn(content({"x": [({}, 1)]}, **heat(), targets=targets)))


@pytest.mark.parametrize("width", [2.9, 6.4])
@pytest.mark.parametrize("count", [1, 4, 20])
def test_it_can_be_read(content, drawn, flaws, width, count):
    series = {"x": [({"le": str(10**number)}, np.sqrt(number + 1)) for number in range(count)]}
    assert flaws(drawn(content(series, **heat(options={"yAxis": {"unit": "ms"}})), width)) == []
