"""The kinds of panels that the dashboards are made of."""

from collections.abc import Mapping
from typing import Any

from refapp.monitoring.dashboards.model import Panel, Query, Thresholds

HEALTHY: Thresholds = ((None, "red"), (0.95, "orange"), (0.99, "green"))
"""For shares of calls that succeed."""

FEW: Thresholds = ((None, "green"), (0.001, "orange"), (1, "red"))
"""For what should not happen at all."""

SATURATION: Thresholds = ((None, "green"), (0.7, "orange"), (0.9, "red"))
"""For shares of a limit that are used."""

_MEASURED = ("mean", "max")


def lines(
    title: str,
    queries: Mapping[str, Query] | Query,
    *,
    unit: str,
    description: str,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    low: float | None = 0,
    high: float | None = None,
    limits: Thresholds = (),
    calculations: tuple[str, ...] = _MEASURED,
) -> Panel:
    """Series over time, with mean and maximum of each in the legend; `limits` are drawn as lines."""
    custom: dict[str, Any] = {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 60 if stacked else 5,
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if limits else "off"},
    }
    fields: dict[str, Any] = {"unit": unit, "custom": custom, "color": {"mode": "palette-classic"}}
    fields |= {name: value for name, value in (("min", low), ("max", high)) if value is not None}
    if limits:
        fields["thresholds"] = _steps(limits)
    legend = {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": list(calculations)}
    return Panel(
        title=title,
        kind="timeseries",
        queries=_named(queries),
        description=description,
        fields=fields,
        options={"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}},
        width=width,
        height=height,
    )


def number(
    title: str,
    expr: str,
    *,
    unit: str,
    description: str,
    limits: Thresholds = ((None, "blue"),),
    width: int = 6,
    height: int = 4,
    decimals: int | None = None,
    calculation: str = "lastNotNull",
) -> Panel:
    """One number with its history behind it."""
    fields: dict[str, Any] = {"unit": unit, "thresholds": _steps(limits), "color": {"mode": "thresholds"}}
    if decimals is not None:
        fields["decimals"] = decimals
    return Panel(
        title=title,
        kind="stat",
        queries={"A": Query(expr=expr)},
        description=description,
        fields=fields,
        options={
            "reduceOptions": {"calcs": [calculation], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "area",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "value",
        },
        width=width,
        height=height,
    )


def gauge(title: str, expr: str, *, description: str, width: int = 6, height: int = 4) -> Panel:
    """A share from nothing to all, on an arc."""
    fields = {"unit": "percentunit", "min": 0, "max": 1, "thresholds": _steps(SATURATION), "decimals": 0}
    return Panel(
        title=title,
        kind="gauge",
        queries={"A": Query(expr=expr)},
        description=description,
        fields=fields,
        options={
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "showThresholdLabels": False,
            "showThresholdMarkers": True,
        },
        width=width,
        height=height,
    )


def bars(
    title: str,
    query: Query,
    *,
    unit: str,
    description: str,
    limits: Thresholds = ((None, "blue"),),
    high: float | None = None,
    width: int = 12,
    height: int = 8,
) -> Panel:
    """The last value of each series as a bar."""
    fields: dict[str, Any] = {"unit": unit, "min": 0, "thresholds": _steps(limits), "color": {"mode": "thresholds"}}
    if high is not None:
        fields["max"] = high
    return Panel(
        title=title,
        kind="bargauge",
        queries={"A": query},
        description=description,
        fields=fields,
        options={
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "displayMode": "basic",
            "orientation": "horizontal",
            "showUnfilled": True,
        },
        width=width,
        height=height,
    )


def heat(title: str, expr: str, *, unit: str, description: str, width: int = 24, height: int = 8) -> Panel:
    """The buckets of a histogram over time."""
    return Panel(
        title=title,
        kind="heatmap",
        queries={"A": Query(expr=expr, legend="{{le}}")},
        description=description,
        fields={"unit": "reqps"},
        options={"calculate": False, "yAxis": {"unit": unit}, "color": {"mode": "scheme", "scheme": "Blues"}},
        width=width,
        height=height,
    )


def table(
    title: str,
    queries: Mapping[str, str],
    columns: Mapping[str, Mapping[str, Any]],
    *,
    description: str,
    hidden: tuple[str, ...] = (),
    sort: str = "",
    width: int = 24,
    height: int = 10,
) -> Panel:
    """The values of several expressions now, a row for each combination of their labels.

    Args:
        title: of the panel.
        queries: the expressions, by the name that each has in `Value #NAME`.
        columns: how a column is shown, by its name; in the order of the columns, with their `displayName`.
        description: of the panel.
        hidden: columns that are left out.
        sort: the displayed name of the column by which rows are sorted, the largest first.
        width: in units of the grid.
        height: in units of the grid.
    """
    left_out = dict.fromkeys(("Time", "__name__", *hidden), True)
    order = {name: place for place, name in enumerate(columns)}
    return Panel(
        title=title,
        kind="table",
        queries={name: Query(expr=expr, legend="", table=True) for name, expr in queries.items()},
        description=description,
        fields={"custom": {"align": "auto", "filterable": False}},
        columns=columns,
        options={
            "showHeader": True,
            "cellHeight": "sm",
            "sortBy": [{"displayName": sort, "desc": True}] if sort else [],
        },
        transformations=(
            {"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": left_out, "indexByName": order, "renameByName": {}}},
        ),
        width=width,
        height=height,
    )


def coloured(limits: Thresholds) -> dict[str, Any]:
    """What gives the cells of a column the colours of thresholds."""
    return {"thresholds": _steps(limits), "custom.cellOptions": {"type": "color-background", "mode": "basic"}}


def _steps(limits: Thresholds) -> dict[str, Any]:
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in limits]}


def _named(queries: Mapping[str, Query] | Query) -> Mapping[str, Query]:
    return {"A": queries} if isinstance(queries, Query) else queries
