"""What the colours of series are, below a chart: their names one after the other, in as many lines as needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import GREY
from refapp.draw.texts import shorten, width

_SWATCH = 0.18  # inches from the mark of an entry to its name
_BETWEEN = 0.16
_LINES = 12
_HINTED = 1.05  # letters are drawn in whole pixels, and a little wider than measured


class _Placed(NamedTuple):
    name: str
    colour: str
    x: float
    line: int


@dataclass(frozen=True)
class Key:
    """The names of series and their colours, in so many inches."""

    entries: Sequence[tuple[str, str]]
    room: float

    @property
    def height(self) -> float:
        """Inches that it takes."""
        lines = max((entry.line for entry in self._placed), default=-1) + 1
        return LINE * (min(lines, _LINES) + (lines > _LINES)) + 0.04 if lines else 0.0

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it from the upper left corner of a box; the gid of a name is `GID key NUMBER`."""
        shown = [entry for entry in self._placed if entry.line < _LINES]
        for number, entry in enumerate(shown):
            x, y = box.x + entry.x, box.y + 0.04 + LINE * (entry.line + 0.5)
            page.sheet.plot((x, x + 0.13), (y, y), color=entry.colour, linewidth=2.5, solid_capstyle="butt", zorder=4)
            write(page.sheet, (x + _SWATCH, y), entry.name, size=SMALL, gid=f"{gid} key {number}")
        if more := len(self._placed) - len(shown):
            at = (box.x, box.y + 0.04 + LINE * (_LINES + 0.5))
            write(page.sheet, at, f"and {more:,} more", size=SMALL, colour=GREY, gid=f"{gid} key more")

    @cached_property
    def _placed(self) -> list[_Placed]:
        placed: list[_Placed] = []
        x, line = 0.0, 0
        for full, colour in self.entries:
            name = shorten(full, (self.room - _SWATCH) / _HINTED, SMALL)
            wide = _SWATCH + width(name, SMALL) * _HINTED
            if x and x + wide > self.room:
                x, line = 0.0, line + 1
            placed.append(_Placed(name, colour, x, line))
            x += wide + _BETWEEN
        return placed
