"""The legend below a picture: a list that flows, or a table with calculations of each series."""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from matplotlib.patches import Rectangle

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, SMALL, Page
from refapp.draw.sheet import write
from refapp.draw.style import GREY
from refapp.draw.texts import width

_SWATCH = 0.18  # inches from the edge of an entry to its text
_BETWEEN = 0.16
_LONGEST_LIST = 12  # lines
_LONGEST_TABLE = 14
_LEAST_NAME = 0.7
_COLUMN = 0.14  # inches before a column of calculations


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A series: its name, its colour, and what was calculated of it."""

    name: str
    colour: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Legend:
    """Entries; `heads` are over the columns of calculations, if it is a table."""

    entries: tuple[Entry, ...]
    heads: tuple[str, ...] = ()
    table: bool = False

    def height(self, room: float) -> float:
        """Inches that it takes at that width."""
        return 0.0 if not self.entries else 0.04 + LINE * self._lines(room)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it from the upper left corner of the box; its lines are as wide as the box."""
        if self.entries and self.table:
            self._draw_table(page, box, gid)
        elif self.entries:
            self._draw_list(page, box, gid)

    @cached_property
    def width(self) -> float:
        """Inches that its longest entry takes."""
        return max((_SWATCH + width(_listed(entry), SMALL) for entry in self.entries), default=0) + 0.02

    def _lines(self, room: float) -> int:
        if self.table:
            blocks, rows = self._blocks(room)
            return rows + bool(self.heads) + (len(self.entries) > rows * blocks)
        lines, more = self._rows(room)
        return len(lines) + (more > 0)

    def _rows(self, room: float) -> tuple[list[list[Entry]], int]:
        """The entries in lines of equal columns, and how many there was no room for."""
        columns = self._columns(room)
        rows = [list(self.entries[start : start + columns]) for start in range(0, len(self.entries), columns)]
        return rows[:_LONGEST_LIST], sum(map(len, rows[_LONGEST_LIST:]))

    def _columns(self, room: float) -> int:
        widest = max(_SWATCH + width(_listed(entry), SMALL) + _BETWEEN for entry in self.entries)
        return max(1, min(int((room + _BETWEEN) / widest), len(self.entries)))

    def _draw_list(self, page: Page, box: Box, gid: str) -> None:
        rows, more = self._rows(box.w)
        columns = self._columns(box.w)
        widest = max(_SWATCH + width(_listed(entry), SMALL) + _BETWEEN for entry in self.entries)
        step = min(widest, (box.w + _BETWEEN) / columns)
        y = box.y + 0.04 + LINE / 2
        number = 0
        for row in rows:
            for place, entry in enumerate(row):
                x = box.x + place * step
                _swatch(page, x, y, entry.colour, f"{gid} swatch {number}")
                room = min(step - (_BETWEEN if columns > 1 else 0), box.w) - _SWATCH
                write(page.sheet, (x + _SWATCH, y), _listed(entry), size=SMALL, room=room, gid=f"{gid} legend {number}")
                number += 1
            y += LINE
        if more:
            write(page.sheet, (box.x + _SWATCH, y), f"and {more} more", size=SMALL, colour=GREY, gid=f"{gid} more")

    def _draw_table(self, page: Page, box: Box, gid: str) -> None:
        """Blocks beside each other, each with its own heads."""
        blocks, rows = self._blocks(box.w)
        shown = self.entries[: _LONGEST_TABLE * blocks]
        step = (box.w + _BETWEEN) / blocks
        for place in range(blocks):
            own = range(place * rows, min((place + 1) * rows, len(shown)))
            self._block(page, Box(box.x + place * step, box.y, step - _BETWEEN, box.h), own, gid)
        if (more := len(self.entries) - len(shown)) > 0:
            at = (box.x + _SWATCH, box.y + 0.04 + LINE * (rows + bool(self.heads) + 0.5))
            write(page.sheet, at, f"and {more} more", size=SMALL, colour=GREY, gid=f"{gid} more")

    def _block(self, page: Page, box: Box, own: range, gid: str) -> None:
        rights = self._rights(box)
        y = box.y + 0.04 + LINE / 2
        if self.heads:
            for head, right in zip(self.heads, rights, strict=True):
                write(page.sheet, (right, y), head, size=SMALL, colour=GREY, align="right")
            y += LINE
        left = box.x + _SWATCH
        end = rights[0] - self._value_widths[0] - 0.08 if rights else box.right
        for number in own:
            entry = self.entries[number]
            _swatch(page, box.x, y, entry.colour, f"{gid} swatch {number}")
            write(page.sheet, (left, y), entry.name, size=SMALL, room=end - left, gid=f"{gid} legend {number}")
            for place, (value, right) in enumerate(zip(entry.values, rights, strict=True)):
                write(page.sheet, (right, y), value, size=SMALL, align="right", gid=f"{gid} calc {number} {place}")
            y += LINE

    def _blocks(self, room: float) -> tuple[int, int]:
        """How many blocks there is room for, and how many entries each has."""
        wide = self._names + sum(one + _COLUMN for one in self._value_widths)
        fitting = max(1, min(int((room + _BETWEEN) / (wide + _BETWEEN)), len(self.entries)))
        rows = min(math.ceil(len(self.entries) / fitting), _LONGEST_TABLE)
        return min(fitting, math.ceil(len(self.entries) / rows)), rows

    def _rights(self, box: Box) -> list[float]:
        """The right edge of each column of calculations, next to the names when there is room to spare."""
        widths = self._value_widths
        start = min(box.x + max(self._names, _LEAST_NAME), box.right - sum(one + _COLUMN for one in widths))
        return [start + end for end in accumulate(one + _COLUMN for one in widths)]

    @cached_property
    def _names(self) -> float:
        return max(width(entry.name, SMALL) for entry in self.entries) + _SWATCH + 0.1

    @cached_property
    def _value_widths(self) -> list[float]:
        columns = list(zip(*(entry.values for entry in self.entries), strict=True))
        heads = self.heads or ("",) * len(columns)
        return [
            max(width(text, SMALL) for text in (head, *column)) for head, column in zip(heads, columns, strict=True)
        ]


def _listed(entry: Entry) -> str:
    return "  ".join((entry.name, *entry.values))


def _swatch(page: Page, x: float, y: float, colour: str, gid: str) -> None:
    mark = Rectangle((x, y - 0.02), 0.13, 0.04, facecolor=colour, edgecolor="none", zorder=4)
    mark.set_gid(gid)
    page.sheet.add_artist(mark)
