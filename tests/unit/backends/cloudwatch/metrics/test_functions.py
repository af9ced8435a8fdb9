from math import isnan, nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.functions import (
    FUNCTIONS,
    MOST_POINTS,
    REFUSED,
    constant,
    cut,
    fill,
    scalar,
    series,
    sort,
)
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.series import Array, Series

START = 1_700_002_800  # Tuesday 2023-11-14 23:00:00 UTC
GRID = Grid(START, START + 300, 60)


def make(*values, label="", grid=GRID):
    points = zip(grid.times, values, strict=False)
    return Series(grid, {time: float(value) for time, value in points if value is not None}, label)


def values(one):
    return [one.points.get(time) for time in one.grid.times]


def lists(array):
    return [values(one) for one in array.items]


def call(name, *arguments):
    return FUNCTIONS[name](*arguments)


SPARSE = make(4, None, -2, None, 1)
ARRAY = Array((make(1, 2, None, None, 6, label="a"), make(3, None, None, 5, 2, label="b")), GRID)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ABS", [4, None, 2, None, 1]),
        ("CEIL", [4, None, -2, None, 1]),
        ("FLOOR", [4, None, -2, None, 1]),
        ("DIFF", [None, None, -6, None, 3]),
        ("DIFF_TIME", [None, None, 120, None, 120]),
        ("RATE", [None, None, -0.05, None, 0.025]),
        ("RUNNING_SUM", [4, None, 2, None, 3]),
        ("LOG", [pytest.approx(1.3862943611), None, None, None, 0]),
        ("LOG10", [pytest.approx(0.6020599913), None, None, None, 0]),
        ("MINUTE", [0, 1, 2, 3, 4]),
        ("HOUR", [23] * 5),
        ("DAY", [2] * 5),
        ("DATE", [14] * 5),
        ("MONTH", [11] * 5),
        ("YEAR", [2023] * 5),
        ("EPOCH", list(GRID.times)),
    ],
)
def test_functions_of_a_series(name, found):
    assert values(call(name, SPARSE)) == found


def test_what_has_no_logarithm_is_missing():
    assert values(call("LOG", make(0, -1, 1))) == [None, None, 0, None, None]
    assert values(call("LOG10", make(0, -1, 10))) == [None, None, 1, None, None]


def test_rounding():
    assert values(call("CEIL", make(1.2, -1.2))) == [2, -1, None, None, None]
    assert values(call("FLOOR", make(1.2, -1.2))) == [1, -2, None, None, None]


@pytest.mark.parametrize("name", ["ABS", "CEIL", "DIFF", "RATE", "RUNNING_SUM", "LOG10"])
def test_functions_of_a_series_take_arrays(name):
    found = call(name, ARRAY)
    assert lists(found) == [values(call(name, one)) for one in ARRAY.items]
    assert [one.label for one in found.items] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "number", "of_array"),
    [
        ("SUM", 3, [4, 2, None, 5, 8]),
        ("AVG", 3 / 5, [2, 1, None, 2.5, 4]),
        ("MIN", -2, [1, 2, None, 5, 2]),
        ("MAX", 4, [3, 2, None, 5, 6]),
        ("DATAPOINT_COUNT", 3, [2, 1, None, 1, 2]),
        ("STDDEV", pytest.approx(2.449489743), [1, 0, None, 0, 2]),
    ],
)
def test_a_series_makes_a_number_and_an_array_a_series(name, number, of_array):
    assert call(name, SPARSE) == number
    assert values(call(name, ARRAY)) == of_array
    assert call(name, Array((), GRID)).points == {}
    assert call(name, Array((), GRID)).grid == GRID


@pytest.mark.parametrize(
    ("name", "number"), [("SUM", 0), ("DATAPOINT_COUNT", 0), ("AVG", nan), ("MIN", nan), ("MAX", nan), ("STDDEV", nan)]
)
def test_of_nothing(name, number):
    found = call(name, make())
    assert found == number or (isnan(found) and isnan(number))


# The tables of the user guide.
CONDITION, TRUE, FALSE = make(1, 1, 0, 0, None), make(30, None, 0, 0, 30), make(0, 0, 20, None, 20)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((CONDITION, TRUE, FALSE), [30, 0, 20, None, None]),
        ((CONDITION, 5.0, FALSE), [5, 5, 20, None, None]),
        ((CONDITION, TRUE, 5.0), [30, 0, 5, 5, None]),
        ((CONDITION, 10.0, 2.0), [10, 10, 2, 2, None]),
        ((CONDITION, TRUE), [30, 0, None, None, None]),
        ((CONDITION, 5.0), [5, 5, None, None, None]),
        ((make(-1, 0.5), 1.0, 2.0), [1, 1, None, None, None]),
        ((1.0, TRUE, FALSE), [30, None, 0, 0, 30]),
        ((0.0, TRUE, FALSE), [0, 0, 20, None, 20]),
        ((1.0, TRUE), [30, None, 0, 0, 30]),
        ((0.0, TRUE), [None] * 5),
        ((nan, TRUE), [None] * 5),
        ((CONDITION, nan, 1.0), [None, None, 1, 1, None]),
    ],
)
def test_if(arguments, found):
    assert values(call("IF", *arguments)) == found


