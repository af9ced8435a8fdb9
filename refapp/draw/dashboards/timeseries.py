"""Series over time: lines, bars or points, stacked or not; Grafana's panel `timeseries`, and `graph` before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes

from refapp.draw.dashboards import reductions, strokes, timeaxis
from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.frames import Numbers
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.legendbox import Entry, Legend
from refapp.draw.dashboards.picture import SMALL, Content, Page, Shown, names_of
from refapp.draw.dashboards.stacking import stacked
from refapp.draw.dashboards.strokes import Stroke
from refapp.draw.dashboards.valueaxis import ValueAxis, value_axis
from refapp.draw.dashboards.values import mapping, string, strings
from refapp.draw.sheet import write
from refapp.draw.style import FAINT

LEAST = 3.0
"""Inches that it needs to be read."""

_PLOT = 0.95
_LABEL = 0.16  # the height of a label of an axis
_NO_AXIS = 0.04
_HEAD = 0.07  # for the upper half of the highest label


@dataclass(frozen=True)
class TimeSeries:
    """Series over time with their legend."""

    content: Content
    colours: SeriesColours

    least = LEAST

    def height(self, width: float, asked: float) -> float:
        """What the grid has, but enough for the legend below a plot that is high enough."""
        return max(asked, _PLOT + _HEAD + timeaxis.HEIGHT + self._labels + self._legend.height(width))

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw the plot, its axes and its legend; the gid of a series' line is `GID line NUMBER`."""
        legend = self._legend.height(box.w)
        plot = box.inner(bottom=legend + timeaxis.HEIGHT, top=self._labels + _HEAD)
        sides = self._axes_of(plot.h)
        left = sides[0][0].width if sides and sides[0][1] else _NO_AXIS
        right = sides[1][0].width if len(sides) > 1 and sides[1][1] else 0.02
        plot = plot.inner(left=left, right=right)
        for number, (axis, visible, own) in enumerate(sides):
            axes = page.axes(plot, f"{gid} plot {number}", zorder=3 + number)
            _value_ticks(axes, axis, right=number > 0, visible=visible, lines=number == 0)
            if number == 0:
                timeaxis.draw(axes, self.content.data.window, plot)
            else:
                axes.set(xlim=(self.content.data.window.start, self.content.data.window.end), xticks=[])
            strokes.draw(axes, [self._strokes[place] for place in own], axis, gid, own)
            if number == 0:
                strokes.thresholds(axes, self._strokes[own[0]].field, axis, gid)
        self._axis_labels(page, box, sides)
        self._legend.draw(page, Box(box.x, box.bottom - legend, box.w, legend), gid)

    @cached_property
    def _strokes(self) -> tuple[Stroke, ...]:
        found = [one for one in self.content.numbers if one.frame.time is not None]
        names = names_of(found)
        palette = self.colours.of(names)
        made = [_stroke(one, name, palette[name]) for one, name in zip(found, names, strict=True)]
        return tuple(stacked(made))

    @cached_property
    def _sides(self) -> tuple[tuple[int, ...], ...]:
        """Which series belong to the left axis and which to the right: by placement, then by unit."""
        left = [number for number, one in enumerate(self._strokes) if _placement(one.field) != "right"]
        right = [number for number in range(len(self._strokes)) if number not in left]
        if not right and left:
            unit = self._strokes[left[0]].field.unit
            right = [number for number in left if self._strokes[number].field.unit != unit]
            left = [number for number in left if number not in right]
        return tuple(tuple(side) for side in (left, right) if side)

    def _axes_of(self, height: float) -> list[tuple[ValueAxis, bool, tuple[int, ...]]]:
        found = []
        for side in self._sides:
            own = [self._strokes[number] for number in side]
            low, high = strokes.bounds(own)
            zero = any(one.filled or one.bars for one in own)
            field = _common(own)
            visible = _placement(field) != "hidden"
            found.append((value_axis(field, low, high, height, zero=zero), visible, side))
        return found

    @property
    def _labels(self) -> float:
        named = any(string(one.field.custom.get("axisLabel")) for one in self._strokes)
        return _LABEL if named else 0.0

    def _axis_labels(self, page: Page, box: Box, sides: Sequence[tuple[ValueAxis, bool, tuple[int, ...]]]) -> None:
        for number, (_, _, own) in enumerate(sides):
            label = string(self._strokes[own[0]].field.custom.get("axisLabel"))
            at = (box.right if number else box.x, box.y + _LABEL / 2)
            align = "right" if number else "left"
            write(page.sheet, at, label, size=SMALL, align=align, room=box.w / len(sides))  # type: ignore[arg-type]

    @cached_property
    def _legend(self) -> Legend:
        options = mapping(self.content.panel.options.get("legend"))
        mode = string(options.get("displayMode"), "list")
        if options.get("showLegend") is False or mode == "hidden":
            return Legend(entries=())
        calculations = strings(options.get("calcs"))
        entries = [
            Entry(name=one.name, colour=one.colour, values=calculated(one.values, one.field, calculations))
            for one in self._strokes
            if not one.field.hidden("legend")
        ]
        heads = tuple(reductions.title(name) for name in calculations)
        # Several numbers in a row have to stand below each other to be read.
        table = mode == "table" or len(calculations) > 1
        if not table:
            entries = [replace(one, values=_titled(one.values, heads)) for one in entries]
        return Legend(entries=tuple(entries), heads=heads if table else (), table=table)


