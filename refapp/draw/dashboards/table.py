"""Rows and columns; Grafana's panel `table`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from refapp.draw.dashboards import units
from refapp.draw.dashboards.colours import on
from refapp.draw.dashboards.fields import Field, bounds
from refapp.draw.dashboards.frames import Column, Frame, Kind
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.mappings import Value
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page, wrapped
from refapp.draw.dashboards.queries import one_table
from refapp.draw.dashboards.transformations import order
from refapp.draw.dashboards.values import mapping, mappings, string
from refapp.draw.sheet import write
from refapp.draw.style import FAINT, GREY, INK, WIDTH
from refapp.draw.texts import width, wrap

_ROW = 0.2  # inches
_ROWS = 20
_PAD = 0.12
_NARROWEST = 0.62
_NOTES = 3  # lines
_GROUNDS = ("color-background", "color-background-solid")
_INKS = ("color-text",)
_BARS = ("gauge", "basic", "gradient-gauge", "lcd-gauge")


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A column as it is drawn."""

    name: str
    column: Column
    field: Field
    texts: tuple[str, ...]
    width: float

    @property
    def right(self) -> bool:
        """Whether it is aligned at its right."""
        align = string(self.field.custom.get("align"), "auto")
        return align == "right" or (align in ("auto", "") and self.column.kind is Kind.NUMBER)

    @property
    def cell(self) -> str:
        """How its values are shown."""
        options = mapping(self.field.custom.get("cellOptions"))
        return string(options.get("type")) or string(self.field.custom.get("displayMode"), "auto")

    def value(self, row: int) -> Value:
        """What stands in a row."""
        return _value(self.column, row)


