"""The table of Grafana before version 7, in the form that tables have now."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from refapp.draw.dashboards.values import mapping, mappings, number, string, strings

_CALCULATIONS = MappingProxyType({"current": "lastNotNull", "avg": "mean", "total": "sum"})
_TRANSFORMS = MappingProxyType({"timeseries_to_columns": "seriesToColumns", "timeseries_to_rows": "seriesToRows"})
_COLOURED = MappingProxyType({"cell": "color-background", "row": "color-background", "value": "color-text"})


def table(panel: dict[str, Any]) -> dict[str, Any]:
    """An old table has `styles` for its columns, and one `transform`; a table without them is returned as it is."""
    if not any(name in panel for name in ("styles", "transform", "columns")):
        return {**panel, "type": "table"}
    field = mapping(panel.get("fieldConfig"))
    overrides = [_override(style) for style in reversed(mappings(panel.get("styles")))]
    return {
        **panel,
        "type": "table",
        "fieldConfig": {**field, "overrides": [*overrides, *mappings(field.get("overrides"))]},
        "transformations": [*_transformation(panel), *mappings(panel.get("transformations")), *_sort(panel)],
    }


def _transformation(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    kind = string(panel.get("transform"), "table")
    if kind == "timeseries_aggregations":
        columns = [string(one.get("value")) for one in mappings(panel.get("columns"))] or ["avg"]
        return [{"id": "reduce", "options": {"reducers": [_CALCULATIONS.get(name, name) for name in columns]}}]
    if kind == "table":
        return [{"id": "merge", "options": {}}]
    return [{"id": _TRANSFORMS.get(kind, kind), "options": {}}]


def _sort(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`col` counts the columns that are shown; the last value is what nearly all of them sort by."""
    sort = mapping(panel.get("sort"))
    column = number(sort.get("col"))
    if column is None:
        return []
    return [{"id": "sortBy", "options": {"sort": [{"column": int(column), "desc": bool(sort.get("desc"))}]}}]


def _override(style: Mapping[str, Any]) -> dict[str, Any]:
    pattern = string(style.get("pattern"))
    regular = pattern.startswith("/") or re.search(r"[.*+^$\\]", pattern)
    matcher = {"id": "byRegexp" if regular else "byName", "options": pattern}
    return {"matcher": matcher, "properties": [{"id": name, "value": value} for name, value in _properties(style)]}


def _properties(style: Mapping[str, Any]) -> list[tuple[str, object]]:
    kind = string(style.get("type"))
    found: list[tuple[str, object]] = []
    if kind == "hidden":
        found.append(("custom.hidden", True))
    if alias := string(style.get("alias")):
        found.append(("displayName", alias))
    if kind == "number":
        found.append(("decimals", style.get("decimals")))
        found.append(("unit", style.get("unit")))
        found.extend(_colours(style))
    return found


def _colours(style: Mapping[str, Any]) -> list[tuple[str, object]]:
    coloured = _COLOURED.get(string(style.get("colorMode")))
    if coloured is None:
        return []
    limits = [number(one) for one in strings(style.get("thresholds"))]
    starts = [None, *(one for one in limits if one is not None)]
    names = strings(style.get("colors")) or ["red", "orange", "green"]
    steps = [{"value": start, "color": name} for start, name in zip(starts, names, strict=False)]
    return [("thresholds", {"mode": "absolute", "steps": steps}), ("custom.cellOptions", {"type": coloured})]
