"""Numbers as bars below each other; Grafana's panel `bargauge`. A page is narrow, so the bars always lie."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.patches import Rectangle

from refapp.draw.dashboards.cells import Cell, cells, limits
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import SMALL, Content, Page
from refapp.draw.dashboards.values import string
from refapp.draw.sheet import write
from refapp.draw.style import BLUE, GREY, INK
from refapp.draw.texts import width

_ROW = 0.24  # inches
_ROWS = 25
_BAR = 0.15
_NAMES = 0.45  # of the width, at most
_GROUND = "#eef0f3"


@dataclass(frozen=True)
class BarGauge:
    """A bar for each number, from its minimum to its maximum."""

    content: Content

    least = 3.0

    def height(self, width: float, asked: float) -> float:
        """As many lines as there are numbers."""
        del width, asked
        shown = min(len(self._cells), _ROWS)
        return _ROW * (max(shown, 1) + (len(self._cells) > _ROWS)) + 0.06

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gids are `GID bar NUMBER`, `GID name NUMBER` and `GID value NUMBER`."""
        bounds = limits(self._cells)
        shown = self._cells[:_ROWS]
        names = min(max((width(cell.name, SMALL) for cell in shown), default=0) + 0.1, box.w * _NAMES)
        values = max((width(cell.text, SMALL, bold=True) for cell in shown), default=0) + 0.08
        bar = box.inner(left=names, right=values)
        for number, cell in enumerate(shown):
            y = box.y + _ROW * (number + 0.5)
            self._bar(page, Box(bar.x, y - _BAR / 2, bar.w, _BAR), cell, bounds, f"{gid} bar {number}")
            write(page.sheet, (box.x, y), cell.name, size=SMALL, room=names - 0.06, gid=f"{gid} name {number}")
            ink = cell.colour(bounds) or INK
            write(
                page.sheet,
                (box.right, y),
                cell.text,
                size=SMALL,
                bold=True,
                colour=ink,
                align="right",
                gid=f"{gid} value {number}",
            )
        if more := len(self._cells) - len(shown):
            at = (box.x, box.y + _ROW * (len(shown) + 0.5))
            write(page.sheet, at, f"and {more} more", size=SMALL, colour=GREY, gid=f"{gid} more")

    @cached_property
    def _cells(self) -> list[Cell]:
        return cells(self.content)

    def _bar(self, page: Page, box: Box, cell: Cell, bounds: tuple[float, float], gid: str) -> None:
        low, high = cell.field.bounds(bounds)
        if string(self.content.panel.options.get("showUnfilled"), "true") != "False":
            ground = Rectangle((box.x, box.y), box.w, box.h, facecolor=_GROUND, edgecolor="none", zorder=2)
            page.sheet.add_artist(ground)
        if not isinstance(cell.value, float) or not math.isfinite(cell.value):
            return
        share = float(np.clip((cell.value - low) / (high - low), 0, 1))
        colour = cell.colour((low, high)) or BLUE
        patch = Rectangle((box.x, box.y), box.w * share, box.h, facecolor=colour, edgecolor="none", zorder=3)
        patch.set_gid(gid)
        page.sheet.add_artist(patch)