@dataclass(frozen=True)
class Table:
    """The one frame of a panel, or its series side by side."""

    content: Content

    @property
    def least(self) -> float:
        """As wide as its columns, but no wider than the page."""
        return min(sum(one.width + _PAD for one in self._shown), WIDTH) if self._shown else 1.5

    def height(self, width: float, asked: float) -> float:
        """As many rows as there are, and a line for what there was no room for."""
        del asked
        _, left = self._fitted(width)
        rows = min(self._rows, _ROWS)
        return LINE * self._heads(width) + 0.06 + _ROW * rows + LINE * len(self._notes(width, left))

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gid of a cell is `GID cell ROW COLUMN`, of a head `GID head COLUMN`."""
        shown, left = self._fitted(box.w)
        heads = self._heads(box.w)
        top = box.y + LINE * heads + 0.04
        x = box.x
        page.sheet.plot((box.x, box.right), (top, top), color=GREY, linewidth=0.8, zorder=3)
        for row in range(1, min(self._rows, _ROWS)):
            y = top + _ROW * row
            page.sheet.plot((box.x, box.right), (y, y), color=FAINT, linewidth=0.5, zorder=2)
        for number, one in enumerate(shown):
            self._column(page, Box(x, top, one.width + _PAD, box.h), one, heads, (gid, number))
            x += one.width + _PAD
        for number, note in enumerate(self._notes(box.w, left)):
            y = top + _ROW * min(self._rows, _ROWS) + LINE * (number + 0.5) + 0.02
            write(page.sheet, (box.x + 0.03, y), note, size=SMALL, colour=GREY, gid=f"{gid} note {number}")

    @cached_property
    def _frame(self) -> Frame | None:
        frame = one_table(self.content.data.frames)
        if frame is None:
            return None
        for sort in mappings(self.content.panel.options.get("sortBy"))[::-1]:
            name = string(sort.get("displayName"))
            columns = [one for one in frame.columns if self.content.fields.named(one, frame) == name]
            if columns:
                rows = order(columns[0])
                frame = frame.take(rows[::-1] if sort.get("desc") else rows)
        return frame

    @property
    def _rows(self) -> int:
        return 0 if self._frame is None else len(self._frame)

    @cached_property
    def _shown(self) -> tuple[_Shown, ...]:
        frame = self._frame
        if frame is None:
            return ()
        found = []
        for column in frame.columns:
            field = self.content.fields.of(column, frame)
            if field.hidden():
                continue
            name = self.content.fields.named(column, frame)
            texts = tuple(_text(column, field, row) for row in range(min(len(frame), _ROWS)))
            widest = max((width(text, SMALL) for text in texts), default=0)
            head = max((width(word, SMALL, bold=True) for word in name.split(" ")), default=0)
            found.append(_Shown(name=name, column=column, field=field, texts=texts, width=max(widest, head, 0.3)))
        return tuple(found)

    def _fitted(self, room: float) -> tuple[list[_Shown], list[_Shown]]:
        """The columns with widths that fill the room, and those that there was no room for, the last ones."""
        shown = list(self._shown)
        while sum(min(one.width, _NARROWEST) + _PAD for one in shown) > room + 1e-6 and len(shown) > 1:
            shown.pop()
        left = list(self._shown[len(shown) :])
        widths = _shared([one.width for one in shown], room - _PAD * len(shown))
        fitted = [
            _Shown(name=one.name, column=one.column, field=one.field, texts=one.texts, width=wide)
            for one, wide in zip(shown, widths, strict=True)
        ]
        return fitted, left

    def _heads(self, room: float) -> int:
        shown, _ = self._fitted(room)
        return max((len(_head(one)) for one in shown), default=1)

    def _notes(self, room: float, left: Sequence[_Shown]) -> list[str]:
        notes = []
        if self._rows > _ROWS:
            notes.append(f"and {self._rows - _ROWS:,} more rows")
        if left:
            names = ", ".join(one.name for one in left)
            lines = wrap(f"no room for {len(left)} columns: {names}", room * 0.96, SMALL)
            notes.extend(lines if len(lines) <= _NOTES else [*lines[: _NOTES - 1], f"{lines[_NOTES - 1]} …"])
        return notes

    def _column(self, page: Page, box: Box, one: _Shown, heads: int, gid: tuple[str, int]) -> None:
        x = box.right - _PAD / 2 if one.right else box.x + _PAD / 2
        side: Any = "right" if one.right else "left"
        lines = _head(one)
        for number, line in enumerate(lines):
            y = box.y - 0.04 - LINE * (len(lines) - number - 0.5)
            write(
                page.sheet,
                (x, y),
                line,
                size=SMALL,
                bold=True,
                align=side,
                room=one.width + _PAD / 2,
                gid=f"{gid[0]} head {gid[1]}" if number == 0 else None,
            )
        del heads
        limits = one.field.bounds(bounds([one.column]))
        for row, text in enumerate(one.texts):
            cell = Box(box.x, box.y + _ROW * row, box.w, _ROW)
            ink = self._ground(page, cell, one, row, limits, f"{gid[0]} ground {row} {gid[1]}")
            at = (x, cell.y + _ROW / 2)
            write(
                page.sheet,
                at,
                text,
                size=SMALL,
                colour=ink,
                align=side,
                room=one.width + 0.02,
                gid=f"{gid[0]} cell {row} {gid[1]}",
            )

    def _ground(self, page: Page, cell: Box, one: _Shown, row: int, limits: tuple[float, float], gid: str) -> str:
        """Colour the cell, or draw its bar; returns the colour of its letters."""
        value = one.value(row)
        colour = one.field.colour(value, limits)
        mapped = one.field.mapped(value)
        if colour is None or (one.cell not in (*_GROUNDS, *_INKS, *_BARS) and not (mapped and mapped.colour)):
            return INK
        if one.cell not in (*_GROUNDS, *_BARS):
            return colour
        inner = cell.inner(left=0.02, right=0.02, top=0.015, bottom=0.015)
        long = inner.w
        if one.cell in _BARS and isinstance(value, float):
            low, high = limits
            long *= float(np.clip((value - low) / (high - low), 0, 1))
        light = 1.0 if one.cell in _GROUNDS else 0.35
        patch = Rectangle(
            (inner.x, inner.y), long, inner.h, facecolor=colour, edgecolor="none", alpha=light, zorder=2.5
        )
        patch.set_gid(gid)
        page.sheet.add_artist(patch)
        return on(colour) if one.cell in _GROUNDS else INK


def _head(one: _Shown) -> list[str]:
    return wrapped(one.name, one.width + 0.02, SMALL, most=2) or [""]


def _shared(widths: Sequence[float], room: float) -> list[float]:
    """Widths that fill the room: the wide ones are narrowed first, and what is spare is spread evenly."""
    found = list(widths)
    while sum(found) > room + 1e-6:
        widest = max(found)
        below = max((one for one in found if one < widest - 1e-9), default=0)
        number = sum(one >= widest - 1e-9 for one in found)
        cut = min(widest - below, (sum(found) - room) / number)
        found = [one - cut if one >= widest - 1e-9 else one for one in found]
    spare = (room - sum(found)) / max(len(found), 1)
    return [one + spare for one in found]


def _value(column: Column, row: int) -> Value:
    value = column.values[row]
    if column.kind is Kind.TEXT:
        return None if value is None else drawable(str(value))
    return float(value)


def _text(column: Column, field: Field, row: int) -> str:
    value = _value(column, row)
    if column.kind is Kind.TIME and isinstance(value, float):
        known = field.unit if field.unit.startswith(("dateTime", "time:")) else "dateTimeAsIso"
        return units.text(value * 1000, known) if np.isfinite(value) else ""
    if value is None and not field.nothing and not field.mapped(value):
        return ""
    if isinstance(value, float) and np.isnan(value) and not field.mapped(None):
        return field.nothing
    return field.text(value)
