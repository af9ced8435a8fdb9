"""What is chosen for each variable of a dashboard: by the caller, by the document, or by what Prometheus has.

https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/add-template-variables/
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from refapp.draw.dashboards.documents import DashboardError
from refapp.draw.dashboards.interpolation import Chosen, interpolate, names, plain, promql
from refapp.draw.dashboards.intervals import duration, seconds
from refapp.draw.dashboards.options import Option, options, sort
from refapp.draw.dashboards.values import mapping, mappings, number, string, strings

EVERYTHING = "$__all"
"""What Grafana writes where all values of a variable are chosen."""

Wanted: TypeAlias = Mapping[str, str | Sequence[str]]
Lookup: TypeAlias = Callable[[str], list[str]]
"""Answers the query of a variable; raises whatever the source of metrics raises."""

_ALL = ("All", "all", EVERYTHING)
_AUTO = "$__auto"
_UNDRAWN = ("adhoc", "groupby", "snapshot")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is chosen by name, and what was wrong."""

    chosen: Mapping[str, Chosen]
    notes: tuple[str, ...] = ()
    hidden: frozenset[str] = field(default_factory=frozenset)

    def shown(self) -> list[tuple[str, str]]:
        """Name and text of each variable that a dashboard shows above its panels."""
        return [(name, one.text) for name, one in self.chosen.items() if name not in self.hidden]


def choose(
    definitions: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    wanted: Wanted | None = None,
    globals_: Mapping[str, str] | None = None,
) -> Choices:
    """What is chosen for each variable, each after those that its query refers to.

    Where nothing is wanted, it is what the document has chosen, as long as there is such a value; else all, where
    that can be chosen, or the first value. Variables of type adhoc are left out, and a note says so.

    Args:
        definitions: of the variables, as the dashboard has them.
        lookup: asks the query of a variable.
        wanted: values by name; `All` stands for all.
        globals_: such as `__range`, for the queries.

    Raises:
        DashboardError: a variable is wanted that the dashboard does not have.
    """
    wanted = wanted or {}
    by_name = {string(one.get("name")): one for one in definitions if one.get("name")}
    if unknown := [name for name in wanted if name not in by_name]:
        there = ", ".join(by_name) or "none"
        raise DashboardError(f"the dashboard has no variable {unknown[0]!r}; there are: {there}")
    chosen: dict[str, Chosen] = {}
    fixed = plain(globals_ or {})
    notes: list[str] = []
    for name in _ordered(by_name):
        definition = by_name[name]
        if string(definition.get("type")) in _UNDRAWN:
            notes.append(f"variable {name}: {definition['type']} filters are not applied here")
            continue
        found, note = _options(definition, lookup, {**fixed, **chosen})
        notes.extend([f"variable {name}: {note}"] if note else [])
        chosen[name] = _choice(definition, found, wanted.get(name), fixed)
    kept = {name: chosen[name] for name in by_name if name in chosen}
    return Choices(chosen=kept, notes=tuple(notes), hidden=frozenset(name for name in kept if _hidden(by_name[name])))


def _hidden(definition: Mapping[str, Any]) -> bool:
    concealed = definition.get("hide") in (2, "hideVariable", True)
    return concealed or string(definition.get("type")) in ("datasource", "constant")


