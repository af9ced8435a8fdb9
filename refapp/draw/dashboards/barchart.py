"""Bars for categories; Grafana's panel `barchart`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from refapp.draw.dashboards import units
from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.frames import Column, Frame, Kind
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.legendbox import Entry, Legend
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import SMALL, Content, Page, Shown, names_of
from refapp.draw.dashboards.queries import one_table
from refapp.draw.dashboards.valueaxis import value_axis
from refapp.draw.dashboards.values import mapping, string
from refapp.draw.style import FAINT
from refapp.draw.texts import shorten, width

_ROW = 0.24
_ROWS = 24
_NAMES = 0.4  # of the width, at most
_AXIS = 0.2
_BARS = 0.8  # of a row


@dataclass(frozen=True)
class BarChart:
    """A row for each category and a bar for each series in it, beside or on each other.

    A page is narrow and names are long, so that the bars lie, whatever the panel's orientation.
    """

    content: Content
    colours: SeriesColours

    least = 3.0

    def height(self, width: float, asked: float) -> float:
        """As many rows as there are categories."""
        del asked
        return _ROW * self._slots * max(len(self._categories), 1) + _AXIS + self._legend.height(width)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gid of a bar is `GID bar SERIES CATEGORY`."""
        names = self._categories
        room = min(max((width(name, SMALL) for name in names), default=0) + 0.08, box.w * _NAMES)
        legend = self._legend.height(box.w)
        plot = box.inner(left=room, bottom=legend + _AXIS, right=0.12)
        axes = page.axes(plot, f"{gid} plot 0")
        base = np.zeros(len(names))
        slots = 1 if self._stacked else len(self._series)
        thick = _BARS / slots
        for number, (one, entry) in enumerate(zip(self._series, self._legend_entries, strict=True)):
            values = np.nan_to_num(one.column.values[: len(names)], posinf=0, neginf=0)
            offset = 0.0 if self._stacked else (number - (slots - 1) / 2) * thick
            bars = axes.barh(np.arange(len(names)) + offset, values, thick, left=base, color=entry.colour, zorder=3)
            for place, bar in enumerate(bars):
                bar.set_gid(f"{gid} bar {number} {place}")
            base = base + values if self._stacked else base
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), [shorten(name, room - 0.06, SMALL) for name in names])
        self._values(axes, plot)
        self._legend.draw(page, Box(box.x, box.bottom - legend, box.w, legend), gid)

    def _values(self, axes: object, plot: Box) -> None:
        field = self._series[0].field
        stack = [np.nan_to_num(one.column.values[: len(self._categories)], posinf=0, neginf=0) for one in self._series]
        ends = np.sum(stack, axis=0) if self._stacked else np.concatenate(stack)
        axis = value_axis(field, float(min(ends.min(), 0)), float(max(ends.max(), 0)), plot.w / 2.2, zero=True)
        ticks = [tick for tick, _ in axis.ticks]
        axes.set_xlim(axis.low, axis.high)  # type: ignore[attr-defined]
        axes.set_xticks(ticks, [units.tick(tick, field.unit, field.decimals) for tick in ticks])  # type: ignore[attr-defined]
        axes.grid(visible=True, axis="x", color=FAINT, linewidth=0.5)  # type: ignore[attr-defined]

    @cached_property
    def _frame(self) -> Frame | None:
        return one_table(self.content.data.frames)

    @cached_property
    def _axis(self) -> Column | None:
        """The column of categories: the one that the panel names, else the first text, else the times."""
        if self._frame is None:
            return None
        named = self._frame.column(string(self.content.panel.options.get("xField")))
        texts = self._frame.of(Kind.TEXT)
        return named or next(iter(texts), None) or self._frame.time

    @cached_property
    def _categories(self) -> list[str]:
        if self._axis is None:
            return []
        if self._axis.kind is Kind.TIME:
            return [units.text(float(value) * 1000, "dateTimeAsIso") for value in self._axis.values[:_ROWS]]
        return [drawable(str(value)) for value in self._axis.values[:_ROWS]]

    @cached_property
    def _series(self) -> list[Shown]:
        if self._frame is None:
            return []
        found = []
        for column in self._frame.of(Kind.NUMBER):
            field = self.content.fields.of(column, self._frame)
            if not field.hidden() and column is not self._axis:
                name = self.content.fields.named(column, self._frame)
                found.append(Shown(column=column, frame=self._frame, field=field, name=name))
        return found

    @property
    def _stacked(self) -> bool:
        return string(self.content.panel.options.get("stacking"), "none") in ("normal", "percent")

    @property
    def _slots(self) -> float:
        """How many bars are beside each other, each a little lower when there are several."""
        return 1.0 if self._stacked else max(1.0, 0.6 * len(self._series))

    @cached_property
    def _legend_entries(self) -> Sequence[Entry]:
        names = names_of(self._series)
        palette = self.colours.of(names)
        return [
            Entry(name=name, colour=one.field.fixed if one.field.mode == "fixed" and one.field.fixed else palette[name])
            for one, name in zip(self._series, names, strict=True)
        ]

    @cached_property
    def _legend(self) -> Legend:
        options = mapping(self.content.panel.options.get("legend"))
        hidden = options.get("showLegend") is False or len(self._series) < 2  # noqa: PLR2004 (the title tells one)
        return Legend(entries=() if hidden else tuple(self._legend_entries))
