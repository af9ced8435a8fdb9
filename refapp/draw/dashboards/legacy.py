"""Panels as they were written before Grafana 7, in the form that they have now.

The older panels are `graph`, `singlestat`, the first `table`, the first `heatmap` and the pie chart that was a plugin;
Grafana itself turns them into newer ones when it opens a dashboard.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from refapp.draw.dashboards.legacytable import table
from refapp.draw.dashboards.values import items, mapping, mappings, number, string, strings

_NULLS = MappingProxyType({"connected": True, "null": False, "null as zero": "zero"})
_CALCULATIONS = MappingProxyType(
    {"current": "lastNotNull", "avg": "mean", "total": "sum", "min": "min", "max": "max", "first": "firstNotNull"}
)
_FULL = 10  # the greatest `fill` of a graph


def modern(panel: Mapping[str, Any]) -> dict[str, Any]:
    """The panel in its present form; one that has it already is returned as it is."""
    kind = string(panel.get("type"))
    convert = _CONVERSIONS.get(kind)
    return convert(dict(panel)) if convert else dict(panel)


def _graph(panel: dict[str, Any]) -> dict[str, Any]:
    mode = string(mapping(panel.get("xaxis")).get("mode"), "time")
    if mode != "time":
        return {**panel, "type": f"graph over {mode}"}
    axes = [*mappings(panel.get("yaxes")), {}, {}]
    defaults = {**_axis(axes[0]), "decimals": panel.get("decimals"), "custom": {**_strokes(panel), **_label(axes[0])}}
    lines = mappings(panel.get("thresholds"))
    if lines:
        defaults["thresholds"] = {"steps": [{"value": one.get("value"), "color": _line(one)} for one in lines]}
        defaults["custom"]["thresholdsStyle"] = {"mode": "line"}
    overrides = [*_alias_colours(panel), *_series_overrides(panel, axes[1])]
    options = {**mapping(panel.get("options")), "legend": _legend(mapping(panel.get("legend")))}
    return {
        **panel,
        "type": "timeseries",
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": options,
    }


def _axis(axis: Mapping[str, Any]) -> dict[str, Any]:
    return {"unit": axis.get("format"), "min": axis.get("min"), "max": axis.get("max")}


def _label(axis: Mapping[str, Any]) -> dict[str, Any]:
    base = number(axis.get("logBase")) or 1
    scale = {"type": "log", "log": base} if base > 1 else {"type": "linear"}
    placement = "auto" if axis.get("show", True) else "hidden"
    return {"axisLabel": string(axis.get("label")), "scaleDistribution": scale, "axisPlacement": placement}


def _strokes(panel: Mapping[str, Any]) -> dict[str, Any]:
    """How the series of a graph are drawn."""
    style = "bars" if panel.get("bars") else "line" if panel.get("lines", True) else "points"
    fill = 100 if style == "bars" else 100 * (number(panel.get("fill", 1)) or 0) / _FULL
    stacking = ("percent" if panel.get("percentage") else "normal") if panel.get("stack") else "none"
    return {
        "drawStyle": style,
        "fillOpacity": fill,
        "lineInterpolation": "stepAfter" if panel.get("steppedLine") else "linear",
        "lineWidth": panel.get("linewidth", 1),
        "showPoints": "always" if panel.get("points") else "never",
        "spanNulls": _NULLS.get(string(panel.get("nullPointMode")), False),
        "stacking": {"mode": stacking},
    }


def _line(threshold: Mapping[str, Any]) -> str:
    mode = string(threshold.get("colorMode"))
    named = {"critical": "red", "warning": "orange", "ok": "green"}
    return named.get(mode) or string(threshold.get("lineColor"), "red")


def _alias_colours(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    colours = mapping(panel.get("aliasColors"))
    return [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
        }
        for name, colour in colours.items()
    ]


def _series_overrides(panel: Mapping[str, Any], right: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for one in mappings(panel.get("seriesOverrides")):
        alias = string(one.get("alias"))
        pattern = len(alias) > 1 and alias.startswith("/")
        properties = [{"id": name, "value": value} for name, value in _override(one, right)]
        matcher = {"id": "byRegexp" if pattern else "byName", "options": alias}
        found.append({"matcher": matcher, "properties": properties})
    return found


def _override(one: Mapping[str, Any], right: Mapping[str, Any]) -> list[tuple[str, object]]:
    """The properties that a series override of a graph stands for."""
    found: list[tuple[str, object]] = []
    if number(one.get("yaxis")) == 2:  # noqa: PLR2004 (the right one)
        found = [("custom.axisPlacement", "right"), *((name, value) for name, value in _axis(right).items() if value)]
    if string(one.get("transform")) == "negative-Y":
        found.append(("custom.transform", "negative-Y"))
    if colour := string(one.get("color")):
        found.append(("color", {"mode": "fixed", "fixedColor": colour}))
    if (fill := number(one.get("fill"))) is not None:
        found.append(("custom.fillOpacity", 100 * fill / _FULL))
    if one.get("bars"):
        found.append(("custom.drawStyle", "bars"))
    if one.get("stack") is False:
        found.append(("custom.stacking", {"mode": "none"}))
    if one.get("dashes"):
        found.append(("custom.lineStyle", {"fill": "dash"}))
    if one.get("legend") is False:
        found.append(("custom.hideFrom", {"legend": True}))
    return found


def _legend(legend: Mapping[str, Any]) -> dict[str, Any]:
    """Which columns the legend of a graph has: `avg`, `current` and so on are true or false."""
    wanted = [now for old, now in _CALCULATIONS.items() if legend.get(old)] if legend.get("values") else []
    mode = "table" if legend.get("alignAsTable") else "list"
    return {"showLegend": bool(legend.get("show", True)), "displayMode": mode, "calcs": wanted}


def _singlestat(panel: dict[str, Any]) -> dict[str, Any]:
    gauge = mapping(panel.get("gauge"))
    is_gauge = bool(gauge.get("show"))
    defaults = {
        "unit": panel.get("format"),
        "decimals": panel.get("decimals"),
        "mappings": [*_value_maps(panel), *_range_maps(panel)],
        "thresholds": {"steps": _steps(panel)},
        "noValue": panel.get("nullText"),
        "min": gauge.get("minValue", 0) if is_gauge else None,
        "max": gauge.get("maxValue", 100) if is_gauge else None,
        "custom": {"prefix": panel.get("prefix"), "postfix": panel.get("postfix")},
    }
    by = string(panel.get("valueName"), "avg")
    colouring = "background" if panel.get("colorBackground") else "value" if panel.get("colorValue") else "none"
    options = {
        "reduceOptions": {"calcs": [_CALCULATIONS.get(by, by)]},
        "graphMode": "area" if mapping(panel.get("sparkline")).get("show") else "none",
        "colorMode": colouring,
        "textMode": "name" if by == "name" else "value",
    }
    kind = "gauge" if is_gauge else "stat"
    return {**panel, "type": kind, "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options}


def _steps(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`thresholds` is `80,90` and `colors` are three; the first colour holds below the first threshold."""
    colours = strings(panel.get("colors")) or ["green", "orange", "red"]
    limits = [number(part) for part in re.split(r"[,;]", string(panel.get("thresholds"))) if part.strip()]
    starts = [None, *(limit for limit in limits if limit is not None)]
    return [{"value": start, "color": colour} for start, colour in zip(starts, colours, strict=False)]