def _ordered(by_name: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The variables so that each comes after those it refers to; a circle is cut where it begins."""
    left = dict(by_name)
    found: list[str] = []
    while left:
        free = (name for name, one in left.items() if not (_references(one) & left.keys()) - {name})
        name = next(free, next(iter(left)))
        found.append(name)
        del left[name]
    return found


def _references(definition: Mapping[str, Any]) -> set[str]:
    return names(f"{_query(definition)} {string(definition.get('regex'))}")


def _query(definition: Mapping[str, Any]) -> str:
    query = definition.get("query")
    if isinstance(query, dict):
        return string(query.get("query")) or string(query.get("expr"))
    return string(query) or string(definition.get("definition"))


def _options(definition: Mapping[str, Any], lookup: Lookup, known: Mapping[str, Chosen]) -> tuple[list[Option], str]:
    """What can be chosen, and what was wrong with asking for it."""
    kind = string(definition.get("type"), "query")
    if kind != "query":
        return _fixed_options(kind, definition), ""
    query = interpolate(_query(definition), known, promql)
    try:
        answers = lookup(query)
    except Exception as error:  # noqa: BLE001 (whatever the source of metrics raises is shown)
        return [], str(error)
    found = options(answers, interpolate(string(definition.get("regex")), known, promql))
    return sort(found, int(number(definition.get("sort")) or 0)), ""


def _fixed_options(kind: str, definition: Mapping[str, Any]) -> list[Option]:
    """Those of a variable that asks nobody."""
    query = _query(definition)
    if kind == "custom":
        return [_pair(part) for part in re.split(r"(?<!\\),", query) if part.strip()]
    if kind == "interval":
        listed = [Option(part.strip()) for part in query.split(",") if part.strip()]
        return [Option(_AUTO, "auto"), *listed] if definition.get("auto") else listed
    if kind == "datasource":
        return [Option("prometheus", "Prometheus")]
    own = [Option(string(one.get("value")), string(one.get("text"))) for one in mappings(definition.get("options"))]
    return [Option(query)] if query or not own else own


def _pair(part: str) -> Option:
    """`text : value`, or a value alone."""
    text, colon, value = part.strip().replace("\\,", ",").partition(" : ")
    return Option(value.strip(), text.strip()) if colon else Option(text)


def _choice(
    definition: Mapping[str, Any],
    there: Sequence[Option],
    wanted: str | Sequence[str] | None,
    fixed: Mapping[str, Chosen],
) -> Chosen:
    name = string(definition.get("name"))
    values = _wanted(wanted) if wanted is not None else _current(definition, there)
    many = bool(definition.get("multi") or definition.get("includeAll"))
    if definition.get("includeAll") and any(value in _ALL for value in values) and not _named(there, values):
        return _all(definition, there)
    if string(definition.get("type")) == "interval":
        values = [_interval(definition, value, fixed) for value in values]
    texts = [next((one.text for one in there if one.value == value), value) for value in values]
    return Chosen(name=name, values=tuple(values), texts=tuple(texts), many=many)


def _named(there: Iterable[Option], values: Sequence[str]) -> bool:
    """Whether there is a value that is really called `all`."""
    return any(one.value == value for one in there for value in values)


def _wanted(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else [str(value) for value in given]


def _current(definition: Mapping[str, Any], there: Sequence[Option]) -> list[str]:
    """What the document has chosen, if there is such a value; else the first, which is All where there is an All."""
    current = mapping(definition.get("current"))
    values = strings(current.get("value")) or strings(current.get("text"))
    known = {one.value for one in there}
    if definition.get("includeAll") and any(value in _ALL for value in values):
        return [EVERYTHING]
    if kept := [value for value in values if value in known]:
        return kept
    if string(definition.get("type")) in ("textbox", "constant") and values:
        return values
    if definition.get("includeAll"):
        return [EVERYTHING]
    return [there[0].value] if there else [""]


def _all(definition: Mapping[str, Any], there: Sequence[Option]) -> Chosen:
    name, instead = string(definition.get("name")), string(definition.get("allValue"))
    values = tuple(one.value for one in there)
    if not values and not instead:
        instead = ".*"
    return Chosen(name=name, values=values, many=True, everything=True, verbatim=instead or None)


def _interval(definition: Mapping[str, Any], value: str, fixed: Mapping[str, Chosen]) -> str:
    """`auto` is the whole range divided into so many steps, but no less than the smallest that is allowed."""
    if value not in (_AUTO, "auto") and not value.startswith("$__auto_interval"):
        return value
    whole = seconds(fixed["__range"].values[0]) if "__range" in fixed else None
    step = (whole or 3600) / (number(definition.get("auto_count")) or 30)
    return duration(max(round(step), round(seconds(string(definition.get("auto_min"), "10s")) or 1), 1))


def without_source(definitions: Sequence[Mapping[str, Any]], wanted: Wanted | None = None) -> Choices:
    """What would be chosen if nothing could be asked: anything, for variables that ask Prometheus."""
    found = choose(definitions, lambda _: [], wanted)
    asked = {string(one.get("name")) for one in definitions if string(one.get("type"), "query") == "query"}
    anything = {
        name: replace(one, values=(".*",), texts=(), verbatim=".*")
        for name, one in found.chosen.items()
        if name in asked and name not in (wanted or {})
    }
    return replace(found, chosen={**found.chosen, **anything})
