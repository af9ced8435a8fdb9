"""Filter patterns about the words of a line: `[ip, user, ..., status = 4* && status != 404, bytes]`.

What stands in brackets or quotation marks is one word. Open in the documentation, and chosen here: the last of the
names takes what is left of the line, unless it has a condition (otherwise `[w1=ERROR, w2]` would not find its examples
`ERROR 09/25/2014 12:00:02 Failed to process request`); without an ellipsis, a line of fewer words is not chosen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from lark import Token

from refapp.backends.cloudwatch.logs.patterns.comparisons import comparison
from refapp.backends.cloudwatch.logs.patterns.conditions import GRAMMAR, Condition, ConditionParts
from refapp.backends.cloudwatch.logs.patterns.grammar import Reader, inline
from refapp.backends.cloudwatch.logs.patterns.pattern import Pattern, PatternError, Reference

_WORD = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')
_WORD_WITHOUT_BRACKETS = re.compile(r'"([^"]*)"|(\S+)')
_MOST_OPEN = 50  # brackets that are never closed: for each, the rest of the line is searched

Words = Sequence[str]


@dataclass(frozen=True)
class Column:
    """A word of a line: its name, empty if it has none, and what has to hold of it."""

    name: str = ""
    condition: Condition | None = None


@dataclass(frozen=True)
class Columns(Pattern):
    """What the words of a line have to be like: some at its beginning, and some at its end.

    `ellipsis` says that other words may be between the two.
    """

    head: tuple[Column, ...]
    tail: tuple[Column, ...]
    ellipsis: bool
    regexes: int = 0

    def content(self, message: str) -> Words | None:
        """The words of a line, as many as the pattern has columns, or more when it has an ellipsis."""
        columns = len(self.head) + len(self.tail)
        open_ones = message.count("[", message.rfind("]") + 1)
        words_of = _WORD if open_ones <= _MOST_OPEN else _WORD_WITHOUT_BRACKETS
        matches = list(islice(words_of.finditer(message), None if self.ellipsis else columns + 1))
        if len(matches) < columns:
            return None
        words = [match[match.lastindex or 0] for match in matches]
        if len(words) > columns and not self.ellipsis:
            if self.head[-1].condition:
                return None
            words[columns - 1 :] = [message[matches[columns - 1].start() :].rstrip()]
        return words

    def chosen(self, content: Words) -> bool:
        """Whether the words fulfil the conditions of their columns."""
        return all(column.condition.holds(word) for column, word in self._pairs(content) if column.condition)

    def extract(self, message: str) -> Mapping[str, str]:
        """The words by the names of their columns after a dollar sign, or by their numbers, of which the first is 1."""
        words = self.content(message) or ()
        start = len(words) - len(self.tail)
        names = [column.name for column in self.head] + [""] * (start - len(self.head))
        names += [column.name for column in self.tail]
        return {f"${name or number}": word for number, (name, word) in enumerate(zip(names, words, strict=False), 1)}

    def reference(self, text: str) -> Reference:
        """The word in the column whose name, or whose number if it has none, follows the dollar sign."""
        names = [column.name or str(number) for number, column in enumerate(self.head, 1)]
        names += [column.name for column in self.tail]
        name = text.removeprefix("$")
        if not name or name not in names or not text.startswith("$"):
            raise PatternError(f"{text} is none of the pattern's words: {', '.join(f'${n}' for n in names if n)}")
        place = names.index(name)
        if place >= len(self.head):
            place -= len(names)  # counted from the end
        return lambda words: words[place]

    def _pairs(self, words: Words) -> list[tuple[Column, str]]:
        start = len(words) - len(self.tail)
        return [*zip(self.head, words, strict=False), *zip(self.tail, words[start:], strict=True)]


class _Parts(ConditionParts):
    def start(self, columns: list[Column | None]) -> Columns:
        # None is an ellipsis.
        if columns.count(None) > 1:
            raise PatternError("it has more than one ellipsis")
        named = [column.name for column in columns if column and column.name]
        if twice := {name for name in named if named.count(name) > 1}:
            raise PatternError(f"{min(twice)} is the name of more than one word")
        place = columns.index(None) if None in columns else len(columns)
        conditions = [column.condition for column in columns if column and column.condition]
        return Columns(
            head=tuple(filter(None, columns[:place])),
            tail=tuple(filter(None, columns[place + 1 :])),
            ellipsis=None in columns,
            regexes=sum(condition.regexes for condition in conditions),
        )

    def ellipsis(self, _: list[Any]) -> None:
        return None

    @inline
    def column(self, content: Token | Condition | None = None) -> Column:
        if not isinstance(content, Condition):
            return Column(content or "")
        name, *others = sorted(content.subjects)
        if others:
            raise PatternError(f"a condition is about one word, not about {name} and {' and '.join(others)}")
        return Column(name, content)

    @inline
    def compare(self, name: Token, sign: Token, value: Token) -> Condition:
        return Condition(comparison(sign, value), frozenset({name}), regexes=value.type == "REGEX")


@cache
def _reader() -> Reader:
    return Reader(
        rf"""
        start: "[" column ("," column)* "]"
        ?column: "..." -> ellipsis | [NAME | any] -> column
        ?one: "(" any ")" | NAME OPERATOR value -> compare
        NAME: /[A-Za-z0-9_-]+/
        {GRAMMAR}
        """,
        _Parts(),
        hint="a text of more than letters, digits, _ and . stands in quotation marks",
    )


def read_columns(text: str) -> Pattern:
    """Read a pattern about the words of a line.

    Raises:
        PatternError: it is none, or has too many regular expressions.
    """
    pattern: Columns = _reader().read(text)
    Condition(pattern.chosen, frozenset(), pattern.regexes).check()
    return pattern
