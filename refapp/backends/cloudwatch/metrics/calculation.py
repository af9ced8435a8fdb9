"""The values of queries: metrics that are read, and expressions that are computed from them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from inspect import signature
from math import isfinite
from typing import Final

from refapp.backends.cloudwatch.metrics.arithmetic import apply, negative
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.expressions import (
    Call,
    Chain,
    Listed,
    Negative,
    Node,
    Number,
    Reference,
    Text,
    Word,
)
from refapp.backends.cloudwatch.metrics.functions import FUNCTIONS, REFUSED, constant, fill, scalar, series, sort
from refapp.backends.cloudwatch.metrics.labels import default_labels, is_dynamic
from refapp.backends.cloudwatch.metrics.periods import Grid, is_kept
from refapp.backends.cloudwatch.metrics.queries import Query, Reading, check_period, parse_statistic_name
from refapp.backends.cloudwatch.metrics.search import parse_search
from refapp.backends.cloudwatch.metrics.series import Array, Series, Source, Value, kind
from refapp.backends.cloudwatch.metrics.store import MetricStore

MOST_FOUND: Final = 500
"""How many metrics a search may find; what it finds beyond is left out."""


class Calculation:
    """Computes queries that were parsed together, over the times that a period gives.

    `values` has what each Id is; `crowded` whether a search found more metrics than it may.

    Raises:
        ValidationError: an expression cannot be computed; the message names it.
    """

    def __init__(self, store: MetricStore, queries: Sequence[Query], grid: Callable[[int], Grid], now: float) -> None:
        self._store, self._grid, self._now = store, grid, now
        self._readings = [query for query in queries if isinstance(query.what, Reading)]
        self._labels = self._metric_labels()
        self.values: dict[str, Value] = {}
        self.crowded = False
        for query in queries:
            self.values[query.id] = self._value(query)

    def _value(self, query: Query) -> Value:
        if isinstance(query.what, Reading):
            return self._read(query.what, self._labels[query.id])
        try:
            value = self._compute(query.what, query)
            self._check_period(value, query)
        except ValidationError as error:
            raise ValidationError(f"Error in expression '{query.id}': {error}") from None
        return replace(value, label=query.label or query.id) if isinstance(value, Series) else value

    def _metric_labels(self) -> dict[str, str]:
        sources = [
            (Source(what.metric, what.statistic.name), what.period)
            for query in self._readings
            if isinstance(what := query.what, Reading)
        ]
        return {
            query.id: query.label if query.label and not is_dynamic(query.label) else label
            for query, label in zip(self._readings, default_labels(sources), strict=True)
        }

    def _read(self, reading: Reading, label: str) -> Series:
        grid, statistic = self._grid(reading.period), reading.statistic
        found = self._store.read(reading.metric, grid, spread=statistic.spread) if is_kept(grid, self._now) else {}
        units = tuple(unit for unit in found if reading.unit in (None, unit))
        # Without a unit in the request, CloudWatch answers with the first one in the order of their names.
        values = found[units[0]] if units else {}
        points, samples = {}, {}
        for time, distribution in values.items():
            value = statistic.measure(distribution)
            if value is not None:
                points[time], samples[time] = value, distribution.samples
        return Series(grid, points, label, Source(reading.metric, statistic.name), units, samples)

    def _compute(self, node: Node, query: Query) -> Value:
        match node:
            case Number(value):
                return value
            case Reference(id_):
                return self.values[id_]
            case Negative(operand):
                return negative(self._compute(operand, query))
            case Listed(items):
                return self._listed(items, query)
            case Chain(operands, operators):
                return _chained([self._compute(operand, query) for operand in operands], operators)
            case Call(name, arguments):
                return self._called(name, arguments, query)
            case Text(value) | Word(value):
                raise ValidationError(f"{value!r} is of no use here.")

    def _listed(self, items: Sequence[Node], query: Query) -> Array:
        found: list[Series] = []
        for item in items:
            value = self._compute(item, query)
            found += value.items if isinstance(value, Array) else [series(value)]
        return Array(tuple(found), found[0].grid if found else self._own_grid(query))

    def _called(self, name: str, arguments: Sequence[Node], query: Query) -> Value:
        if name in REFUSED:
            raise ValidationError(f"The function {name} is not supported here.")
        if name in _SPECIAL:
            return _bound(name, getattr(self, _SPECIAL[name]), (query, *arguments))
        if name not in FUNCTIONS:
            raise ValidationError(f"There is no function {name}.")
        return _bound(name, FUNCTIONS[name], [self._compute(argument, query) for argument in arguments])

    def _metrics(self, query: Query, text: Node | None = None) -> Value:
        wanted = "" if text is None else _text(text)
        found = tuple(series(self.values[one.id]) for one in self._readings if wanted in one.id)
        return Array(found, found[0].grid if found else self._own_grid(query))

    def _period(self, query: Query, metric: Node) -> Value:
        value = self._compute(metric, query)
        if not isinstance(value, Series) or value.source is None:
            raise ValidationError("PERIOD takes a metric.")
        return float(value.grid.period)

    def _time_series(self, query: Query, number: Node) -> Value:
        value = scalar(self._compute(number, query))
        return constant(self._own_grid(query), value, query.id)

    def _fill(self, query: Query, value: Node, filler: Node) -> Value:
        with_what = filler.value if isinstance(filler, Word) else self._compute(filler, query)
        return fill(self._compute(value, query), with_what)

    def _sort(self, query: Query, value: Node, by: Node, order: Node, limit: Node | None = None) -> Value:
        how, up_or_down = (node.value if isinstance(node, Word) else "" for node in (by, order))
        most = None if limit is None else self._compute(limit, query)
        return sort(self._compute(value, query), how, up_or_down, most)

    def _search(self, query: Query, text: Node, statistic: Node, period: Node | None = None) -> Value:
        is_found, measured = parse_search(_text(text)), parse_statistic_name(_text(statistic))
        if period is None:
            grid = self._own_grid(query)
        else:
            number = scalar(self._compute(period, query))
            grid = self._grid(check_period(int(number) if isfinite(number) and number == int(number) else -1))
        metrics = [metric for metric in self._store.metrics() if is_found(metric)]
        self.crowded = self.crowded or len(metrics) > MOST_FOUND
        sources = [(Source(metric, measured.name), grid.period) for metric in metrics[:MOST_FOUND]]
        found = (
            self._read(Reading(source.metric, measured, grid.period), label)
            for (source, _), label in zip(sources, default_labels(sources), strict=True)
        )
        return Array(tuple(found), grid)

    def _own_grid(self, query: Query) -> Grid:
        """The grid of an expression that has no series: of its own period, or of the one that all metrics have."""
        periods = {what.period for one in self._readings if isinstance(what := one.what, Reading)}
        if query.period is None and len(periods) != 1:
            raise ValidationError("The expression needs a Period.")
        return self._grid(query.period or periods.pop())

    def _check_period(self, value: Value, query: Query) -> None:
        for one in value.items if isinstance(value, Array) else [value]:
            if query.period and isinstance(one, Series) and one.grid.period != query.period:
                raise ValidationError(f"Its Period is {query.period}, but that of its metrics {one.grid.period}.")


_SPECIAL = {
    "FILL": "_fill",
    "METRICS": "_metrics",
    "PERIOD": "_period",
    "SEARCH": "_search",
    "SORT": "_sort",
    "TIME_SERIES": "_time_series",
}


def returned(query: Query, value: Value) -> tuple[Series, ...]:
    """The time series that a query answers with.

    Raises:
        ValidationError: it is a number.
    """
    if isinstance(value, Series):
        return (value,)
    if not isinstance(value, Array):
        needed = "a time series or an array of them"
        raise ValidationError(f"Error in expression '{query.id}': the result must be {needed}, not {kind(value)}.")
    return value.items


def _chained(values: Sequence[Value], operators: Sequence[str]) -> Value:
    if operators[0] == "^":
        return reduce(lambda right, left: apply("^", left, right), reversed(values))
    result = values[0]
    for sign, value in zip(operators, values[1:], strict=True):
        result = apply(sign, result, value)
    return result


def _bound(name: str, function: Callable[..., Value], arguments: Sequence[object]) -> Value:
    try:
        signature(function).bind(*arguments)
    except TypeError:
        raise ValidationError(
            f"The function {name} does not take these arguments: they are too few or too many."
        ) from None
    return function(*arguments)


def _text(node: Node) -> str:
    if not isinstance(node, Text):
        raise ValidationError("A text in quotation marks is needed.")
    return node.value
