"""Comparisons joined by `&&` and `||`, for patterns about JSON and about words in a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lark import Token, Transformer

from refapp.backends.cloudwatch.logs.patterns.pattern import MOST_REGEXES, PatternError

MOST_WILDCARDS = 3
"""Wildcards in the selectors of one pattern; in one selector there may be one."""

GRAMMAR = r"""
    ?any: all ("||" all)*
    ?all: one ("&&" one)*
    value: LITERAL | STRING | REGEX
    OPERATOR: ">=" | "<=" | "!=" | "=" | ">" | "<"
    LITERAL: /[+-]?[0-9.]+[eE][+-]?[0-9]+(?![A-Za-z0-9_.*])|[+-]?[A-Za-z0-9_.*]+/
    STRING: /"(?:[^"\\]|\\.)*"/s
    REGEX: /%[^%]*%/
    %import common.WS
    %ignore WS
"""
"""Rules of conditions; a grammar that has them says what `one` is."""


@dataclass(frozen=True)
class Condition:
    """What has to hold of the content of a message; what it is about, and what of it the documentation limits."""

    holds: Callable[[Any], bool]
    subjects: frozenset[str]
    regexes: int = 0
    wildcards: int = 0

    def check(self) -> None:
        """Refuse a condition that has too much of what is limited.

        Raises:
            PatternError: it has.
        """
        if self.regexes > MOST_REGEXES:
            raise PatternError(f"it has {self.regexes} regular expressions; {MOST_REGEXES} are allowed")
        if self.wildcards > MOST_WILDCARDS:
            raise PatternError(f"it has {self.wildcards} wildcards in its selectors; {MOST_WILDCARDS} are allowed")


class ConditionParts(Transformer[Any, Any]):
    """Makes conditions of comparisons."""

    def any(self, conditions: list[Condition]) -> Condition:
        """One of them has to hold."""
        return _joined(conditions, lambda tests: lambda content: any(test(content) for test in tests))

    def all(self, conditions: list[Condition]) -> Condition:
        """All of them have to hold."""
        return _joined(conditions, lambda tests: lambda content: all(test(content) for test in tests))

    def value(self, tokens: list[Token]) -> Token:
        """What is compared with."""
        return tokens[0]


def _joined(
    conditions: Sequence[Condition], join: Callable[[Sequence[Callable[[Any], bool]]], Callable[[Any], bool]]
) -> Condition:
    return Condition(
        join([condition.holds for condition in conditions]),
        frozenset().union(*(condition.subjects for condition in conditions)),
        regexes=sum(condition.regexes for condition in conditions),
        wildcards=sum(condition.wildcards for condition in conditions),
    )
