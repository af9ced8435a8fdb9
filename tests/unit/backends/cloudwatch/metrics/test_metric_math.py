"""Metric math as a whole against a plain evaluator of the same trees, over lists with a place for each time."""

import math
from itertools import pairwise
from math import fsum, isfinite, nan
from statistics import pstdev

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.calculation import Calculation
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.queries import parse_queries

TIMES = 6
HOUR = 1_700_002_800


def metric(id_, name):
    what = {"Metric": {"Namespace": "shop", "MetricName": name}, "Period": 60, "Stat": "Sum"}
    return {"Id": id_, "MetricStat": what}


def points(value):
    return [value.points.get(time) for time in value.grid.times]


# Trees of metric math: ("number", 2), ("metric", 1), (operator, left, right), (function, …). A plain value is a number,
# a list with a value or None for each time, or a tuple of such lists.


def text(tree):
    kind, *parts = tree
    if kind == "number":
        return f"{parts[0]}" if parts[0] >= 0 else f"({parts[0]})"
    if kind == "metric":
        return f"m{parts[0]}"
    if kind == "array":
        return f"[{', '.join(map(text, parts))}]"
    if kind == "negative":
        return f"(-({text(parts[0])}))"
    if kind in OPERATORS:
        return f"({text(parts[0])} {kind} {text(parts[1])})"
    return f"{kind}({', '.join(part if isinstance(part, str) else text(part) for part in parts)})"


def operate(sign, left, right):
    try:
        value = OPERATORS[sign](left, right)
    except (ZeroDivisionError, OverflowError):
        return nan
    return nan if isinstance(value, complex) or not isfinite(value) else float(value)


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: nan if a != a or b != b else a**b,  # noqa: PLR0124 - NaN
    "<": lambda a, b: nan if a != a or b != b else a < b,  # noqa: PLR0124
    "==": lambda a, b: nan if a != a or b != b else a == b,  # noqa: PLR0124
    ">=": lambda a, b: nan if a != a or b != b else a >= b,  # noqa: PLR0124
    "AND": lambda a, b: nan if a != a or b != b else a != 0 and b != 0,  # noqa: PLR0124
    "OR": lambda a, b: nan if a != a or b != b else a != 0 or b != 0,  # noqa: PLR0124
}


def dropped(values):
    return [None if value is None or not isfinite(value) else value for value in values]


def both(sign, left, right):
    if isinstance(left, tuple):
        return tuple(both(sign, one, right) for one in left)
    if isinstance(right, tuple):
        return tuple(both(sign, left, one) for one in right)
    if not isinstance(left, list) and not isinstance(right, list):
        return operate(sign, left, right)
    ones = left if isinstance(left, list) else [left if other is not None else None for other in right]
    others = right if isinstance(right, list) else [right if one is not None else None for one in left]
    return dropped(
        None
        if one is None and other is None
        else operate(sign, one or 0 if one is None else one, 0 if other is None else other)
        for one, other in zip(ones, others, strict=True)
    )


def present(values):
    return [value for value in values if value is not None]


def over(values, of_series, of_column):
    if isinstance(values, list):
        value = of_series(values)
        return value if isfinite(value) else nan
    columns = [present(one[place] for one in values) for place in range(TIMES)]
    return dropped(of_column(column, len(values)) if column else None for column in columns)


def each(values, function):
    return tuple(function(one) for one in values) if isinstance(values, tuple) else function(values)


def running(values):
    total, found = 0.0, []
    for value in values:
        total += value or 0
        found.append(None if value is None else total)
    return found


def differences(values, per_second):
    found, last = [], None
    for place, value in enumerate(values):
        if value is None:
            found.append(None)
            continue
        found.append(None if last is None else (value - last[1]) / ((place - last[0]) * 60 if per_second else 1))
        last = place, value
    return found


def filled_in(values, filler):
    if isinstance(filler, list):
        return [other if value is None else value for value, other in zip(values, filler, strict=True)]
    if filler == "REPEAT":
        found = []
        for value in values:
            found.append(value if value is not None or not found else found[-1])
        return found
    if filler == "LINEAR":
        known = [place for place, value in enumerate(values) if value is not None]
        found = list(values)
        for before, after in pairwise(known):
            for place in range(before + 1, after):
                found[place] = values[before] + (values[after] - values[before]) / ((after - before) * 60) * (
                    (place - before) * 60
                )
        return found
    return dropped(filler if value is None else value for value in values)


def chosen(condition, true, false):
    if not isinstance(condition, list):
        return [None] * TIMES if condition != condition or not condition else true  # noqa: PLR0124 - NaN
    found = []
    for place, value in enumerate(condition):
        if value is None:
            found.append(None)
        elif value:
            found.append((true[place] or 0) if isinstance(true, list) else true)
        else:
            found.append(false[place] if isinstance(false, list) else false)
    return dropped(found)


