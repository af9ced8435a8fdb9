"""A query of Logs Insights as a tree of what it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """Where something stands in a query, in characters; `end` is excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    span: Span
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string, without its quotes and escapes."""

    span: Span
    value: str


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression in RE2's syntax, without its slashes."""

    span: Span
    pattern: str


@dataclass(frozen=True, slots=True)
class Period:
    """So many units of time; the unit is one of `ms s m h d w mo q y`."""

    span: Span
    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name; in `` a.`b.c` `` the parts are `a` and `b.c`."""

    span: Span
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name as results show it."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Member:
    """What a map has by a key, or a list by a number."""

    span: Span
    of: "Expression"
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arguments; `count(*)` has none and a star."""

    span: Span
    name: str
    arguments: tuple["Expression", ...]
    star: bool = False


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign changed."""

    span: Span
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One of `+ - * / % ^` between two numbers."""

    span: Span
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One of `= != < <= > >=` between two values."""

    span: Span
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a text holds another, or what a regular expression matches."""

    span: Span
    subject: "Expression"
    pattern: Text | Regex


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is one of several."""

    span: Span
    subject: "Expression"
    values: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whether a condition does not hold."""

    span: Span
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Logical:
    """Whether all conditions hold (`and`), or any (`or`)."""

    span: Span
    operator: str
    operands: tuple["Expression", ...]


Expression = (
    Number
    | Text
    | Regex
    | Period
    | Field
    | Member
    | Call
    | Negative
    | Arithmetic
    | Comparison
    | Like
    | In
    | Not
    | Logical
)


@dataclass(frozen=True, slots=True)
class Item:
    """An expression and the name of its column: the alias, or else what the query says for it."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """`fields`."""

    span: Span
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """`display`."""

    span: Span
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """`filter`, `where` or `filterIndex`."""

    span: Span
    condition: Expression


@dataclass(frozen=True, slots=True)
class Parse:
    """`parse`: a glob (a `Text`) or a regular expression, and the names of what it finds."""

    span: Span
    subject: Expression
    pattern: Text | Regex
    names: tuple[str, ...]
    multi: bool


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by, and the direction."""

    expression: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort`."""

    span: Span
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit`, or `limit any`."""

    span: Span
    count: int
    any: bool


@dataclass(frozen=True, slots=True)
class Dedup:
    """`dedup`."""

    span: Span
    fields: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unnest:
    """`unnest`."""

    span: Span
    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Unmask:
    """`unmask`, which changes nothing here: nothing is masked."""

    span: Span
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """`pattern`."""

    span: Span
    expression: Expression


@dataclass(frozen=True, slots=True)
class Stats:
    """`stats`: aggregates, and what to group by."""

    span: Span
    aggregates: tuple[Item, ...]
    keys: tuple[Item, ...]


Command = Fields | Display | Filter | Parse | Sort | Limit | Dedup | Unnest | Unmask | Pattern | Stats


@dataclass(frozen=True, slots=True)
class Source:
    """`SOURCE`: log groups by name, or by what their names begin with, of which accounts, and of which classes.

    What is None is not asked for.
    """

    span: Span
    names: tuple[str, ...] | None = None
    prefixes: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    source: Source | None
    commands: tuple[Command, ...]


def expressions(command: Command) -> Iterator[Expression]:
    """The expressions that a command has."""
    match command:
        case Fields(items=items) | Display(items=items) | Unmask(items=items):
            yield from (item.expression for item in items)
        case Stats(aggregates=aggregates, keys=keys):
            yield from (item.expression for item in (*aggregates, *keys))
        case Filter(condition=expression) | Parse(subject=expression):
            yield expression
        case Unnest(expression=expression) | Pattern(expression=expression):
            yield expression
        case Sort(keys=sort_keys):
            yield from (key.expression for key in sort_keys)
        case Dedup(fields=fields):
            yield from fields
        case _:
            return


def operands(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of."""
    match expression:
        case Call(arguments=several) | Logical(operands=several):
            return several
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return left, right
        case In(subject=subject, values=values):
            return subject, *values
        case Not(operand=one) | Negative(operand=one) | Member(of=one) | Like(subject=one):
            return (one,)
        case _:
            return ()
