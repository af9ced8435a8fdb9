"""Comparisons of a value with a text, a number or a regular expression.

Open in the documentation, and chosen here: a number is compared with a text that reads as a number as if it were one,
because a word of a line is always a text; any other text is not equal to a number, and neither above nor below it.
"""

import operator
import re
from collections.abc import Callable
from typing import Any, Final

import re2
from lark import Token

from refapp.backends.cloudwatch.logs.patterns.grammar import unquote
from refapp.backends.cloudwatch.logs.patterns.pattern import PatternError, Scalar

Test = Callable[[Scalar], bool]

_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 40  # characters of a text that may read as a number
_WHOLE = 1e15  # below it a double tells whole numbers apart

# Source: "Supported regular expressions (regex) syntax" of the User Guide. A space is in one of its examples.
_SYMBOLS = ":_#=@/;,- "
_OPERATORS_OF_REGEX = "^$?[]{}|*+."
_ESCAPED = re.compile(r"\\(?:x[0-9a-fA-F]{2}|[dDsSwW]|[" + re.escape(_SYMBOLS + _OPERATORS_OF_REGEX) + r"\\])")
_UPPER_BOUND = re.compile(r"\\.|\[[^\]]*\]|\{,([0-9]+)\}")  # what is escaped or in a class is none


def number(text: str) -> int | float | None:
    """The number that a text reads as, in digits or scientific notation; None when it is none."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)


def text_of(value: Scalar) -> str:
    """The text of a value; whole numbers have no decimal point."""
    if isinstance(value, str):
        return value
    return str(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE else value)


def comparison(sign: str, value: Token) -> Test:
    """The test that a comparison is.

    Args:
        sign: one of `= != < > <= >=`.
        value: a LITERAL, STRING or REGEX of the grammar.

    Raises:
        PatternError: the two do not go together, or the regular expression is not allowed.
    """
    if value.type == "REGEX":
        return _equality(sign, value, regex(value[1:-1]))
    if value.type == "LITERAL" and (limit := number(value)) is not None:
        return _numeric(sign, limit)
    return _equality(sign, value, _wildcard(unquote(value) if value.type == "STRING" else value))


def regex(text: str) -> Callable[[str], bool]:
    """The search for a regular expression, which never takes longer than the text is long.

    Raises:
        PatternError: it has what filter patterns do not allow, or is broken.
    """
    _check(text)
    # RE2 knows no {,n}; and it searches bytes more quickly than text.
    bounded = _UPPER_BOUND.sub(lambda match: f"{{0,{match[1]}}}" if match[1] else match[0], text)
    try:
        search = re2.compile(bounded.encode(), _quiet()).search
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise PatternError(f"%{text}% is no regular expression: {reason}") from None
    return lambda value: search(value.encode(errors="replace")) is not None


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def _check(text: str) -> None:
    if not text:
        raise PatternError("%% is no regular expression: nothing stands between the percent signs")
    rest = _ESCAPED.sub("", text)
    for character in rest:
        if not (character.isascii() and character.isalnum()) and character not in _SYMBOLS + _OPERATORS_OF_REGEX:
            raise PatternError(
                f"{character!r} is not allowed in the regular expression %{text}%;"
                rf" \xhh stands for the character of that code"
            )


def _equality(sign: str, value: str, equal: Callable[[str], bool]) -> Test:
    if sign not in ("=", "!="):
        raise PatternError(f"{sign} compares numbers, and {value} is none")
    wanted = sign == "="
    return lambda found: equal(found if isinstance(found, str) else text_of(found)) is wanted


def _numeric(sign: str, limit: float) -> Test:
    compare, different = _OPERATORS[sign], sign == "!="

    def test(found: Scalar) -> bool:
        amount = number(found) if isinstance(found, str) else found
        return different if amount is None else compare(amount, limit)

    return test


def _wildcard(text: str) -> Callable[[str], bool]:
    """Equality with a text in which an asterisk at the beginning or the end stands for anything."""
    middle = text.strip("*")
    if not middle and text:
        return lambda _: True
    before, after = text.startswith("*"), text.endswith("*")
    if before and after:
        return lambda found: middle in found
    if before:
        return lambda found: found.endswith(middle)
    if after:
        return lambda found: found.startswith(middle)
    return lambda found: found == middle
