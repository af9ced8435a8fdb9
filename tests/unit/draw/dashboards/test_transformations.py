from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.frames import Frame, Kind, numbers, series, texts, times
from refapp.draw.dashboards.transformations import KNOWN, UnsupportedTransformationError, transform


def line(name, values, ref="A", **labels):
    return series(labels, np.arange(len(values), dtype=float), np.array(values, dtype=float), title=name, ref=ref)


def columns(frames):
    return {column.called: list(column.values) for frame in frames for column in frame.columns}


def one(ident, **options):
    return [{"id": ident, "options": options}]


TABLE = Frame(columns=(times([1, 1]), texts("app", ["a", "b"]), numbers("Value #A", [2, 1])))


def test_organize_leaves_out_orders_and_renames():
    wanted = one(
        "organize",
        excludeByName={"Time": True},
        indexByName={"Value #A": 0, "app": 1},
        renameByName={"app": "Application"},
    )
    assert list(columns(transform([TABLE], wanted)).items()) == [("Value #A", [2, 1]), ("Application", ["a", "b"])]


def test_reduce_makes_a_row_of_each_series():
    found = transform([line("x", [1, 3]), line("y", [5, 2])], one("reduce", reducers=["max", "lastNotNull"]))
    assert columns(found) == {"Field": ["x", "y"], "Max": [3, 5], "Last *": [3, 2]}


def test_reduce_fields_keeps_the_columns():
    assert columns(transform([line("x", [1, 3])], one("reduce", mode="reduceFields", reducers=["sum"]))) == {"x": [4]}


def test_filter_by_name_keeps_by_pattern_or_name():
    lines = [line("abc", [1]), line("xyz", [1])]
    kept = transform(lines, one("filterFieldsByName", include={"pattern": "^a", "names": ["Time"]}))
    assert [column.called for frame in kept for column in frame.of(Kind.NUMBER)] == ["abc"]
    dropped = transform([TABLE], one("filterFieldsByName", exclude={"names": ["Time"]}))
    assert list(columns(dropped)) == ["app", "Value #A"]


def test_rename_by_expression():
    found = transform([line("service-a.dev", [1])], one("renameByRegex", regex="(.*)\\.dev", renamePattern="$1!"))
    assert "service-a!" in columns(found)


@pytest.mark.parametrize(("desc", "found"), [(False, ["b", "a"]), (True, ["a", "b"])])
def test_sort_by(desc, found):
    for wanted in ({"field": "Value #A"}, {"column": 2}):
        assert columns(transform([TABLE], one("sortBy", sort=[{**wanted, "desc": desc}])))["app"] == found


def test_limit():
    assert columns(transform([TABLE], one("limit", limitField=1)))["app"] == ["a"]


def test_labels_become_columns():
    found = transform([line("x", [1, 2], app="a", code="200")], one("labelsToFields"))
    assert columns(found) == {"Time": [0, 1], "app": ["a", "a"], "code": ["200", "200"], "x": [1, 2]}
    named = transform([line("x", [1], app="a", code="200")], one("labelsToFields", valueLabel="code"))
    assert columns(named) == {"Time": [0], "app": ["a"], "200": [1]}


def test_series_below_each_other_the_newest_first():
    found = columns(transform([line("x", [1, 2]), line("y", [3, 4])], one("seriesToRows")))
    assert found == {"Time": [1, 1, 0, 0], "Metric": ["x", "y", "x", "y"], "Value": [2, 4, 1, 3]}


def test_only_some_queries():
    found = transform([line("x", [1], "A"), line("y", [1], "B")], one("filterByRefId", include="A"))
    assert [frame.ref for frame in found] == ["A"]
    wanted = [{"id": "reduce", "options": {"reducers": ["max"]}, "filter": {"id": "byRefId", "options": "A"}}]
    assert [len(frame.columns) for frame in transform([line("x", [1], "A"), line("y", [1], "B")], wanted)] == [2, 2]


def test_concatenate_convert_and_group():
    side = transform([TABLE, line("y", [1])], one("concatenate"))
    assert len(side[0].columns) == 5
    text = Frame(columns=(texts("n", ["1", "x"]),))
    converted = transform(
        [text], one("convertFieldType", conversions=[{"targetField": "n", "destinationType": "number"}])
    )
    assert np.array_equal(converted[0].columns[0].values, [1, np.nan], equal_nan=True)
    fields = {"app": {"operation": "groupby"}, "Value #A": {"operation": "aggregate", "aggregations": ["sum"]}}
    assert columns(transform([TABLE], one("groupBy", fields=fields)))["Value #A (sum)"] == [2, 1]


def test_what_is_not_done_here_is_named():
    with pytest.raises(UnsupportedTransformationError, match="the transformation joinByLabels"):
        transform([TABLE], one("joinByLabels"))
    with pytest.raises(UnsupportedTransformationError, match="labels as rows"):
        transform([TABLE], one("labelsToFields", mode="rows"))
    with pytest.raises(ValueError, match="no calculation is named 'nonsense'"):
        transform([line("x", [1])], one("reduce", reducers=["nonsense"]))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["app", "names", "pattern", "mode", "field", "desc"]), inner)
    ),
    max_leaves=5,
)
OPTIONS = st.dictionaries(
    st.sampled_from(
        [
            "excludeByName",
            "indexByName",
            "include",
            "exclude",
            "sort",
            "limitField",
            "regex",
            "fields",
            "byField",
            "conversions",
        ]
    ),
    ODD,
)


@given(st.lists(st.fixed_dictionaries({"id": st.sampled_from(sorted(KNOWN)), "options": OPTIONS}), max_size=3))
def test_odd_options_are_borne_or_refused_with_a_reason(wanted):
    frames = [TABLE, line("x", [1, float("nan")], app="a")]
    with suppress(ValueError):  # its message is shown in the panel
        found = transform(frames, wanted)
        assert all(len({len(column) for column in frame.columns}) <= 1 for frame in found)
