import numpy as np
import pandas as pd
import pytest

from refapp.draw.dashboards.source import Asker

AT = 1_767_323_040.0


def test_a_range_is_series_with_their_labels_in_order(answers):
    source = answers({"x": [({"a": "2", "b": ""}, lambda place: place), ({"a": "1"}, 7.0)]})
    first, second = Asker(source).range("x", AT, AT + 4, 2)
    assert (first.labels, second.labels) == ({"a": "2"}, {"a": "1"})
    assert first.times.tolist() == [AT, AT + 2, AT + 4]
    assert [list(line.values) for line in (first, second)] == [[0, 1, 2], [7, 7, 7]]


def test_points_that_are_missing_stay_so(answers):
    source = answers({"x": [({}, [1.0, float("nan"), 3.0])]})
    (line,) = Asker(source).range("x", AT, AT + 4, 2)
    assert line.labels == {}
    assert line.times.tolist() == [AT, AT + 4]


def test_an_instant_value_is_a_point_at_that_time(answers):
    (line,) = Asker(answers({"x": [({"a": "1"}, 5)]})).instant("x", AT)
    assert (list(line.times), list(line.values)) == ([AT], [5.0])
    assert Asker(answers()).instant("x", AT) == []


def test_a_question_is_asked_once(answers):
    source = answers({"x": [({}, 1)]})
    asker = Asker(source)
    for _ in range(2):
        asker.range("x", AT, AT + 4, 2)
        asker.instant("x", AT)
    asker.range("x", AT, AT + 4, 1)
    assert len(source.asked) == 3


def test_an_error_is_not_kept(answers):
    source = answers({"x": RuntimeError("starting")})
    asker = Asker(source)
    with pytest.raises(RuntimeError, match="starting"):
        asker.instant("x", AT)
    source.series["x"] = [({}, 1)]
    assert len(asker.instant("x", AT)) == 1


@pytest.mark.parametrize(
    ("query", "found", "asked"),
    [
        ("label_values(namespace)", ["dev"], ("namespace", None)),
        ("label_values(up, namespace)", ["dev"], ("namespace", "up")),
        ('label_values(up{a="x,y"}, namespace)', ["dev"], ("namespace", 'up{a="x,y"}')),
        ("metrics(up.*)", ["up", "up_total"], ("__name__", None)),
    ],
)
def test_queries_of_variables(answers, query, found, asked):
    source = answers(values={"namespace": ["dev"], "__name__": ["up", "up_total", "down"]})
    assert Asker(source).lookup(AT)(query) == found
    assert source.asked == [asked]


def test_a_query_result_is_a_series_its_value_and_its_time(answers):
    source = answers({"sum by (a) (x)": [({"a": "1"}, 2.5)]})
    assert Asker(source).lookup(AT)("query_result(sum by (a) (x))") == [f'{{a="1"}} 2.5 {AT * 1000:.0f}']


def test_a_selector_gives_series_and_nothing_gives_nothing(answers):
    source = answers({"up": [({"__name__": "up", "job": "x"}, 1)]})
    look = Asker(source).lookup(AT)
    assert look("up") == ['up{job="x"}']
    assert look("label_names(up)") == ["__name__", "job"]
    assert look("") == []


def test_times_may_have_any_resolution(answers):
    class Coarse(answers):
        def range(self, query, **_):
            del query
            times = pd.to_datetime([AT, AT + 1], unit="s", utc=True).astype("datetime64[s, UTC]")
            return pd.DataFrame({"time": times, "value": [1.0, 2.0]})

    (line,) = Asker(Coarse()).range("x", AT, AT + 1, 1)
    assert np.allclose(line.times, [AT, AT + 1])
