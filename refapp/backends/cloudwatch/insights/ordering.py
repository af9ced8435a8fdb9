"""Which commands may follow which.

After the pages on `stats` and `dedup` in the CloudWatch Logs User Guide: after `dedup` there is only `limit`; where
there are several `stats`, `sort` and `limit` come after the last. What the guide leaves open, and what is chosen here:
there are at most ten `stats`, and one `pattern`.

AWS's own sample queries for Container Insights filter events after `stats`, where only its columns are known:
`stats count() as n by kubernetes.container_name | filter stream="stderr"`. So a filter after the only `stats` that asks
for none of what is known there belongs before it.
"""

from collections.abc import Iterator, Sequence

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights import tree
from refapp.backends.cloudwatch.insights.tree import Command, Expression, expressions, operands

_MOST_STATS = 10


def arranged(commands: Sequence[Command]) -> list[Command]:
    """The commands in the order in which they are to be done.

    Raises:
        MalformedQuery: one of them cannot be where it is.
    """
    stats = [command for command in commands if isinstance(command, tree.Stats)]
    patterns = [command for command in commands if isinstance(command, tree.Pattern)]
    if len(stats) > _MOST_STATS:
        raise MalformedQuery(f"a query has at most {_MOST_STATS} `stats`", *stats[_MOST_STATS].span)
    if len(patterns) > 1:
        raise MalformedQuery("a query has at most one `pattern`", *patterns[1].span)
    _check_dedup(commands)
    if len(stats) > 1:
        _check_between(commands, stats[-1])
    return _with_filters_moved(commands) if len(stats) == 1 and not patterns else list(commands)


def _check_dedup(commands: Sequence[Command]) -> None:
    deduplicated = False
    for command in commands:
        if deduplicated and not isinstance(command, tree.Limit):
            raise MalformedQuery("after `dedup` there can only be `limit`", *command.span)
        deduplicated = deduplicated or isinstance(command, tree.Dedup)


def _check_between(commands: Sequence[Command], last: tree.Stats) -> None:
    for command in commands[: commands.index(last)]:
        if isinstance(command, tree.Sort | tree.Limit):
            raise MalformedQuery("where there are several `stats`, this comes after the last", *command.span)


def _with_filters_moved(commands: Sequence[Command]) -> list[Command]:
    place = next(place for place, command in enumerate(commands) if isinstance(command, tree.Stats))
    before, after = list(commands[:place]), [commands[place]]
    known: set[str] = set()
    for command in commands[place:]:
        if isinstance(command, tree.Filter) and _asks_for_none_of(known, command):
            before.append(command)
        elif not isinstance(command, tree.Stats):
            after.append(command)
        known.update(_names(command))
    return before + after


def _asks_for_none_of(known: set[str], command: Command) -> bool:
    fields = [field for expression in expressions(command) for field in _fields(expression)]
    return bool(fields) and not any(_is_known(field, known) for field in fields)


def _is_known(field: tree.Field, known: set[str]) -> bool:
    return any(".".join(field.parts[:length]) in known for length in range(1, len(field.parts) + 1))


def _fields(expression: Expression) -> Iterator[tree.Field]:
    if isinstance(expression, tree.Field):
        yield expression
    for operand in operands(expression):
        yield from _fields(operand)


def _names(command: Command) -> Iterator[str]:
    """What fields a command makes known."""
    match command:
        case tree.Stats(aggregates=aggregates, keys=keys):
            yield from (item.name for item in (*aggregates, *keys))
        case tree.Fields(items=items) | tree.Display(items=items):
            yield from (item.name for item in items)
        case tree.Parse(names=names):
            yield from names
        case tree.Unnest(name=name):
            yield name
        case _:
            return
