"""Panels and rows that a dashboard shows once for each value of a variable.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-panel-options/#configure-repeating-panels
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from refapp.draw.dashboards.documents import COLUMNS, Grid, Panel, Section
from refapp.draw.dashboards.interpolation import Chosen, interpolate, shown


def repeated(sections: Iterable[Section], chosen: Mapping[str, Chosen]) -> list[Section]:
    """The sections with each row and panel that is to be repeated as often as its variable has values chosen."""
    rows = (row for section in sections for row in _rows(section, chosen))
    return [replace(row, panels=tuple(_panels(row.panels, chosen))) for row in rows]


def _rows(section: Section, chosen: Mapping[str, Chosen]) -> Iterator[Section]:
    scopes = _scopes(section.repeat, chosen)
    if not scopes:
        yield replace(section, title=interpolate(section.title, chosen, shown))
    for scope in scopes:
        title = interpolate(section.title, {**chosen, **scope}, shown)
        yield Section(
            title=title, panels=tuple(replace(panel, scope={**panel.scope, **scope}) for panel in section.panels)
        )


def _scopes(name: str, chosen: Mapping[str, Chosen]) -> list[dict[str, Chosen]]:
    """A variable of one value for each that is chosen; none where nothing is to be repeated."""
    found = chosen.get(name)
    if found is None or not found.values:
        return []
    texts = found.texts or found.values
    return [
        {name: Chosen(name=name, values=(value,), texts=(text,), many=found.many)}
        for value, text in zip(found.values, texts, strict=True)
    ]


def _panels(panels: Sequence[Panel], chosen: Mapping[str, Chosen]) -> Iterator[Panel]:
    """A panel that is repeated pushes down what is below it."""
    lower = 0.0
    for panel in sorted(panels, key=lambda one: (one.grid.y, one.grid.x)):
        moved = replace(panel, grid=_moved(panel.grid, y=panel.grid.y + lower))
        scopes = _scopes(panel.repeat, chosen)
        if not scopes:
            yield moved
            continue
        copies = [replace(moved, scope={**panel.scope, **scope}) for scope in scopes]
        placed = _below(copies) if panel.upright else _beside(copies)
        yield from placed
        lower += placed[-1].grid.y - moved.grid.y


def _below(copies: Sequence[Panel]) -> list[Panel]:
    return [
        replace(panel, grid=_moved(panel.grid, y=panel.grid.y + place * panel.grid.h))
        for place, panel in enumerate(copies)
    ]


def _beside(copies: Sequence[Panel]) -> list[Panel]:
    """As many in a line as the panel allows, over the whole width."""
    per_row = min(len(copies), copies[0].per_row)
    width = COLUMNS / per_row
    found = []
    for place, panel in enumerate(copies):
        line, column = divmod(place, per_row)
        y = panel.grid.y + line * panel.grid.h
        found.append(replace(panel, grid=Grid(x=math.floor(column * width), y=y, w=math.floor(width), h=panel.grid.h)))
    return found


def _moved(grid: Grid, *, y: float) -> Grid:
    return Grid(x=grid.x, y=y, w=grid.w, h=grid.h)
