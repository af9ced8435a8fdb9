"""Metric math as text, and the tree of it.

Source of the syntax: "Metric math syntax and functions" in the CloudWatch user guide. It does not say how operators
bind: here as in other languages, a power first and from the right, then the sign, products, sums, comparisons, AND, OR.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.syntax import unreadable

DEEPEST: Final = 60
"""How deep an expression may be nested."""

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: comparison (_AND comparison)*
?comparison: additive (COMPARE additive)*
?additive: multiplicative (ADD multiplicative)*
?multiplicative: signed (MULTIPLY signed)*
?signed: MINUS* power
?power: atom ("^" exponent)*
?exponent: MINUS* atom
?atom: NUMBER -> number
     | NAME -> reference
     | STRING -> text
     | "(" either ")"
     | "[" either ("," either)* "]" -> array
     | WORD "(" [either ("," either)*] ")" -> call
     | WORD -> word

_OR.2: /OR\b/ | "||"
_AND.2: /AND\b/ | "&&"
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
ADD: "+" | "-"
MINUS: "-"
MULTIPLY: "*" | "/"
NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
NAME: /[a-z][A-Za-z0-9_]*/
WORD: /[A-Z][A-Z0-9_]*/
STRING: /'[^']*'/ | /"[^"]*"/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotation marks."""

    value: str
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word in capitals that is no function here, such as REPEAT or DESC."""

    value: str
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Reference:
    """The Id of a metric or of another expression."""

    id: str
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """Values between brackets."""

    items: tuple["Node", ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Negative:
    """The negative of a value."""

    operand: "Node"
    depth: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands with operators of one rank between them, to be applied from the left, powers from the right."""

    operands: tuple["Node", ...]
    operators: tuple[str, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of some arguments."""

    name: str
    arguments: tuple["Node", ...]
    depth: int


Node = Number | Text | Word | Reference | Listed | Negative | Chain | Call


@lru_cache(maxsize=1000)
def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ValidationError: it is none; the message says where.
    """
    if text.lstrip()[:7].upper().rstrip() == "SELECT":
        raise ValidationError("Metrics Insights queries (SELECT) are not supported here.")
    try:
        tree: Node = _PARSER.parse(text)  # type: ignore[assignment]  # what the transformer makes of it
    except UnexpectedInput as error:
        raise unreadable("expression", text, error) from None
    return tree


def references(node: Node) -> set[str]:
    """The Ids that an expression names."""
    if isinstance(node, Reference):
        return {node.id}
    return set().union(*map(references, _children(node)))


def calls(node: Node) -> set[str]:
    """The functions that an expression calls."""
    own = {node.name} if isinstance(node, Call) else set()
    return own.union(*map(calls, _children(node)))


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Listed):
        return node.items
    if isinstance(node, Negative):
        return (node.operand,)
    if isinstance(node, Chain):
        return node.operands
    return node.arguments if isinstance(node, Call) else ()


def _above(*nodes: Node) -> int:
    depth = 1 + max((node.depth for node in nodes), default=0)
    if depth > DEEPEST:
        raise ValidationError(f"The expression is nested deeper than {DEEPEST} levels.")
    return depth


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Makes the tree while it is parsed, so that a deep one needs no deep stack."""

    def number(self, token: Token) -> Node:
        return Number(float(token))

    def reference(self, token: Token) -> Node:
        return Reference(str(token))

    def text(self, token: Token) -> Node:
        return Text(token[1:-1])

    def word(self, token: Token) -> Node:
        return Word(str(token))

    def array(self, *items: Node) -> Node:
        return Listed(items, _above(*items))

    def call(self, name: Token, *arguments: Node) -> Node:
        return Call(str(name), arguments, _above(*arguments))

    def signed(self, *parts: Token | Node) -> Node:
        *signs, operand = parts
        assert not isinstance(operand, Token)  # noqa: S101 - the grammar says so
        return Negative(operand, _above(operand)) if len(signs) % 2 else operand

    exponent = signed

    def power(self, *operands: Node) -> Node:
        return Chain(operands, ("^",) * (len(operands) - 1), _above(*operands))

    def additive(self, *parts: Token | Node) -> Node:
        operands = tuple(part for part in parts if not isinstance(part, Token))
        return Chain(operands, tuple(str(part) for part in parts if isinstance(part, Token)), _above(*operands))

    multiplicative = comparison = additive

    def both(self, *operands: Node) -> Node:
        return Chain(operands, ("AND",) * (len(operands) - 1), _above(*operands))

    def either(self, *operands: Node) -> Node:
        return Chain(operands, ("OR",) * (len(operands) - 1), _above(*operands))


_PARSER = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
