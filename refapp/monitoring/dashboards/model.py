"""A dashboard as data, and the JSON that Grafana has for it.

The JSON is the classic model, with version 41 of its schema, which is that of Grafana 12; older ones read it too:
https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SCHEMA: Final = 41
COLUMNS: Final = 24
DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
"""The data source of every query: what is chosen for the variable `datasource`."""

_ALL = {"text": "All", "value": "$__all"}

# From which value on which colour holds; the first one begins at minus infinity, which is None.
Thresholds = tuple[tuple[float | None, str], ...]


@dataclass(frozen=True, kw_only=True)
class Query:
    """An expression in PromQL; `table` asks for its value now, as a table."""

    expr: str
    legend: str = "__auto"
    table: bool = False

    def json(self, ref: str) -> dict[str, Any]:
        """As Grafana has it, with its letter or name."""
        common = {"datasource": DATASOURCE, "editorMode": "code", "expr": self.expr, "refId": ref}
        if self.table:
            return {**common, "format": "table", "instant": True, "range": False, "legendFormat": self.legend}
        return {**common, "format": "time_series", "instant": False, "range": True, "legendFormat": self.legend}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel: what it asks, and how its fields are shown.

    `fields` are the defaults of its field configuration, `columns` the overrides, by the names of columns. The size is
    in units of the grid: 24 columns, and rows of 30 pixels.
    """

    title: str
    kind: str
    queries: Mapping[str, Query]
    description: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: Sequence[Mapping[str, Any]] = ()
    width: int = 12
    height: int = 8

    def json(self, ident: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana has it, at that place."""
        found: dict[str, Any] = {
            "id": ident,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": dict(self.fields), "overrides": [*self._overrides()]},
            "options": dict(self.options),
            "targets": [query.json(ref) for ref, query in self.queries.items()],
        }
        if self.transformations:
            found["transformations"] = list(self.transformations)
        return found

    def _overrides(self) -> Iterator[dict[str, Any]]:
        for name, properties in self.columns.items():
            listed = [{"id": ident, "value": value} for ident, value in properties.items()]
            yield {"matcher": {"id": "byName", "options": name}, "properties": listed}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A heading and the panels below it, which are laid out line by line."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a reader may choose: the values that `query` finds, or those of a fixed list.

    Where `everything` may be chosen, it is so at first. `many` allows several.
    """

    name: str
    label: str
    query: str = ""
    values: tuple[str, ...] = ()
    chosen: str | None = None
    many: bool = False
    everything: bool = False
    matching: str = ""

    def json(self) -> dict[str, Any]:
        """As Grafana has it."""
        common = {
            "name": self.name,
            "label": self.label,
            "hide": 0,
            "multi": self.many,
            "includeAll": self.everything,
            "current": _ALL if self.everything and self.chosen is None else self._current(),
            "skipUrlSync": False,
        }
        if self.values:
            options = [{"text": one, "value": one, "selected": one == self.chosen} for one in self.values]
            return {**common, "type": "custom", "query": ",".join(self.values), "options": options}
        query = {"qryType": 5, "query": self.query, "refId": f"Variable-{self.name}"}
        asked = {"type": "query", "datasource": DATASOURCE, "query": query, "definition": self.query}
        return {**common, **asked, "refresh": 2, "regex": self.matching, "sort": 1, "options": []}

    def _current(self) -> dict[str, Any]:
        first = self.chosen or next(iter(self.values), "")
        value: str | list[str] = [first] if self.many and first else first
        return {"text": value, "value": value} if first else {}


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard; `uid` is its name in addresses, which stays the same when its title changes."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    tags: tuple[str, ...] = ("refapp",)

    def json(self) -> dict[str, Any]:
        """As Grafana has it, complete."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": list(self.tags),
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "fiscalYearStartMonth": 0,
            "timezone": "browser",
            "refresh": "10s",
            "time": {"from": "now-15m", "to": "now"},
            "timepicker": {},
            "annotations": {"list": []},
            "links": [],
            "templating": {"list": [_datasource(), *(variable.json() for variable in self.variables)]},
            "panels": [*self._panels()],
        }

    def _panels(self) -> Iterator[dict[str, Any]]:
        """Rows below each other; in a row as many panels beside each other as its width holds."""
        ident, y = 1, 0
        for row in self.rows:
            grid = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
            yield {"id": ident, "type": "row", "title": row.title, "collapsed": False, "gridPos": grid, "panels": []}
            ident, y, x, tallest = ident + 1, y + 1, 0, 0
            for panel in row.panels:
                if x + panel.width > COLUMNS:
                    x, y, tallest = 0, y + tallest, 0
                yield panel.json(ident, x, y)
                ident, x, tallest = ident + 1, x + panel.width, max(tallest, panel.height)
            y += tallest


def _datasource() -> dict[str, Any]:
    """The variable that tells which Prometheus is asked."""
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "hide": 0,
        "includeAll": False,
        "multi": False,
        "options": [],
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
    }
