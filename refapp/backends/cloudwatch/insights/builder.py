r"""Nodes of the tree from rules of the grammar.

Chosen where the guide is silent: in a string, a backslash before `n`, `r`, `t`, a quote or another backslash means what
it does in most languages, and before anything else it stays, so that `"\d"` is a regular expression.
"""

import re
from typing import Any, cast

from lark import Token, Tree, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights import tree
from refapp.backends.cloudwatch.insights.grammar import UNITS
from refapp.backends.cloudwatch.insights.tree import Expression, Item, Span

_MOST_ROWS = 100_000  # of a result, by the page on `limit`
_MOST_PREFIXES, _MOST_ACCOUNTS = 5, 20  # by the page on `SOURCE`
_LONGEST_NUMBER = 30  # digits
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_SHORT = {name: unit for unit, names in UNITS.items() for name in names}
# What may be asked of log groups, by its names in the guide, which are not the same in its text and its examples.
_CHOICES = {
    "nameprefix": "prefixes",
    "accountidentifier": "accounts",
    "accountidentifiers": "accounts",
    "class": "classes",
    "loggroupclass": "classes",
}


def build(text: str, parsed: Tree[Token]) -> tree.Query:
    """The tree of a query, of which lark has found the rules.

    Raises:
        VisitError: its `orig_exc` is a MalformedQuery.
    """
    return cast("tree.Query", _Builder(text).transform(parsed))