def calculated(values: Numbers, field: Field, calculations: Sequence[str]) -> tuple[str, ...]:
    """What a legend shows of a series: the text of each calculation."""
    return tuple(field.text(_reduce(values, name)) for name in calculations)


def _reduce(values: Numbers, name: str) -> float | None:
    try:
        return reductions.reduce(values, name)
    except ValueError:
        return None


def _titled(values: Sequence[str], heads: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{head}: {value}" for head, value in zip(heads, values, strict=True))


def _stroke(one: Shown, name: str, colour: str) -> Stroke:
    assert one.frame.time is not None  # noqa: S101 (only those with a time are drawn)
    values = np.where(np.isfinite(one.column.values), one.column.values, np.nan)
    if one.field.custom.get("transform") == "negative-Y":
        values = -values
    if one.field.custom.get("transform") == "constant" and len(values):
        values = np.full_like(values, values[0])
    fixed = one.field.fixed if one.field.mode in ("fixed", "shades") else ""
    by_value = one.field.colour(_last(values)) if one.field.mode == "thresholds" else None
    return Stroke(
        name=name,
        times=one.frame.time.values,
        values=strokes.nulls(one.frame.time.values, values, one.field.custom.get("spanNulls")),
        field=one.field,
        colour=fixed or by_value or colour,
    )


def _last(values: Numbers) -> float | None:
    return reductions.reduce(values, "lastNotNull")


def _placement(field: Field) -> str:
    return string(field.custom.get("axisPlacement"), "auto")


def _common(own: Sequence[Stroke]) -> Field:
    """The configuration of an axis: of the first of its series, with the widest of their limits."""
    lows = [one.field.low for one in own if one.field.low is not None]
    highs = [one.field.high for one in own if one.field.high is not None]
    first = own[0].field
    unit: Mapping[str, str] = {} if own[0].percent is False else {"unit": "percentunit"}
    return replace(first, low=min(lows, default=None), high=max(highs, default=None), **unit)  # type: ignore[arg-type]


def _value_ticks(axes: Axes, axis: ValueAxis, *, right: bool, visible: bool, lines: bool) -> None:
    if axis.logarithmic:
        axes.set_yscale("log")
        axes.minorticks_off()
    axes.set_ylim(axis.low, axis.high)
    axes.set_yticks([tick for tick, _ in axis.ticks], [label if visible else "" for _, label in axis.ticks])
    if right:
        axes.yaxis.tick_right()
        axes.tick_params(length=0)
    if lines:
        axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.5)
        axes.set_axisbelow(True)
