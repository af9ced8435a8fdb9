"""A number on an arc that shows how far it is from its minimum to its maximum; Grafana's panel `gauge`."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.patches import Wedge

from refapp.draw.dashboards.cells import Cell, cells, limits
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page
from refapp.draw.sheet import write
from refapp.draw.style import FAINT, GREEN, INK
from refapp.draw.texts import width

_LEAST = 1.4
_HEIGHT = 1.05
_TALLEST = 1.5
# Degrees, which run clockwise where y counts downwards: where the minimum is, and how far the arc goes.
_START, _SWEEP = 150.0, 240.0
_THICK = 0.24  # of the radius
_RIM = 0.06
_DROP = 0.5  # of the radius, how far the ends of the arc are below its centre


@dataclass(frozen=True)
class Gauge:
    """One arc for each number."""

    content: Content

    least = _LEAST

    def height(self, width: float, asked: float) -> float:
        """What the grid has, within what an arc can be read in."""
        rows = math.ceil(max(len(self._cells), 1) / self._columns(width))
        return max(min(asked, _TALLEST * rows), _HEIGHT * rows)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gids are `GID arc NUMBER`, which ends where the value is, and `GID value NUMBER`."""
        bounds = limits(self._cells)
        places = box.cells(len(self._cells), self._columns(box.w))
        for number, (cell, place) in enumerate(zip(self._cells, places, strict=True)):
            self._draw(page, place, cell, bounds, (gid, number))

    @cached_property
    def _cells(self) -> list[Cell]:
        return cells(self.content)

    def _columns(self, room: float) -> int:
        return max(1, min(int((room + 0.01) / _LEAST), len(self._cells)))

    def _draw(self, page: Page, box: Box, cell: Cell, bounds: tuple[float, float], gid: tuple[str, int]) -> None:
        named = len(self._cells) > 1
        low, high = cell.field.bounds((0, 100) if cell.field.unit in ("", "percent", "none", "short") else bounds)
        if cell.field.unit == "percentunit":
            low, high = cell.field.bounds((0, 1))
        below = LINE if named else 0.0
        radius = min(box.w / 2 - 0.05, (box.h - below - 0.04) / (1 + _DROP))
        centre = (box.x + box.w / 2, box.y + radius + 0.02)
        _arc(page, centre, radius * (1 - _RIM * 1.6), (0, 1), _THICK, FAINT)
        for step in _steps(cell, low, high):
            _arc(page, centre, radius, step[:2], _RIM, step[2])
        colour = cell.colour((low, high)) or GREEN
        if isinstance(cell.value, float) and math.isfinite(cell.value):
            share = float(np.clip((cell.value - low) / (high - low), 0, 1))
            arc = _arc(page, centre, radius * (1 - _RIM * 1.6), (0, share), _THICK, colour)
            arc.set_gid(f"{gid[0]} arc {gid[1]}")
        text = cell.text
        room = radius * 1.15
        size = max(SMALL, min(18.0, room / max(width(text, 10, bold=True), 0.01) * 10))
        at = (centre[0], centre[1] + radius * 0.1)
        ink = cell.colour((low, high)) or INK
        write(page.sheet, at, text, size=size, bold=True, colour=ink, align="center", gid=f"{gid[0]} value {gid[1]}")
        if named:
            at = (centre[0], centre[1] + radius * _DROP + LINE / 2 + 0.04)
            write(
                page.sheet, at, cell.name, size=SMALL, align="center", room=box.w - 0.06, gid=f"{gid[0]} name {gid[1]}"
            )


def _steps(cell: Cell, low: float, high: float) -> list[tuple[float, float, str]]:
    """The thresholds as shares of the arc."""
    steps = cell.field.thresholds.at(low, high)
    if not steps:
        return []
    starts = [float(np.clip((step.start - low) / (high - low), 0, 1)) for step in steps]
    return [
        (start, end, step.colour)
        for step, start, end in zip(steps, starts, [*starts[1:], 1.0], strict=True)
        if end > start
    ]


def _arc(
    page: Page, centre: tuple[float, float], radius: float, share: tuple[float, float], thick: float, colour: str
) -> Wedge:
    """The part of the arc between two shares of it."""
    first, last = (_START + _SWEEP * one for one in share)
    wedge = Wedge(centre, radius, first, last, width=radius * thick, facecolor=colour, edgecolor="none")
    wedge.set_zorder(3)
    page.sheet.add_artist(wedge)
    return wedge
