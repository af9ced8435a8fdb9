"""How a column is shown: its unit, its decimals, its colours, and what else its panel configures for it.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from refapp.draw.dashboards import units
from refapp.draw.dashboards.colours import colour
from refapp.draw.dashboards.frames import Column, Frame, Kind
from refapp.draw.dashboards.mappings import Mapped, Rule, Value, mapped, rules
from refapp.draw.dashboards.reductions import reduce
from refapp.draw.dashboards.thresholds import Thresholds, thresholds
from refapp.draw.dashboards.values import mapping, mappings, number, string, strings

NOTHING = "-"
"""What is written where there is no number."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """The configuration of one column; `custom` is what only its kind of panel knows."""

    unit: str = ""
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    name: str = ""
    nothing: str = ""
    mode: str = ""
    fixed: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)
    rules: tuple[Rule, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)

    def text(self, value: Value) -> str:
        """The value as it is written: mapped, or a number with its unit."""
        found = self.mapped(value)
        if found and found.text is not None:
            return found.text
        if value is None or (isinstance(value, float) and math.isnan(value) and self.nothing):
            return self.nothing or NOTHING
        written = value if isinstance(value, str) else units.text(value, self.unit, self.decimals)
        return f"{string(self.custom.get('prefix'))}{written}{string(self.custom.get('postfix'))}"

    def mapped(self, value: Value) -> Mapped | None:
        """What the value mappings make of the value."""
        return mapped(value, self.rules)

    def colour(self, value: Value, bounds: tuple[float, float] = (0, 100)) -> str | None:
        """The colour of the value: of its mapping, the fixed one, or that of the threshold it has reached."""
        found = self.mapped(value)
        if found and found.colour:
            return found.colour
        if self.mode == "fixed" and self.fixed:
            return self.fixed
        if not isinstance(value, float) or math.isnan(value):
            return None
        return self.thresholds.colour(value, *self.bounds(bounds))

    def bounds(self, otherwise: tuple[float, float]) -> tuple[float, float]:
        """Minimum and maximum: its own, or those of the data."""
        low = otherwise[0] if self.low is None else self.low
        high = otherwise[1] if self.high is None else self.high
        return (low, high) if high > low else (low, low + max(1, abs(low) * 1e-6))

    def hidden(self, what: str = "viz") -> bool:
        """Whether the column is left out of the picture, or of its legend."""
        return bool(mapping(self.custom.get("hideFrom")).get(what)) or (
            what == "viz" and bool(self.custom.get("hidden"))
        )


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The configuration of a panel's columns: defaults, and overrides that hold for some of them."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[Mapping[str, Any]] = ()

    def of(self, column: Column, frame: Frame) -> Field:
        """The configuration of that column; a later override wins."""
        found = {**self.defaults, "custom": dict(mapping(self.defaults.get("custom")))}
        for override in self.overrides:
            if not _matches(mapping(override.get("matcher")), column, frame):
                continue
            for one in mappings(override.get("properties")):
                _set(found, string(one.get("id")), one.get("value"))
        return _field(found)

    def named(self, column: Column, frame: Frame) -> str:
        """What the column is called when its configuration has been seen: labels may stand in its name."""
        name = self.of(column, frame).name
        if not name:
            return column.called
        labels = column.labels
        name = re.sub(r"\$\{__field\.labels\.([^}]+)\}", lambda match: labels.get(match[1].strip('"'), ""), name)
        return re.sub(r"\$\{__(?:field|series)\.(?:name|displayName)\}|\$__(?:series|field)_name", column.called, name)


def _field(given: Mapping[str, Any]) -> Field:
    decimals = number(given.get("decimals"))
    shown = mapping(given.get("color"))
    fixed = string(shown.get("fixedColor"))
    return Field(
        unit=string(given.get("unit")),
        decimals=None if decimals is None else int(decimals),
        low=number(given.get("min")),
        high=number(given.get("max")),
        name=string(given.get("displayName")),
        nothing=string(given.get("noValue")),
        mode=string(shown.get("mode")),
        fixed=colour(fixed) if fixed else "",
        thresholds=thresholds(given.get("thresholds")),
        rules=rules(given.get("mappings")),
        custom=mapping(given.get("custom")),
    )


def _set(found: dict[str, Any], ident: str, value: object) -> None:
    """Set a property such as `unit` or `custom.lineWidth`."""
    if not ident:
        return
    into, _, name = ident.rpartition(".")
    if not into:
        found[name] = value
    elif into == "custom":
        found["custom"][name] = value
    elif into.startswith("custom."):
        part = into.removeprefix("custom.")
        found["custom"][part] = {**mapping(found["custom"].get(part)), name: value}
    else:
        found[into] = {**mapping(found.get(into)), name: value}


def _matches(matcher: Mapping[str, Any], column: Column, frame: Frame) -> bool:
    takes = _MATCHERS.get(string(matcher.get("id")))
    return takes is not None and takes(matcher.get("options"), column, frame)


def _by_name(wanted: object, column: Column, _: Frame) -> bool:
    return string(wanted) in (column.called, column.name)


def _by_names(wanted: object, column: Column, _: Frame) -> bool:
    options = mapping(wanted)
    listed = strings(options.get("names", wanted))
    found = column.called in listed or column.name in listed
    return not found if options.get("mode") == "exclude" else found


def _by_regex(wanted: object, column: Column, _: Frame) -> bool:
    pattern = string(wanted)
    if len(pattern) > 1 and pattern.startswith("/"):
        pattern = pattern[1:].rpartition("/")[0] if pattern.count("/") > 1 else pattern[1:]
    try:
        found = re.compile(pattern)
    except re.error:
        return False
    return bool(found.search(column.called)) or bool(found.fullmatch(column.name))


def _by_type(wanted: object, column: Column, _: Frame) -> bool:
    return string(wanted) == column.kind.value


def _by_query(wanted: object, _: Column, frame: Frame) -> bool:
    return string(wanted) == frame.ref


def _by_value(wanted: object, column: Column, _: Frame) -> bool:
    """Those one of whose calculations compares with a number, such as `max > 0`."""
    options = mapping(wanted)
    if column.kind is not Kind.NUMBER:
        return False
    try:
        reduced = reduce(column.values, string(options.get("reducer")))
    except ValueError:
        return False
    limit, compare = number(options.get("value")), _COMPARISONS.get(string(options.get("op")))
    return reduced is not None and limit is not None and compare is not None and compare(reduced, limit)


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "eq": lambda one, other: one == other,
        "neq": lambda one, other: one != other,
        "gt": lambda one, other: one > other,
        "gte": lambda one, other: one >= other,
        "lt": lambda one, other: one < other,
        "lte": lambda one, other: one <= other,
    }
)
_MATCHERS: Mapping[str, Callable[[object, Column, Frame], bool]] = MappingProxyType(
    {
        "byFrameRefID": _by_query,
        "byName": _by_name,
        "byNames": _by_names,
        "byRegexp": _by_regex,
        "byRegexpOrNames": lambda wanted, column, frame: (
            _by_regex(mapping(wanted).get("pattern"), column, frame) or _by_names(wanted, column, frame)
        ),
        "byType": _by_type,
        "byValue": _by_value,
    }
)


def bounds(columns: Sequence[Column]) -> tuple[float, float]:
    """The smallest and the largest number of the columns; 0 and 100 when there is none."""
    finite = [column.values[np.isfinite(column.values)] for column in columns if column.kind is Kind.NUMBER]
    there = [values for values in finite if len(values)]
    if not there:
        return 0, 100
    return float(min(values.min() for values in there)), float(max(values.max() for values in there))
