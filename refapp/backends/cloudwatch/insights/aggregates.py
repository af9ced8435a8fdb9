"""Aggregates, and the groups that `stats` makes.

After "stats" in the CloudWatch Logs User Guide. What the guide leaves open, and what is chosen here: `pct` interpolates
between the nearest two values, and `stddev` is that of a sample; `sum`, `avg`, `pct` and `stddev` pass over what is no
number; `count_distinct` is exact; `min` and `sortsFirst` are the first value in natural order (see `sort`), `max` and
`sortsLast` the last; `earliest` and `latest` pass over events that lack the field. Events that lack a key are a group.
Groups are sorted, until a `sort`, by their keys where one is a time, and else by the first aggregate, the largest
first.
"""

from dataclasses import replace

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights import tree, values
from refapp.backends.cloudwatch.insights.arguments import Arguments, Clock, Function, number
from refapp.backends.cloudwatch.insights.datetimes import timestamp
from refapp.backends.cloudwatch.insights.expressions import Expressions
from refapp.backends.cloudwatch.insights.rows import Rows
from refapp.backends.cloudwatch.insights.values import Kind, Value

_PER_CENT = 100
_IDS = 2**50  # more than there are ids of events


def _of_numbers(name: str) -> Function:
    return Function(1, 1, lambda given: number(f"{name}({given.number(0)})"))


def _count(given: Arguments) -> Value:
    counted = f"CASE WHEN {values.present(given.value(0))} THEN 1 END" if len(given) else "*"
    return number(f"count({counted})::DOUBLE")


def _percentile(given: Arguments) -> Value:
    percent = given.said_number(1)
    if percent > _PER_CENT:
        given.refuse("a percentile is a number from 0 to 100", 1)
    return number(f"quantile_cont({given.number(0)}, {given.parameter(percent / _PER_CENT)})")


def _extreme(name: str) -> Function:
    """The first or the last value in natural order: `min` or `max`."""

    def build(given: Arguments) -> Value:
        value = values.comparable(values.nullable(given.value(0), given.let), given.let)
        if value.kind is not Kind.TEXT:
            return replace(value, sql=f"{name}({value.sql})", literal=None)
        value = values.once(value, given.let)
        said, parsed = value.sql, values.number(value, given.let)
        found = values.text(number(f"{name}({parsed})"), str)
        word = f"arg_{name}({said}, CASE WHEN {parsed} IS NULL THEN {values.natural_key(said)} END)"
        either = f"{word}, {found}" if name == "min" else f"{found}, {word}"  # all words come before all numbers
        return replace(value, sql=f"coalesce({either})", literal=None)

    return Function(1, 1, build)


def _by_time(name: str) -> Function:
    """The value of the first or the last event: `arg_min` or `arg_max`."""

    def build(given: Arguments) -> Value:
        value = values.nullable(given.value(0), given.let)
        moment = f"{timestamp(given)}::HUGEINT * {_IDS}"
        moment = f"{moment} + id" if given.rows.open else moment
        return replace(value, sql=f"{name}({value.sql}, {moment})", literal=None)

    return Function(1, 1, build)


AGGREGATES = {
    name.lower(): function
    for name, function in {
        "count": Function(0, 1, _count),
        "count_distinct": Function(1, 1, lambda given: number(f"count(DISTINCT {given.text(0)})::DOUBLE")),
        "sum": _of_numbers("fsum"),
        "avg": _of_numbers("favg"),
        "stddev": _of_numbers("stddev_samp"),
        "pct": Function(2, 2, _percentile),
        "min": _extreme("min"),
        "max": _extreme("max"),
        "sortsFirst": _extreme("min"),
        "sortsLast": _extreme("max"),
        "earliest": _by_time("arg_min"),
        "latest": _by_time("arg_max"),
    }.items()
}


def group(stats: tree.Stats, rows: Rows, clock: Clock) -> Rows:
    """The groups of `stats` as rows: their `names` are those of its columns, and nothing else is known of them.

    Their order, until the query asks for one, is by time where they are grouped by a time, and by the first aggregate,
    the largest first, where they are not.

    Raises:
        MalformedQuery: an expression has something that is not known, or cannot be there.
    """
    below = Expressions(rows, clock)
    grouped = Rows(rows.parameters, "", {}, [])
    columns: dict[str, str] = {}

    def column(value: Value) -> Value:
        name = rows.parameters.new_column()
        columns[name] = value.sql
        return replace(value, sql=name, literal=None)

    def aggregate(call: tree.Call) -> Value | None:
        function = AGGREGATES.get(call.name.lower())
        if function is None:
            return None
        if not function.least <= len(call.arguments) <= function.most or (call.star and function.least > 0):
            raise MalformedQuery(f"`{call.name}` has the wrong number of arguments", *call.span)
        return column(function.build(Arguments(call, below)))

    keys = {item.name: column(values.comparable(below.value(item.expression), rows.let)) for item in stats.keys}
    by = f"GROUP BY {', '.join(columns)}" if columns else ""
    grouped.names.update(keys)
    above = Expressions(grouped, clock, aggregate)
    made = {item.name: above.value(item.expression) for item in stats.aggregates}
    if len(columns) == len(stats.keys):
        raise MalformedQuery("`stats` asks for at least one aggregate", *stats.span)
    selected = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    grouped.table = f"(SELECT {selected} FROM {rows.relation()} {by})"  # noqa: S608 - no text of a query, see `rows`
    grouped.names.update((name, values.once(value, grouped.let)) for name, value in made.items())
    by_time = any(key.kind is Kind.TIME for key in keys.values())
    first = [] if by_time else ordering(next(iter(made.values())), grouped, descending=True)
    grouped.order = first + [term for key in keys.values() for term in ordering(key, grouped, descending=False)]
    return grouped


def ordering(value: Value, rows: Rows, *, descending: bool) -> list[str]:
    """Terms of ORDER BY for a value in natural order, or its reverse; what is missing comes last in both."""
    direction = "DESC" if descending else "ASC"
    return [f"{term} {direction} NULLS LAST" for term in values.natural_order(value, rows.let)]
