import numpy as np
import pytest

from refapp.draw.dashboards.documents import document
from refapp.draw.dashboards.frames import Kind
from refapp.draw.dashboards.interpolation import Chosen
from refapp.draw.dashboards.queries import one_table, run, window_of
from refapp.draw.dashboards.source import Asker


@pytest.fixture
def ask(answers, window):
    """Runs a panel against series; returns its data and what was asked."""

    def ask(series, *targets, chosen=None, **panel):
        (one,) = document({"panels": [{"type": "timeseries", "targets": list(targets), **panel}]}).panels
        source = answers(series)
        return run(one, Asker(source), chosen or {}, window, 6.0), source.asked

    return ask


def test_an_expression_is_asked_over_the_window_in_steps_that_are_aligned(ask, window):
    _, ((query, start, end, step),) = ask({}, {"expr": "rate(x[$__rate_interval])", "interval": "7s"})
    assert query == "rate(x[28s])"
    assert step.total_seconds() == 7
    assert start.timestamp() % 7 == end.timestamp() % 7 == 0
    assert 0 <= window.end - end.timestamp() < 7


def test_an_instant_query_is_asked_at_the_end(ask, window):
    _, ((_, at),) = ask({}, {"expr": "x", "instant": True})
    assert at.timestamp() == window.end


def test_variables_are_replaced_in_expression_legend_and_interval(ask):
    chosen = {name: Chosen(name=name, values=(value,)) for name, value in (("app", "a"), ("step", "10s"))}
    series = {'x{app="a"}': [({"pod": "p"}, 1)]}
    data, ((_, _, _, step),) = ask(
        series, {"expr": 'x{app="$app"}', "legendFormat": "$app {{pod}}", "interval": "$step"}, chosen=chosen
    )
    assert data.frames[0].name == "a p"
    assert step.total_seconds() == 10


def test_a_gap_is_nan_at_its_step(ask):
    data, _ = ask({"x": [({}, [1.0, float("nan"), 3.0])]}, {"expr": "x", "interval": "10s"})
    values = data.frames[0].columns[1].values
    assert np.array_equal(values[:4], [1, np.nan, 3, np.nan], equal_nan=True)
    assert len(values) == 61


def test_a_table_has_a_column_for_each_label(ask):
    data, _ = ask(
        {"x": [({"b": "1", "a": "2"}, 5), ({"a": "3"}, 6)]},
        {"expr": "x", "format": "table", "instant": True},
        type="table",
    )
    (frame,) = data.frames
    assert [column.name for column in frame.columns] == ["Time", "a", "b", "Value"]
    assert frame.column("b").values.tolist() == ["1", None]
    assert frame.column("Value").values.tolist() == [5, 6]


def test_the_values_of_several_tables_have_letters(ask):
    table = {"format": "table", "instant": True}
    data, _ = ask(
        {"x": [({}, 1)], "y": [({}, 2)]},
        {"expr": "x", "refId": "A", **table},
        {"expr": "y", "refId": "rate", **table},
        type="table",
    )
    assert [frame.of(Kind.NUMBER)[0].name for frame in data.frames] == ["Value #A", "Value #rate"]


def test_over_time_a_table_is_series(ask):
    data, _ = ask({"x": [({"a": "1"}, 1), ({"a": "2"}, 2)]}, {"expr": "x", "format": "table"})
    assert len(data.frames) == 2


def test_an_error_is_kept_and_the_other_queries_asked(ask):
    data, _ = ask({"bad(": ValueError("1:5: parse error"), "x": [({}, 1)]}, {"expr": "bad("}, {"expr": "x"})
    assert data.errors == ("1:5: parse error",)
    assert len(data.frames) == 1


def test_what_is_not_done_here_is_named(ask):
    transformation = [{"id": "regression", "options": {}}]
    data, asked = ask({"x": [({}, 1)]}, {"expr": "x"}, {"rawSql": "select 1"}, transformations=transformation)
    assert data.missing == ("a query language other than PromQL", "the transformation regression")
    assert len(asked) == 1


def test_hidden_queries_are_not_asked(ask):
    assert ask({}, {"expr": "x", "hide": True})[1] == []


def test_a_panel_may_have_a_time_of_its_own(window):
    (one,) = document({"panels": [{"type": "stat", "timeFrom": "1m", "timeShift": "1h"}]}).panels
    own = window_of(one, window)
    assert (own.end, own.end - own.start) == (window.end - 3600, 60)


def test_series_are_one_table_by_their_times(ask):
    data, _ = ask({"x": [({"a": "1"}, 1), ({"a": "2"}, 2)]}, {"expr": "x", "legendFormat": "{{a}}"})
    frame = one_table(data.frames)
    assert [column.called for column in frame.columns] == ["Time", "1", "2"]
    assert one_table([]) is None
