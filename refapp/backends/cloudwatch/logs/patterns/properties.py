"""Filter patterns about JSON: `{ $.level = "error" && ($.latency > 500 || $.retries NOT EXISTS) }`.

Open in the documentation, and chosen here: an event without the property is not chosen by `!=` either, just as one
whose property is an array or an object; nor are null, true and false compared with anything: `IS` is there for them.
With a wildcard in a selector, one of the selected values suffices.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from lark import Token

from refapp.backends.cloudwatch.logs.patterns.comparisons import comparison
from refapp.backends.cloudwatch.logs.patterns.conditions import GRAMMAR, Condition, ConditionParts
from refapp.backends.cloudwatch.logs.patterns.grammar import Reader, inline
from refapp.backends.cloudwatch.logs.patterns.pattern import Pattern, PatternError, Reference, Scalar

_SELECTOR = r"\$(?:\.[A-Za-z0-9_-]+|\.\*|\.?\['[^']*'\]|\[[0-9]+\]|\[\*\])+"
_STEP = re.compile(
    r"\.(?P<name>[A-Za-z0-9_-]+)|\.?\['(?P<quoted>[^']*)'\]|\[(?P<index>[0-9]+)\]|(?P<wildcard>\.\*|\[\*\])"
)
_STATES = {"NULL": None, "TRUE": True, "FALSE": False}

Step = str | int | None
"""The name of a property, the index of an element, or any of them."""


@dataclass(frozen=True)
class Properties(Pattern):
    """What a JSON object has to be like."""

    holds: Callable[[Any], bool]
    regexes: int = 0

    def content(self, message: str) -> dict[str, Any] | None:
        """The JSON object that the message is."""
        if "{" not in message:
            return None
        try:
            value = orjson.loads(message)
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None

    def chosen(self, content: dict[str, Any]) -> bool:
        """Whether the object fulfils the condition."""
        return self.holds(content)

    def reference(self, text: str) -> Reference:
        """The value of the property that `$.name` selects."""
        if not re.fullmatch(_SELECTOR, text):
            raise PatternError(f"{text} is no property such as $.name")
        steps = _steps(text)
        if None in steps:
            raise PatternError(f"{text} may be more than one value")

        def read(content: dict[str, Any]) -> Scalar | None:
            return next((value for value in _selected(content, steps) if _is_scalar(value)), None)

        return read


class _Parts(ConditionParts):
    @inline
    def compare(self, selector: Token, sign: Token, value: Token) -> Condition:
        steps, test = _steps(selector), comparison(sign, value)
        return Condition(
            lambda content: any(test(found) for found in _selected(content, steps) if _is_scalar(found)),
            frozenset({selector}),
            regexes=value.type == "REGEX",
            wildcards=steps.count(None),
        )

    @inline
    def state(self, selector: Token, _: Token, state: Token) -> Condition:
        steps, wanted = _steps(selector), _STATES[state]
        return Condition(
            lambda content: any(found is wanted for found in _selected(content, steps)),
            frozenset({selector}),
            wildcards=steps.count(None),
        )

    @inline
    def absent(self, selector: Token, *_: Token) -> Condition:
        steps = _steps(selector)
        return Condition(
            lambda content: not _selected(content, steps), frozenset({selector}), wildcards=steps.count(None)
        )


@cache
def _reader() -> Reader:
    return Reader(
        rf"""
        start: "{{" any "}}"
        ?one: "(" any ")"
            | SELECTOR OPERATOR value -> compare
            | SELECTOR IS STATE -> state
            | SELECTOR NOT EXISTS -> absent
        SELECTOR: /{_SELECTOR}/
        IS: "IS"
        STATE: "NULL" | "TRUE" | "FALSE"
        NOT: "NOT"
        EXISTS: "EXISTS"
        {GRAMMAR}
        """,
        _Parts(),
        hint="a text of more than letters, digits, _ and . stands in quotation marks, a name in $.['name']",
    )


def read_properties(text: str) -> Pattern:
    """Read a pattern about JSON.

    Raises:
        PatternError: it is none, or has too many wildcards or regular expressions.
    """
    (condition,) = _reader().read(text).children
    condition.check()
    return Properties(condition.holds, condition.regexes)


def _steps(selector: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for match in _STEP.finditer(selector, 1):
        if match["index"]:
            steps.append(int(match["index"]))
        else:
            steps.append(None if match["wildcard"] else match["name"] or match["quoted"])
    if isinstance(steps[0], int):
        raise PatternError(f"{selector}: an element follows the name of its array")
    if steps.count(None) > 1:
        raise PatternError(f"{selector} has more than one wildcard")
    return tuple(steps)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _selected(value: Any, steps: Sequence[Step]) -> list[Any]:
    for place, step in enumerate(steps):
        if step is None:
            children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            return [found for child in children for found in _selected(child, steps[place + 1 :])]
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return []
        elif not isinstance(value, list) or step >= len(value):
            return []
        value = value[step]
    return [value]
