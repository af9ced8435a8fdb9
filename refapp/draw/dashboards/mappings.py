"""Texts that stand for values.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-value-mappings/
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from refapp.draw.dashboards import values
from refapp.draw.dashboards.colours import colour

Value = float | str | None


@dataclass(frozen=True)
class Mapped:
    """What is shown for a value: a text, a colour, or both; None where it is as it would be."""

    text: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Rule:
    """Which values are mapped to what."""

    takes: Callable[[Value], bool]
    result: Mapped


def mapped(value: Value, rules: Sequence[Rule]) -> Mapped | None:
    """What the first rule that takes the value makes of it."""
    return next((rule.result for rule in rules if rule.takes(value)), None)


def rules(given: object) -> tuple[Rule, ...]:
    """The `mappings` of a field's configuration, also as they were written in Grafana 7."""
    found: list[Rule] = []
    for one in values.mappings(given):
        options = values.mapping(one.get("options"))
        reader = _READERS.get(values.string(one.get("type")))
        if reader is not None:
            found.extend(reader(options or one))
    return tuple(found)


def _values(options: dict[str, object]) -> list[Rule]:
    return [Rule(_equal(key), _result(result)) for key, result in options.items() if isinstance(result, dict)]


def _range(options: dict[str, object]) -> list[Rule]:
    low, high = (values.number(options.get(name)) for name in ("from", "to"))
    least, most = (-math.inf if low is None else low), (math.inf if high is None else high)
    takes: Callable[[Value], bool] = lambda value: isinstance(value, float) and least <= value <= most  # noqa: E731
    return [Rule(takes, _result(options.get("result")))]


def _regex(options: dict[str, object]) -> list[Rule]:
    pattern = values.string(options.get("pattern")).strip("/")
    try:
        matches = re.compile(pattern).search
    except re.error:
        return []
    return [Rule(lambda value: isinstance(value, str) and bool(matches(value)), _result(options.get("result")))]


def _special(options: dict[str, object]) -> list[Rule]:
    takes = _SPECIAL.get(values.string(options.get("match")))
    return [] if takes is None else [Rule(takes, _result(options.get("result")))]


def _old_value(one: dict[str, object]) -> list[Rule]:
    """Grafana 7: a value and its text."""
    wanted = values.string(one.get("value"))
    takes = _null if wanted == "null" else _equal(wanted)
    return [Rule(takes, Mapped(values.string(one.get("text"))))]


def _old_range(one: dict[str, object]) -> list[Rule]:
    if values.string(one.get("from")) == "null":
        return [Rule(_null, Mapped(values.string(one.get("text"))))]
    return _range({**one, "result": {"text": one.get("text")}})


def _result(given: object) -> Mapped:
    result = values.mapping(given)
    text = values.string(result.get("text"))
    name = values.string(result.get("color"))
    return Mapped(text or None, colour(name) if name else None)


def _equal(wanted: str) -> Callable[[Value], bool]:
    as_number = values.number(wanted)
    return lambda value: value == wanted or (isinstance(value, float) and value == as_number)


def _null(value: Value) -> bool:
    return value is None


def _nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


_SPECIAL: dict[str, Callable[[Value], bool]] = {
    "null": _null,
    "nan": _nan,
    "null+nan": lambda value: _null(value) or _nan(value),
    "true": lambda value: value in (1.0, "true"),
    "false": lambda value: value in (0.0, "false"),
    "empty": lambda value: value == "",
}
_READERS: dict[str, Callable[[dict[str, object]], list[Rule]]] = {
    "value": _values,
    "range": _range,
    "regex": _regex,
    "special": _special,
    "1": _old_value,
    "2": _old_range,
}
