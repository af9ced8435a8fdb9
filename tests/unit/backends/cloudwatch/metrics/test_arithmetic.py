from math import isnan, nan

import pytest

from refapp.backends.cloudwatch.metrics.arithmetic import OPERATIONS, apply, check_same_period, negative
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.series import Array, Series

GRID = Grid(0, 300, 60)


def series(*values, label="", grid=GRID):
    return Series(grid, {60 * place: float(value) for place, value in enumerate(values) if value is not None}, label)


def values(one):
    return [one.points.get(time) for time in one.grid.times][: 1 + max(one.points, default=-60) // 60]


# The examples of the user guide.
FIRST, SECOND = series(30, 20, 0, 0), series(20, None, 20, None)


def test_a_missing_value_counts_as_zero():
    assert values(apply("<", FIRST, SECOND)) == [0, 0, 1, 0]
    assert values(apply(">=", FIRST, 30.0)) == [1, 0, 0, 0]
    assert values(apply("AND", apply(">", FIRST, 15.0), apply(">", SECOND, 15.0))) == [1, 0, 0, 0]
    assert values(apply("+", FIRST, SECOND)) == [50, 20, 20, 0]
    assert values(apply("-", SECOND, FIRST)) == [-10, -20, 20, 0]
    assert values(apply("OR", SECOND, 0.0)) == [1, None, 1]


def test_what_has_no_finite_result_is_dropped():
    assert values(apply("/", FIRST, SECOND)) == [1.5, None, 0]
    assert values(apply("/", 60.0, FIRST)) == [2, 3]
    assert values(apply("^", series(-4, 4), 0.5)) == [None, 2]
    assert values(apply("^", series(0, 2), -1.0)) == [None, 0.5]
    assert values(apply("*", series(1e300, 2), 1e300)) == [None, 2e300]
    assert values(apply("^", series(1e300, 2), 2.0)) == [None, 4]


@pytest.mark.parametrize("sign", OPERATIONS)
def test_a_number_without_a_value_makes_nothing(sign):
    assert isnan(apply(sign, nan, 1.0))
    assert isnan(apply(sign, 1.0, nan))
    assert apply(sign, FIRST, nan).points == {}


def test_numbers():
    assert apply("^", 2.0, 3.0) == 8
    assert apply("==", 2.0, 2.0) == 1
    assert apply("!=", 2.0, 2.0) == 0
    assert isnan(apply("/", 1.0, 0.0))
    assert negative(2.0) == -2


def test_arrays():
    array = Array((series(1, 2, label="a"), series(3, None, label="b")), GRID)
    for result, expected in [
        (apply("*", array, 2.0), [[2, 4], [6]]),
        (apply("-", 10.0, array), [[9, 8], [7]]),
        (apply("/", array, series(1, 2, label="c")), [[1, 1], [3, 0]]),
        (apply("+", series(1, 2, label="c"), array), [[2, 4], [4, 2]]),
        (negative(array), [[-1, -2], [-3]]),
    ]:
        assert [values(one) for one in result.items] == expected
        assert [one.label for one in result.items] == ["a", "b"]


@pytest.mark.parametrize(
    ("sign", "other"),
    [("+", Array((), GRID)), ("<", 1.0), ("AND", 1.0), ("==", series(1))],
    ids=["+", "<", "AND", "=="],
)
def test_what_arrays_do_not_take_is_refused_by_name(sign, other):
    array = Array((series(1),), GRID)
    for left, right in ((array, other), (other, array)):
        with pytest.raises(ValidationError, match="does not take") as caught:
            apply(sign, left, right)
        assert sign in str(caught.value)


def test_periods_have_to_be_the_same():
    with pytest.raises(ValidationError, match=r"same period, not \[60, 300\]"):
        apply("+", FIRST, series(1, grid=Grid(0, 300, 300)))
    check_same_period()
