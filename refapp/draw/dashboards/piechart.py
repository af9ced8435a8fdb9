"""Numbers as parts of their sum; Grafana's panel `piechart`."""

import math
from dataclasses import dataclass
from functools import cached_property

from matplotlib.patches import Wedge

from refapp.draw.dashboards import units
from refapp.draw.dashboards.cells import Cell, cells
from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.legendbox import Entry, Legend
from refapp.draw.dashboards.picture import Content, Page
from refapp.draw.dashboards.values import mapping, string, strings

_DIAMETER = 1.35
_LARGEST = 1.9
_GAP = 0.15
_HOLE = 0.55  # of the radius


@dataclass(frozen=True)
class PieChart:
    """A disc or a ring; the legend tells its parts."""

    content: Content
    colours: SeriesColours

    least = 3.0

    def height(self, width: float, asked: float) -> float:
        """Enough for the disc and for the legend, beside it where there is room."""
        tall = max(_DIAMETER, min(asked, _LARGEST))
        if self._beside(width):
            return max(tall, self._legend.height(self._legend.width))
        return tall + self._legend.height(width)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it, clockwise from the top; the gids are `GID part NUMBER`."""
        beside = self._beside(box.w)
        below = 0.0 if beside else self._legend.height(box.w)
        room = self._legend.width if beside else 0.0
        size = min(_LARGEST, box.h - below, box.w - room - _GAP * beside)
        left = (box.w - room - _GAP * beside - size) / 2
        self._disc(page, (box.x + left + size / 2, box.y + (box.h - below) / 2), size / 2 * 0.96, gid)
        if beside:
            tall = self._legend.height(room)
            own = Box(box.right - room - left / 2, box.y + max((box.h - tall) / 2, 0), room, tall)
            self._legend.draw(page, own, gid)
        else:
            self._legend.draw(page, Box(box.x, box.bottom - below, box.w, below), gid)

    def _disc(self, page: Page, centre: tuple[float, float], radius: float, gid: str) -> None:
        ring = radius * (1 - _HOLE) if self.content.panel.options.get("pieType") == "donut" else None
        start = -90.0
        for number, (_, share, colour) in enumerate(self._parts):
            wedge = Wedge(centre, radius, start, start + 360 * share, width=ring, facecolor=colour, edgecolor="white")
            wedge.set(gid=f"{gid} part {number}", zorder=3, linewidth=0.8)
            page.sheet.add_artist(wedge)
            start += 360 * share

    def _beside(self, width: float) -> bool:
        return bool(self._legend.entries) and width - self._legend.width - _GAP >= _DIAMETER

    @cached_property
    def _parts(self) -> list[tuple[Cell, float, str]]:
        """Each number that is more than nothing, its share and its colour, the largest first."""
        found = [
            (cell, cell.value)
            for cell in cells(self.content)
            if isinstance(cell.value, float) and math.isfinite(cell.value) and cell.value > 0
        ]
        found.sort(key=lambda one: -one[1])
        whole = sum(value for _, value in found)
        palette = self.colours.of(cell.name for cell, _ in found)
        return [
            (cell, value / whole, cell.field.fixed if cell.field.mode == "fixed" else palette[cell.name])
            for cell, value in found
        ]

    @cached_property
    def _legend(self) -> Legend:
        options = mapping(self.content.panel.options.get("legend"))
        if options.get("showLegend") is False or string(options.get("displayMode")) == "hidden":
            return Legend(entries=())
        shown = strings(options.get("values")) or ["percent"]
        entries = tuple(
            Entry(name=cell.name, colour=colour, values=tuple(_texts(cell, share, shown)))
            for cell, share, colour in self._parts
        )
        return Legend(entries=entries)


def _texts(cell: Cell, share: float, shown: list[str]) -> list[str]:
    texts = {"value": cell.text, "percent": units.text(share, "percentunit", 0)}
    return [texts[name] for name in ("value", "percent") if name in shown]