@v_args(meta=True)
class _Builder(Transformer_NonRecursive[Token, Any]):
    """Makes the nodes of a query; lark calls a method for each rule, the lowest first."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def query(self, _: Meta, children: list[Any]) -> tree.Query:
        source, *commands = children
        return tree.Query(source, tuple(commands))

    def source_by_name(self, meta: Meta, children: list[Token]) -> tree.Source:
        return tree.Source(_span(meta), names=tuple(_string(name) for name in children[1:]))

    def source_by_prefix(self, meta: Meta, children: list[Any]) -> tree.Source:
        choices: dict[str, tuple[str, ...]] = {}
        for span, key, values in (choice for choice in children[2:] if choice is not None):
            if key in choices:
                raise MalformedQuery("this is said twice", *span)
            choices[key] = values
        return tree.Source(_span(meta), **choices)

    def choice(self, meta: Meta, children: list[Token]) -> tuple[Span, str, tuple[str, ...]]:
        name, *values = children
        key = _CHOICES.get(name.lower())
        if key is None:
            raise MalformedQuery(f"log groups cannot be chosen by `{name}`", *_span_of(name))
        most = {"prefixes": _MOST_PREFIXES, "accounts": _MOST_ACCOUNTS}.get(key, len(values))
        if len(values) > most:
            raise MalformedQuery(f"`{name}` has at most {most} values", *_span(meta))
        return _span(meta), key, tuple(map(_string, values))

    def fields(self, meta: Meta, children: list[Any]) -> tree.Fields:
        return tree.Fields(_span(meta), children[1])

    def display(self, meta: Meta, children: list[Any]) -> tree.Display:
        return tree.Display(_span(meta), children[1])

    def filter(self, meta: Meta, children: list[Any]) -> tree.Filter:
        return tree.Filter(_span(meta), children[1])

    def filter_index(self, meta: Meta, children: list[Any]) -> tree.Filter:
        match children[1]:
            case tree.Comparison(operator="=", left=tree.Field()) | tree.In(subject=tree.Field()) as condition:
                return tree.Filter(_span(meta), condition)
            case _:
                raise MalformedQuery("`filterIndex` has one condition: field = value, or field in [..]", *_span(meta))

    def parse_glob(self, meta: Meta, children: list[Any]) -> tree.Parse:
        _, subject, glob, _, names = children
        return tree.Parse(_span(meta), subject or _message(meta), _text(glob), names, multi=False)

    def parse_regex(self, meta: Meta, children: list[Any]) -> tree.Parse:
        _, subject, regex, _, names, multi = children
        return tree.Parse(_span(meta), subject or _message(meta), _regex(regex), names or (), multi=multi is not None)

    def sort(self, meta: Meta, children: list[Any]) -> tree.Sort:
        return tree.Sort(_span(meta), tuple(children[1:]))

    def key(self, _: Meta, children: list[Any]) -> tree.SortKey:
        expression, direction = children
        return tree.SortKey(expression, descending=direction is not None and direction.type == "DESC")

    def limit(self, meta: Meta, children: list[Any]) -> tree.Limit:
        _, word, number = children
        count = _number(number).value
        if not 1 <= count <= _MOST_ROWS or count != int(count):
            raise MalformedQuery(f"a limit is a whole number from 1 to {_MOST_ROWS}", *_span_of(number))
        return tree.Limit(_span(meta), int(count), any=word is not None)

    def dedup(self, meta: Meta, children: list[Any]) -> tree.Dedup:
        return tree.Dedup(_span(meta), tuple(children[1:]))

    def unnest(self, meta: Meta, children: list[Any]) -> tree.Unnest:
        _, expression, _, name = children
        return tree.Unnest(_span(meta), expression, _name(name))

    def unmask(self, meta: Meta, children: list[Any]) -> tree.Unmask:
        return tree.Unmask(_span(meta), children[1])

    def pattern(self, meta: Meta, children: list[Any]) -> tree.Pattern:
        return tree.Pattern(_span(meta), children[1])

    def stats(self, meta: Meta, children: list[Any]) -> tree.Stats:
        _, aggregates, _, keys = children
        return tree.Stats(_span(meta), aggregates, keys or ())

    def items(self, _: Meta, children: list[Item]) -> tuple[Item, ...]:
        return tuple(children)

    def item(self, meta: Meta, children: list[Any]) -> Item:
        expression, _, alias = children
        if alias is not None:
            return Item(expression, _name(alias))
        return Item(expression, expression.name if isinstance(expression, tree.Field) else self._said(meta))

    def names(self, _: Meta, children: list[Token]) -> tuple[str, ...]:
        return tuple(map(_name, children))

    def logical(self, meta: Meta, children: list[Any]) -> tree.Logical:
        return tree.Logical(_span(meta), children[1].lower(), tuple(children[::2]))

    def not_(self, meta: Meta, children: list[Any]) -> tree.Not:
        return tree.Not(_span(meta), children[1])

    def compare(self, meta: Meta, children: list[Any]) -> tree.Comparison:
        left, operator, right = children
        return tree.Comparison(_span(meta), str(operator), left, right)

    def like(self, meta: Meta, children: list[Any]) -> Expression:
        subject, negated, _, pattern = children
        read = _text if pattern.type == "STRING" else _regex
        return _negated(tree.Like(_span(meta), subject, read(pattern)), negated)

    def matches(self, meta: Meta, children: list[Any]) -> tree.Like:
        subject, *_, regex = children
        return tree.Like(_span(meta), subject, _regex(regex))

    def in_(self, meta: Meta, children: list[Any]) -> Expression:
        subject, negated, _, *values = children
        return _negated(tree.In(_span(meta), subject, tuple(value for value in values if value is not None)), negated)

    def arithmetic(self, meta: Meta, children: list[Any]) -> tree.Arithmetic:
        left, operator, right = children
        return tree.Arithmetic(_span(meta), str(operator), left, right)

    def negative(self, meta: Meta, children: list[Any]) -> tree.Negative:
        return tree.Negative(_span(meta), children[1])

    def index(self, meta: Meta, children: list[Any]) -> tree.Member:
        of, number = children
        if not number.isdigit() or len(number) > _LONGEST_NUMBER:
            raise MalformedQuery("a place in a list is a whole number", *_span_of(number))
        return tree.Member(_span(meta), of, (int(number),))

    def members(self, meta: Meta, children: list[Any]) -> tree.Member:
        of, names = children
        return tree.Member(_span(meta), of, _parts(names))

    def field(self, meta: Meta, children: list[Token]) -> tree.Field:
        return tree.Field(_span(meta), _parts(children[0]))

    def call(self, meta: Meta, children: list[Any]) -> tree.Call:
        name, *arguments = children
        given = tuple(argument for argument in arguments if argument is not None)
        return tree.Call(_span(meta), str(name), given)

    def call_of_star(self, meta: Meta, children: list[Any]) -> tree.Call:
        return tree.Call(_span(meta), str(children[0]), (), star=True)

    def number(self, _: Meta, children: list[Token]) -> tree.Number:
        return _number(children[0])

    def string(self, _: Meta, children: list[Token]) -> tree.Text:
        return _text(children[0])

    def regex(self, _: Meta, children: list[Token]) -> tree.Regex:
        return _regex(children[0])

    def period(self, meta: Meta, children: list[Token]) -> tree.Period:
        match = re.fullmatch(r"([0-9]+)\s*([a-z]+)", children[0].lower())
        if match is None or len(match[1]) > _LONGEST_NUMBER or int(match[1]) == 0:
            raise MalformedQuery("a period is at least 1 and of few digits", *_span(meta))
        name = match[2] if match[2] in _SHORT else match[2].removesuffix("s")
        return tree.Period(_span(meta), int(match[1]), _SHORT[name])

    def _said(self, meta: Meta) -> str:
        return self._text[meta.start_pos : meta.end_pos]


def _negated(condition: Expression, word: Token | None) -> Expression:
    return condition if word is None else tree.Not(condition.span, condition)


def _message(meta: Meta) -> tree.Field:
    """What `parse` reads when it does not say."""
    return tree.Field(_span(meta), ("@message",))


def _number(token: Token) -> tree.Number:
    if len(token) > _LONGEST_NUMBER:
        raise MalformedQuery(f"a number has at most {_LONGEST_NUMBER} digits", *_span_of(token))
    return tree.Number(_span_of(token), float(token))


def _text(token: Token) -> tree.Text:
    return tree.Text(_span_of(token), _string(token))


def _regex(token: Token) -> tree.Regex:
    return tree.Regex(_span_of(token), token[1:-1].replace(r"\/", "/"))


def _string(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:-1], flags=re.DOTALL)


def _name(text: str) -> str:
    return ".".join(_parts(text))


def _parts(text: str) -> tuple[str, ...]:
    """The parts of a name; what is in backticks is one, and an `@` before them belongs to it."""
    return tuple(part.replace("`", "") for part in re.findall(r"@?`[^`]+`|[^.`]+", text))


def _span(meta: Meta) -> Span:
    return Span(meta.start_pos, meta.end_pos)


def _span_of(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
