"""The rules of composite alarms.

Source: AlarmRule of PutCompositeAlarm in the CloudWatch API reference, and "Creating a composite alarm" in the user
guide.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from refapp.backends.cloudwatch.metrics.alarms.alarm import State, alarm_name
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.syntax import unreadable

MOST_ALARMS: Final = 100
"""How many alarms a rule may name."""

MOST_ELEMENTS: Final = 500
"""How many elements it may have: alarms, TRUE, FALSE, and pairs of parentheses."""

DEEPEST: Final = 100
"""How deep it may be nested."""

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: negated (_AND negated)*
?negated: _NOT negated -> opposite
        | "(" either ")" -> enclosed
        | STATE "(" NAME ")" -> in_state
        | TRUE -> true
        | FALSE -> false

_OR.2: /OR(?=[\s(])/
_AND.2: /AND(?=[\s(])/
_NOT.2: /NOT(?=[\s(])/
STATE.2: "ALARM" | "OK" | "INSUFFICIENT_DATA"
TRUE.2: /TRUE\b/i
FALSE.2: /FALSE\b/i
NAME: /"[^"]+"/ | /[^\s()"][^()"]*/
%ignore /\s+/
"""

States = Callable[[str], State]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: the names of the alarms it names, and whether it holds when these are in some states."""

    names: frozenset[str]
    holds: Callable[[States], bool]
    elements: int = 1
    depth: int = 1


@lru_cache(maxsize=1000)
def parse_rule(text: str) -> Rule:
    """The rule that a text is.

    Raises:
        ValidationError: it is none; the message says where.
    """
    if text != text.strip():
        raise ValidationError("AlarmRule must not contain leading or trailing whitespace or be null")
    if "AT_LEAST" in text:
        raise ValidationError("The function AT_LEAST of an AlarmRule is not supported here.")
    try:
        rule: Rule = _PARSER.parse(text)  # type: ignore[assignment]  # what the transformer makes of it
    except UnexpectedInput as error:
        raise unreadable("AlarmRule", text, error) from None
    if len(rule.names) > MOST_ALARMS:
        raise ValidationError(f"An AlarmRule names at most {MOST_ALARMS} alarms; this one has {len(rule.names)}.")
    if rule.elements > MOST_ELEMENTS:
        raise ValidationError(f"An AlarmRule has at most {MOST_ELEMENTS} elements; this one has {rule.elements}.")
    return rule


def _combined(rules: tuple[Rule, ...], holds: Callable[[States], bool]) -> Rule:
    depth = 1 + max(rule.depth for rule in rules)
    if depth > DEEPEST:
        raise ValidationError(f"An AlarmRule is nested at most {DEEPEST} levels deep.")
    names = frozenset[str]().union(*(rule.names for rule in rules))
    return Rule(names, holds, sum(rule.elements for rule in rules), depth)


@v_args(inline=True)
class _Builder(Transformer[Token, Rule]):
    """Makes the rule while it is parsed."""

    def either(self, *rules: Rule) -> Rule:
        return _combined(rules, lambda states: any(rule.holds(states) for rule in rules))

    def both(self, *rules: Rule) -> Rule:
        return _combined(rules, lambda states: all(rule.holds(states) for rule in rules))

    def opposite(self, rule: Rule) -> Rule:
        return _combined((rule,), lambda states: not rule.holds(states))

    def enclosed(self, rule: Rule) -> Rule:
        return replace(rule, elements=rule.elements + 1)

    def in_state(self, state: Token, token: Token) -> Rule:
        name = alarm_name(token.strip().strip('"'))
        return Rule(frozenset([name]), lambda states: states(name) == state)

    def true(self, _: Token) -> Rule:
        return Rule(frozenset(), lambda _: True)

    def false(self, _: Token) -> Rule:
        return Rule(frozenset(), lambda _: False)


_PARSER = Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
