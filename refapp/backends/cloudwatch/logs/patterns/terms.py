"""Filter patterns about terms: `ERROR -"not found"`, `?ERROR ?WARN`, `%[Ee]rror%`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Token, Transformer

from refapp.backends.cloudwatch.logs.patterns.comparisons import regex
from refapp.backends.cloudwatch.logs.patterns.grammar import Reader, inline, unquote
from refapp.backends.cloudwatch.logs.patterns.pattern import Pattern

# A term ends at a white space: foo-bar is no term foo without a term bar.
_GRAMMAR = r"""
    start: REGEX -> regex | term* -> terms
    term: [SIGN] (WORD | STRING)
    SIGN: /(?<!\S)[?-]/
    WORD: /\w+(?!\S)/
    STRING: /"(?:[^"\\]|\\.)*"(?!\S)/s
    REGEX: /%[^%]*%/
    %import common.WS
    %ignore WS
"""


@dataclass(frozen=True)
class Terms(Pattern):
    """All of the required terms, one of the optional ones if there are any, and none of the excluded ones."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def content(self, message: str) -> str:
        """The message itself."""
        return message

    def chosen(self, content: str) -> bool:
        """Whether the message has the terms."""
        return (
            all(term in content for term in self.required)
            and not any(term in content for term in self.excluded)
            and (not self.optional or any(term in content for term in self.optional))
        )

    @property
    def needles(self) -> tuple[str, ...]:
        """The required terms."""
        return self.required


@dataclass(frozen=True)
class Search(Pattern):
    """What a regular expression is found in."""

    found: Callable[[str], bool]
    regexes: int = 1

    def content(self, message: str) -> str:
        """The message itself."""
        return message

    def chosen(self, content: str) -> bool:
        """Whether the expression is found in the message."""
        return self.found(content)


@inline
class _Parts(Transformer[Any, Pattern]):
    def term(self, sign: Token | None, term: Token) -> tuple[str, str]:
        return sign or "", unquote(term) if term.type == "STRING" else str(term)

    def terms(self, *terms: tuple[str, str]) -> Terms:
        required, optional, excluded = (tuple(term for sign, term in terms if sign == kind) for kind in ("", "?", "-"))
        if required or excluded:
            optional = ()  # documented: beside other terms, those with a question mark have no effect
        # A phrase of spaces matches everything, which the documentation shows as " ".
        return Terms(tuple(filter(str.strip, required)), optional, excluded)

    def regex(self, expression: Token) -> Search:
        return Search(regex(expression[1:-1]))


@cache
def _reader() -> Reader:
    return Reader(_GRAMMAR, _Parts(), hint="a term of more than letters, digits and _ stands in quotation marks")


def read_terms(text: str) -> Pattern:
    """Read a pattern about terms, or a regular expression alone.

    Raises:
        PatternError: it is none.
    """
    pattern: Pattern = _reader().read(text)
    return pattern
