"""From the text of a pattern to its parts, by lark; what is wrong with a text, in words."""

import re
from typing import Any, cast

from lark import Lark, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from refapp.backends.cloudwatch.logs.patterns.pattern import PatternError

_NAMES = {
    "OPERATOR": "an operator (= != < > <= >=)",
    "LITERAL": "a value",
    "STRING": '"text"',
    "REGEX": "%regex%",
    "SELECTOR": "a property such as $.name",
    "NAME": "a name",
    "SIGN": "- or ?",
    "WORD": "a term",
    "IS": "IS",
    "STATE": "NULL, TRUE or FALSE",
    "NOT": "NOT EXISTS",
    "EXISTS": "EXISTS",
    "VERTICALBAR": "||",
    "ELLIPSIS": "...",
    "__ANON_0": "||",
    "__ANON_1": "&&",
    "LBRACE": "{",
    "RBRACE": "}",
    "LSQB": "[",
    "RSQB": "]",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "$END": "the end",
}
_SHOWN = 20  # characters of what is not understood


class Reader:
    """Reads texts by a grammar; safe to be used by many threads."""

    def __init__(self, grammar: str, parts: Transformer[Any, Any], hint: str = "") -> None:
        # The parts are made while the text is read, so a deep nesting needs no deep stack.
        self._lark = Lark(grammar, parser="lalr", transformer=parts)
        self._hint = hint and f"; {hint}"

    def read(self, text: str) -> Any:
        """The parts of a text.

        Raises:
            PatternError: the text does not follow the grammar.
        """
        try:
            return self._lark.parse(text)
        except UnexpectedInput as error:
            raise PatternError(_reason(text, error) + self._hint) from None


inline = v_args(inline=True)


def unquote(text: str) -> str:
    r"""What stands between quotation marks, where `\"` and `\\` stand for the second character."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])


def _reason(text: str, error: UnexpectedInput) -> str:
    position = cast("int | None", error.pos_in_stream)
    if position is None or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        found, position = "end", len(text)
    else:
        found = repr(text[position : position + _SHOWN])
    terminals = error.allowed if isinstance(error, UnexpectedCharacters) else getattr(error, "accepts", None)
    expected = sorted({_NAMES.get(name, name) for name in terminals or ()})
    return f"unexpected {found} at character {position}" + (f"; expected {' or '.join(expected)}" if expected else "")