def _value_maps(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    maps = mappings(panel.get("valueMaps"))
    return [{"type": 1, "value": one.get("value"), "text": one.get("text")} for one in maps]


def _range_maps(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    maps = mappings(panel.get("rangeMaps"))
    return [{"type": 2, "from": one.get("from"), "to": one.get("to"), "text": one.get("text")} for one in maps]


def _heatmap(panel: dict[str, Any]) -> dict[str, Any]:
    if "dataFormat" not in panel and "yAxis" not in panel:
        return panel
    axis = mapping(panel.get("yAxis"))
    options = {
        **mapping(panel.get("options")),
        "calculate": string(panel.get("dataFormat"), "timeseries") == "timeseries",
        "yAxis": {"unit": axis.get("format"), "decimals": axis.get("decimals")},
    }
    return {**panel, "options": options}


def _pie(panel: dict[str, Any]) -> dict[str, Any]:
    by = string(panel.get("valueName"), "current")
    legend = mapping(panel.get("legend"))
    shown = [name for name, key in (("value", "values"), ("percent", "percentage")) if legend.get(key)]
    options = {
        "pieType": string(panel.get("pieType"), "pie"),
        "reduceOptions": {"calcs": [_CALCULATIONS.get(by, by)]},
        "legend": {"showLegend": legend.get("show", True), "values": shown},
    }
    defaults = {"unit": panel.get("format"), "decimals": panel.get("decimals")}
    overrides = _alias_colours(panel)
    field = {"defaults": defaults, "overrides": overrides}
    return {**panel, "type": "piechart", "fieldConfig": field, "options": options}


def _text(panel: dict[str, Any]) -> dict[str, Any]:
    """Its content was a property of the panel, and is an option now."""
    own = {name: panel[name] for name in ("mode", "content") if name in panel}
    return {**panel, "options": {**own, **mapping(panel.get("options"))}}


def _fields(panel: dict[str, Any]) -> dict[str, Any]:
    """Grafana 6 kept the field configuration of gauges and stats in their options."""
    options = mapping(panel.get("options"))
    old = mapping(options.get("fieldOptions"))
    if not old:
        return panel
    defaults = {name: old[name] for name in ("mappings", "thresholds") if name in old} | mapping(old.get("defaults"))
    if items(defaults.get("thresholds")):
        defaults["thresholds"] = {"steps": defaults["thresholds"]}
    reducing = {"calcs": strings(old.get("calcs")), "values": bool(old.get("values"))}
    field = {"defaults": defaults, "overrides": items(old.get("overrides"))}
    return {**panel, "fieldConfig": field, "options": {"reduceOptions": reducing, **options}}


_CONVERSIONS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType(
    {
        "bargauge": _fields,
        "gauge": _fields,
        "grafana-piechart-panel": _pie,
        "graph": _graph,
        "heatmap": _heatmap,
        "singlestat": _singlestat,
        "stat": _fields,
        "table": table,
        "table-old": table,
        "text": _text,
    }
)