PLAIN = {
    "ABS": lambda values: each(values, lambda one: [None if v is None else abs(v) for v in one]),
    "CEIL": lambda values: each(values, lambda one: [None if v is None else math.ceil(v) for v in one]),
    "FLOOR": lambda values: each(values, lambda one: [None if v is None else math.floor(v) for v in one]),
    "DIFF": lambda values: each(values, lambda one: differences(one, per_second=False)),
    "RATE": lambda values: each(values, lambda one: differences(one, per_second=True)),
    "RUNNING_SUM": lambda values: each(values, lambda one: dropped(running(one))),
    "SUM": lambda values: over(values, lambda one: fsum(present(one)), lambda column, _: fsum(column)),
    "AVG": lambda values: over(
        values,
        lambda one: fsum(present(one)) / TIMES if present(one) else nan,
        lambda column, count: fsum(column) / count,
    ),
    "MIN": lambda values: over(values, lambda one: min(present(one), default=nan), lambda column, _: min(column)),
    "MAX": lambda values: over(values, lambda one: max(present(one), default=nan), lambda column, _: max(column)),
    "STDDEV": lambda values: over(
        values, lambda one: pstdev(present(one)) if present(one) else nan, lambda column, _: pstdev(column)
    ),
    "DATAPOINT_COUNT": lambda values: over(values, lambda one: len(present(one)), lambda column, _: len(column)),
    "TIME_SERIES": lambda number: dropped([number] * TIMES),
    "METRIC_COUNT": len,
    "REMOVE_EMPTY": lambda values: tuple(one for one in values if present(one)),
    "FILL": lambda values, filler: each(values, lambda one: filled_in(one, filler)),
    "IF": lambda condition, true, false=None: chosen(condition, true, false),
}


def plain(tree, metrics):
    kind, *parts = tree
    if kind == "number":
        return float(parts[0])
    if kind == "metric":
        return metrics[parts[0] - 1]
    values = [part if isinstance(part, str) else plain(part, metrics) for part in parts]
    if kind == "array":
        return tuple(values)
    if kind == "negative":
        return both("*", values[0], -1.0)
    return both(kind, *values) if kind in OPERATORS else PLAIN[kind](*values)


NUMBERS = st.integers(-3, 9).map(lambda number: ("number", number))
METRICS = st.integers(1, 3).map(lambda number: ("metric", number))
ARITHMETIC, COMPARING = st.sampled_from("+-*/"), st.sampled_from(["<", "==", ">=", "AND", "OR"])


def trees(depth):
    """Numbers, series and arrays that are nested so deep."""
    if not depth:
        return NUMBERS, METRICS, st.lists(METRICS, min_size=1, max_size=3).map(lambda found: ("array", *found))
    number, series, array = trees(depth - 1)
    operator, name = ARITHMETIC | COMPARING, st.sampled_from
    aggregate = name(["SUM", "AVG", "MIN", "MAX", "STDDEV", "DATAPOINT_COUNT"])
    of_each = name(["ABS", "CEIL", "FLOOR", "DIFF", "RATE", "RUNNING_SUM"])
    numbers = (
        number
        | st.tuples(operator, number, number)
        | st.tuples(aggregate, series)
        | st.tuples(name(["METRIC_COUNT"]), array)
    )
    some_series = (
        series
        | st.tuples(operator, series, series | number)
        | st.tuples(operator, number, series)
        | st.tuples(name(["^"]), series, name([("number", 2), ("number", -1)]))
        | st.tuples(name(["negative"]), series)
        | st.tuples(aggregate, array)
        | st.tuples(of_each, series)
        | st.tuples(name(["TIME_SERIES"]), number)
        | st.tuples(name(["FILL"]), series, series | number | name(["REPEAT", "LINEAR"]))
        | st.tuples(name(["IF"]), series, series | number, series | number)
        | st.tuples(name(["IF"]), series | number, series)
    )
    arrays = (
        array
        | st.lists(series, min_size=1, max_size=3).map(lambda found: ("array", *found))
        | st.tuples(ARITHMETIC, array, series | number)
        | st.tuples(ARITHMETIC, series | number, array)
        | st.tuples(name(["negative"]), array)
        | st.tuples(of_each, array)
        | st.tuples(name(["REMOVE_EMPTY"]), array)
        | st.tuples(name(["FILL"]), array, series | number | name(["REPEAT", "LINEAR"]))
    )
    return numbers, some_series, arrays


_, SERIES, ARRAYS = trees(3)
VALUES = st.lists(st.integers(-9, 9) | st.none(), min_size=TIMES, max_size=TIMES)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=SERIES | ARRAYS, metrics=st.lists(VALUES, min_size=3, max_size=3))
def test_expressions_are_what_a_plain_evaluator_says(tree, metrics):
    queries = parse_queries([{"Id": "e0", "Expression": text(tree)}, *(metric(f"m{no}", f"{no}") for no in (1, 2, 3))])
    calculation = Calculation(Stored(metrics), queries, lambda period: Grid(HOUR, HOUR + TIMES * 60, period), HOUR)
    expected, value = plain(tree, metrics), calculation.values["e0"]
    if isinstance(expected, tuple):
        assert [near(points(one)) for one in value.items] == [near(one) for one in expected]
    else:
        assert near(points(value)) == near(expected)


def near(values):
    """The values in few digits: what is added up in another order differs in the last ones."""
    return [None if value is None else float(f"{value + 0.0:.9g}") for value in values]


class Stored:
    """A store of three metrics, without a disk."""

    def __init__(self, metrics):
        self._metrics = metrics

    def read(self, metric, grid, *, spread):
        assert not spread
        values = self._metrics[int(metric.name) - 1]
        found = {
            time: Distribution.of([float(value)])
            for time, value in zip(grid.times, values, strict=True)
            if value is not None
        }
        return {"None": found} if found else {}