@pytest.mark.parametrize(
    ("filler", "found"),
    [
        (0.0, [0, 4, 0, 0, 1]),
        ("REPEAT", [None, 4, 4, 4, 1]),
        ("LINEAR", [None, 4, 3, 2, 1]),
        (make(9, 8, None, 7), [9, 4, None, 7, 1]),
        (nan, [None, 4, None, None, 1]),
    ],
)
def test_fill(filler, found):
    one = make(None, 4, None, None, 1)
    assert values(fill(one, filler)) == found
    assert lists(fill(Array((one, make()), GRID), filler))[0] == found
    assert list(fill(one, filler).points) == sorted(fill(one, filler).points)


def test_fill_ends_where_the_series_ends():
    assert values(fill(make(4, None, 2), "LINEAR")) == [4, 3, 2, None, None]
    assert values(fill(make(4, None, 2), "REPEAT")) == [4, 4, 2, 2, 2]
    with pytest.raises(ValidationError, match="REPEAT or LINEAR, not LAST"):
        fill(SPARSE, "LAST")


def test_sort_and_slice():
    array = Array(
        (make(1, 1, label="low"), make(label="none"), make(9, label="high"), make(4, 4, label="middle")), GRID
    )

    def labels(found):
        return [one.label for one in found.items]

    assert labels(sort(array, "SUM", "DESC")) == ["high", "middle", "low", "none"]
    assert labels(sort(array, "AVG", "ASC")) == ["low", "middle", "high", "none"]
    assert labels(sort(array, "MAX", "DESC", 2.0)) == ["high", "middle"]
    assert labels(sort(array, "MIN", "ASC", 0.0)) == []
    assert labels(cut(array, 1.0)) == ["none", "high", "middle"]
    assert labels(cut(array, 1.0, 3.0)) == ["none", "high"]
    assert labels(cut(array, 7.0)) == []
    assert call("FIRST", array).label == "low"
    assert call("LAST", array).label == "middle"
    assert call("FIRST", Array((), GRID)).points == {}
    assert labels(call("REMOVE_EMPTY", array)) == ["low", "high", "middle"]
    assert call("METRIC_COUNT", array) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sort(ARRAY, "STDDEV", "ASC"),
        lambda: sort(ARRAY, "AVG", "UP"),
        lambda: sort(SPARSE, "AVG", "ASC"),
        lambda: sort(ARRAY, "AVG", "ASC", -1.0),
        lambda: cut(ARRAY, 0.5),
        lambda: cut(ARRAY, SPARSE),
        lambda: cut(ARRAY, nan),
        lambda: call("FIRST", SPARSE),
        lambda: call("METRIC_COUNT", SPARSE),
        lambda: call("ABS", 1.0),
        lambda: call("HOUR", ARRAY),
        lambda: call("SUM", 1.0),
        lambda: call("IF", ARRAY, 1.0),
        lambda: call("IF", CONDITION, ARRAY),
        lambda: call("IF", 0.0, 1.0),
        lambda: fill(1.0, 0.0),
        lambda: call("SUM", Array((make(1), make(1, grid=Grid(START, START + 300, 300))), GRID)),
        lambda: scalar(SPARSE),
        lambda: series(ARRAY),
    ],
)
def test_what_a_function_does_not_take_is_refused(wrong):
    with pytest.raises(ValidationError):
        wrong()


def test_an_array_of_one_is_a_series():
    assert series(Array((SPARSE,), GRID)) is SPARSE


def test_a_constant_series():
    assert values(constant(GRID, 2.5, "x")) == [2.5] * 5
    assert constant(GRID, nan, "x").points == {}


def test_series_that_have_every_point_are_bounded():
    huge = Series(Grid(0, MOST_POINTS + 1, 1), {0: 1.0})
    for make_it in (lambda: constant(huge.grid, 1.0, "x"), lambda: fill(huge, 0.0), lambda: call("HOUR", huge)):
        with pytest.raises(ValidationError, match="exceeds the limit of 100,800"):
            make_it()


def test_what_cannot_be_computed_here_is_known():
    assert "ANOMALY_DETECTION_BAND" in REFUSED
    assert not REFUSED & FUNCTIONS.keys()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=st.lists(st.integers(-5, 5) | st.none(), min_size=5, max_size=5))
def test_running_sum_and_diff_undo_each_other(found):
    one = make(*found)
    again = call("DIFF", call("RUNNING_SUM", one))
    assert list(again.points.values()) == list(one.points.values())[1:]
