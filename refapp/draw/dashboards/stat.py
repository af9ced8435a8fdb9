"""Single numbers in large letters, with what they were behind them; Grafana's `stat`, and `singlestat` before it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.patches import Rectangle

from refapp.draw.dashboards.cells import Cell, cells, limits
from refapp.draw.dashboards.colours import on, pale
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page
from refapp.draw.dashboards.values import string
from refapp.draw.sheet import write
from refapp.draw.style import BLUE, INK
from refapp.draw.texts import width

_LEAST = 1.4  # inches of a cell
_LARGEST = 22.0  # points
_HEIGHT = 0.62
_POINTS = 72
_SPARK = 0.4  # of the height, for what the number was


@dataclass(frozen=True)
class Stat:
    """One number, or several beside or below each other."""

    content: Content

    @property
    def least(self) -> float:
        """Room for one number, or for two beside each other."""
        return _LEAST if len(self._cells) < 2 else 2 * _LEAST  # noqa: PLR2004

    def height(self, width: float, asked: float) -> float:
        """What the grid has, but enough for all its lines."""
        rows = math.ceil(max(len(self._cells), 1) / self._columns(width))
        return max(min(asked, 1.2 * rows), _HEIGHT * rows)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gids are `GID value NUMBER`, `GID name NUMBER`, `GID spark NUMBER`, `GID ground NUMBER`."""
        bounds = limits(self._cells)
        places = box.cells(len(self._cells), self._columns(box.w))
        for number, (cell, place) in enumerate(zip(self._cells, places, strict=True)):
            gap = 0.03 if len(self._cells) > 1 else 0.0
            self._draw(page, place.inner(left=gap, right=gap, top=gap, bottom=gap), cell, bounds, (gid, number))

    @cached_property
    def _cells(self) -> list[Cell]:
        return cells(self.content)

    def _columns(self, room: float) -> int:
        if self.content.panel.options.get("orientation") == "horizontal" and len(self._cells) < 3:  # noqa: PLR2004
            return 1
        names = max((width(cell.name, SMALL) for cell in self._cells), default=0) + 0.1
        return max(1, min(int((room + 0.01) / max(_LEAST, min(names, 3))), len(self._cells)))

    def _draw(self, page: Page, box: Box, cell: Cell, bounds: tuple[float, float], gid: tuple[str, int]) -> None:
        options = self.content.panel.options
        mode = string(options.get("colorMode"), "value")
        colour = cell.colour(bounds)
        ground = colour if mode.startswith("background") and colour else None
        if ground:
            patch = Rectangle((box.x, box.y), box.w, box.h, facecolor=ground, edgecolor="none", zorder=2)
            patch.set_gid(f"{gid[0]} ground {gid[1]}")
            page.sheet.add_artist(patch)
        ink = on(ground) if ground else INK
        value, name = self._texts(cell)
        top = box.y
        if name:
            write(
                page.sheet,
                (box.x + 0.04, top + LINE / 2 + 0.02),
                name,
                size=SMALL,
                colour=ink,
                room=box.w - 0.06,
                gid=f"{gid[0]} name {gid[1]}",
            )
            top += LINE + 0.02
        spark = options.get("graphMode", "area") == "area" and cell.history is not None
        room = box.bottom - top
        if spark:
            self._spark(page, Box(box.x, box.bottom - room * _SPARK, box.w, room * _SPARK), cell, colour, ground, gid)
            room *= 1 - _SPARK
        if value:
            shown = ink if mode == "none" or ground else colour or INK
            size = _size(value, box.w - 0.1, room)
            at = (box.x + box.w / 2, top + room / 2)
            write(
                page.sheet,
                at,
                value,
                size=size,
                bold=True,
                colour=shown,
                align="center",
                room=box.w - 0.06,
                gid=f"{gid[0]} value {gid[1]}",
            )

    def _texts(self, cell: Cell) -> tuple[str, str]:
        """What is written as the value and what as its name, by `textMode`; a number alone is called by its title."""
        mode = string(self.content.panel.options.get("textMode"), "auto")
        if mode == "name":
            return cell.name, ""
        if mode == "none":
            return "", ""
        named = mode == "value_and_name" or (mode == "auto" and len(self._cells) > 1)
        return cell.text, cell.name if named else ""

    def _spark(
        self, page: Page, box: Box, cell: Cell, colour: str | None, ground: str | None, gid: tuple[str, int]
    ) -> None:
        assert cell.history is not None  # noqa: S101 (asked before)
        times, values = cell.history
        finite = values[np.isfinite(values)]
        if len(finite) < 2 or ground or times[0] == times[-1]:  # noqa: PLR2004 (one point has no past)
            return
        axes = page.axes(box, f"{gid[0]} sparkline {gid[1]}", zorder=1)
        low, high = cell.field.bounds((min(0.0, float(finite.min())), float(finite.max())))
        axes.set(xlim=(times[0], times[-1]), ylim=(low, low + (high - low) * 1.05))
        (line,) = axes.plot(times, values, color=colour or BLUE, linewidth=1)
        line.set_gid(f"{gid[0]} spark {gid[1]}")
        axes.fill_between(times, low, values, color=pale(colour or BLUE, 0.18), linewidth=0)


def _size(text: str, room: float, height: float) -> float:
    """The size at which a text fills its room, within limits."""
    wide = room / max(width(text, 10, bold=True), 0.01) * 10
    return max(SMALL, min(_LARGEST, wide, height * _POINTS * 0.75))
