"""Search expressions: which metrics SEARCH finds.

Source: "CloudWatch search expression syntax" in the CloudWatch user guide. A word matches a part of a name between two
changes of case, digits or other characters; words that are written together match parts that follow each other, in the
case they are written in. With dimensions in the schema, a metric has exactly these.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.syntax import unreadable

LONGEST: Final = 1024
"""How many characters a search expression may have."""

DEEPEST: Final = 30
"""How deep it may be nested."""

Test = Callable[[Metric], bool]
Match = Callable[[str], bool]

_GRAMMAR = r"""
?start: schema ","? either -> both
      | schema
      | either
schema: "{" name ("," name)* "}"
?either: both (_OR both)*
?both: negated (_AND? negated)*
?negated: _NOT negated -> excluded
        | "(" either ")"
        | term
        | PROPERTY term_text -> property_term
?name: QUOTED -> exact_name
     | PLAIN -> plain_name
term: term_text
?term_text: QUOTED -> exactly
          | PLAIN -> partly

_OR.3: /OR(?=[\s(]|$)/
_AND.3: /AND(?=[\s(]|$)/
_NOT.3: /NOT(?=[\s(]|$)/
PROPERTY.2: /[^\s(){},="]+=/ | /"(\\.|[^"\\])+"=/
QUOTED: /"(\\.|[^"\\])*"/
PLAIN: /[^\s(){},="]+/
%ignore /\s+/
"""
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1000)
def parse_search(text: str) -> Test:
    """Whether a metric is one that a search expression finds.

    Raises:
        ValidationError: it is none; the message says where.
    """
    if len(text) > LONGEST:
        raise ValidationError(f"A search expression has at most {LONGEST} characters.")
    if _depth(text) > DEEPEST:
        raise ValidationError(f"The search expression is nested deeper than {DEEPEST} levels.")
    try:
        test: Test = _PARSER.parse(text)  # type: ignore[assignment]  # what the transformer makes of it
    except UnexpectedInput as error:
        raise unreadable("search expression", text, error) from None
    return test


def matches_partly(term: str) -> Match:
    """Whether a name has what a term without quotation marks asks for."""
    whole = _whole(term)
    words = [_PIECE.findall(word) for word in _WORD.findall(term)]
    # A word of one part is searched in any case, one of several in its own.
    wanted = [(piece if len(word) > 1 else piece.lower(), len(word) > 1) for word in words for piece in word]

    def match(text: str) -> bool:
        if whole and whole == _whole(text):
            return True
        pieces = _PIECE.findall(text)
        return bool(wanted) and any(
            all(
                piece == (own if exact else own.lower())
                for (piece, exact), own in zip(wanted, pieces[place:], strict=False)
            )
            for place in range(len(pieces) - len(wanted) + 1)
        )

    return match


def _whole(text: str) -> str:
    return "".join(_WORD.findall(text)).lower()


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in re.findall(r'"(?:\\.|[^"\\])*"|[()]', text):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        deepest = max(deepest, depth)
    return deepest


def _names(metric: Metric) -> Iterable[str]:
    yield metric.namespace
    yield metric.name
    for pair in metric.dimensions:
        yield from pair


def _property(metric: Metric, name: str) -> str | None:
    if name == "MetricName":
        return metric.name
    if name == "Namespace":
        return metric.namespace
    return dict(metric.dimensions).get(name)


def _all(tests: tuple[Test, ...]) -> Test:
    return lambda metric: all(test(metric) for test in tests)


def _any(tests: tuple[Test, ...]) -> Test:
    return lambda metric: any(test(metric) for test in tests)


def _has_property(name: str, match: Match) -> Test:
    def test(metric: Metric) -> bool:
        value = _property(metric, name)
        return value is not None and match(value)

    return test


@v_args(inline=True)
class _Builder(Transformer[Token, Test]):
    """Makes the test while the expression is parsed."""

    def schema(self, namespace: str, *dimensions: str) -> Test:
        names = sorted(dimensions)
        return lambda metric: (
            metric.namespace == namespace and (not names or [name for name, _ in metric.dimensions] == names)
        )

    def both(self, *tests: Test) -> Test:
        return _all(tests)

    def either(self, *tests: Test) -> Test:
        return _any(tests)

    def excluded(self, test: Test) -> Test:
        return lambda metric: not test(metric)

    def term(self, match: Match) -> Test:
        return lambda metric: any(match(name) for name in _names(metric))

    def property_term(self, name: Token, match: Match) -> Test:
        plain = _unquoted(name[:-1])
        if plain.startswith(":aws."):
            raise ValidationError(f"The property {plain} is not supported here.")
        return _has_property(plain, match)

    def exactly(self, token: Token) -> Match:
        wanted = _unquoted(token)
        return lambda text: text == wanted

    def partly(self, token: Token) -> Match:
        return matches_partly(str(token))

    def exact_name(self, token: Token) -> str:
        return _unquoted(token)

    def plain_name(self, token: Token) -> str:
        return str(token)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else str(text)


_PARSER = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
