import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.reductions import known, reduce, title

VALUES = np.array([4.0, np.nan, 1.0, 3.0, 2.0, np.nan])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lastNotNull", 2), ("current", 2), ("firstNotNull", 4), ("last", None), ("first", 4), ("min", 1), ("max", 4),
        ("mean", 2.5), ("avg", 2.5), ("sum", 10), ("total", 10), ("median", 2.5), ("count", 6), ("range", 3),
        ("diff", -2), ("delta", 1 + 2 + 2), ("step", -3), ("diffperc", -0.5), ("logmin", 1), ("variance", 1.25),
        ("changeCount", 3), ("distinctCount", 4), ("allIsZero", 0), ("allIsNull", 0), ("p50", 2.5), ("p99", 3.97),
    ],
)  # fmt: skip
def test_calculations(name, found):
    assert reduce(VALUES, name) == (None if found is None else pytest.approx(found))


@given(st.sampled_from(sorted({*known(), "p95"})), st.lists(st.floats()))
def test_any_series_has_a_number_or_none(name, values):
    found = reduce(np.array(values, dtype=float), name)
    assert found is None or not np.isnan(found)


@pytest.mark.parametrize("name", ["p0", "p100", "pxx", "mode", ""])
def test_an_unknown_calculation_is_named(name):
    with pytest.raises(ValueError, match=f"'{name}'.*lastNotNull"):
        reduce(VALUES, name)


def test_columns_have_titles():
    assert [title(name) for name in ("lastNotNull", "mean", "avg", "max", "total", "p99")] == [
        "Last *",
        "Mean",
        "Mean",
        "Max",
        "Total",
        "P99",
    ]
