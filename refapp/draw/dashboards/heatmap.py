"""How often values fell into which bucket, over time; Grafana's panel `heatmap`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from refapp.draw.dashboards import timeaxis, units
from refapp.draw.dashboards.frames import Numbers
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page, Shown
from refapp.draw.dashboards.values import mapping, number, string
from refapp.draw.sheet import write
from refapp.draw.style import BLUE, GREY, INK
from refapp.draw.texts import width

_COLOURS = LinearSegmentedColormap.from_list("heat", ["white", "#cfe3f1", BLUE, "#08263f"])
_ROOM = 0.2  # inches between two labels
_PLOT = 1.2
_BUCKETS = 20  # that values are counted in, when the panel has none
_COLUMNS = 60
_KEY = 1.1


@dataclass(frozen=True, eq=False)
class _Buckets:
    """Times, the upper bound of each bucket as it is written, and a count for each bucket and time."""

    times: Numbers
    names: tuple[str, ...]
    counts: Numbers


@dataclass(frozen=True)
class Heatmap:
    """Buckets as rows, times as columns, counts as colours."""

    content: Content

    least = 3.0

    def height(self, width: float, asked: float) -> float:
        """What the grid has, but enough for the plot and the key below it."""
        del width
        return max(asked, _PLOT + timeaxis.HEIGHT + LINE)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gid of the plot is `GID plot 0`, that of its cells `GID cells`."""
        buckets = self._buckets
        left = max(width(name, SMALL) for name in buckets.names) + 0.06
        plot = box.inner(left=left, bottom=timeaxis.HEIGHT + LINE + 0.03, right=0.02, top=0.04)
        axes = page.axes(plot, f"{gid} plot 0")
        window = self.content.data.window
        steps = np.diff(buckets.times)
        step = float(steps.min()) if len(steps) and steps.min() > 0 else window.end - window.start
        edges = np.append(buckets.times - step / 2, buckets.times[-1] + step / 2)
        highest = max(float(buckets.counts.max()), 0.0) or 1.0
        mesh = axes.pcolormesh(
            edges,
            np.arange(len(buckets.names) + 1),
            np.clip(buckets.counts, 0, None),
            cmap=_COLOURS,
            vmin=0,
            vmax=highest,
            rasterized=True,
        )
        mesh.set_gid(f"{gid} cells")
        axes.set_ylim(0, len(buckets.names))
        stride = max(1, math.ceil(len(buckets.names) * _ROOM / plot.h))
        shown = range(0, len(buckets.names), stride)
        # A bucket's name is its upper bound, which is the upper edge of its row.
        axes.set_yticks([place + 1 for place in shown], [buckets.names[place] for place in shown])
        timeaxis.draw(axes, window, plot)
        self._key(page, Box(box.x, box.bottom - LINE, box.w, LINE), highest, gid)

    @cached_property
    def _buckets(self) -> _Buckets:
        found = [one for one in self.content.numbers if one.frame.time is not None]
        if self.content.panel.options.get("calculate"):
            return self._counted(found)
        return self._given(found)

    def _given(self, found: Sequence[Shown]) -> _Buckets:
        """The series are buckets already; Prometheus' count what is below a bound, so each has those before it."""
        bounds = [_bound(one) for one in found]
        rows = list(range(len(found)))
        known = all(bound is not None for bound in bounds)
        if known:
            rows.sort(key=lambda row: bounds[row] or 0.0)
        first = found[rows[0]].frame.time
        assert first is not None  # noqa: S101 (chosen so)
        alike = [row for row in rows if len(found[row].column) == len(first)]
        counts = np.array([np.nan_to_num(found[row].column.values, posinf=0, neginf=0) for row in alike])
        cumulative = any("le" in found[row].column.labels for row in alike) or self._asked_as_heatmap
        if known and cumulative:
            counts = np.clip(np.diff(counts, axis=0, prepend=0), 0, None)
        seen = np.flatnonzero(counts.any(axis=1))
        if known and len(seen):  # a histogram has many buckets for values that there never were
            kept = slice(max(seen[0] - 1, 0), seen[-1] + 2)
            alike, counts = alike[kept], counts[kept]
        return _Buckets(first.values, tuple(self._name(found[row], bounds[row]) for row in alike), counts)

    @property
    def _asked_as_heatmap(self) -> bool:
        return any(target.buckets for target in self.content.panel.targets)

    def _name(self, one: Shown, bound: float | None) -> str:
        axis = mapping(self.content.panel.options.get("yAxis"))
        unit, decimals = string(axis.get("unit")), number(axis.get("decimals"))
        if bound is None:
            return one.name
        if math.isinf(bound):
            return "∞"
        return units.tick(bound, unit, None if decimals is None else int(decimals))

    def _counted(self, found: Sequence[Shown]) -> _Buckets:
        """Values of all series, counted in buckets of equal size."""
        times = np.concatenate([one.frame.time.values for one in found if one.frame.time])
        values = np.concatenate([one.column.values for one in found])
        finite = np.isfinite(values)
        times, values = times[finite], values[finite]
        window = self.content.data.window
        columns = np.linspace(window.start, window.end, _COLUMNS + 1)
        low, high = float(values.min()), float(values.max())
        rows = np.linspace(low, high if high > low else low + 1, _BUCKETS + 1)
        counts, _, _ = np.histogram2d(values, times, bins=(rows, columns))
        unit = self.content.fields.of(found[0].column, found[0].frame).unit
        unit = string(mapping(self.content.panel.options.get("yAxis")).get("unit")) or unit
        names = tuple(units.text(float(bound), unit) for bound in rows[1:])
        return _Buckets((columns[:-1] + columns[1:]) / 2, names, counts)

    def _key(self, page: Page, box: Box, highest: float, gid: str) -> None:
        """What the colours stand for, from nothing to the highest count."""
        y = box.y + LINE / 2
        field = self.content.fields.of(self.content.numbers[0].column, self.content.numbers[0].frame)
        text = units.text(highest, field.unit, field.decimals)
        right = box.right - width(text, SMALL) - 0.06
        write(page.sheet, (box.right, y), text, size=SMALL, colour=INK, align="right", gid=f"{gid} highest")
        axes = page.axes(Box(right - _KEY, y - 0.04, _KEY, 0.08), f"{gid} key")
        axes.imshow(np.linspace(0, 1, 64)[np.newaxis], cmap=_COLOURS, aspect="auto")
        axes.set(xticks=[], yticks=[])
        write(page.sheet, (right - _KEY - 0.06, y), "0", size=SMALL, colour=GREY, align="right")


def _bound(one: Shown) -> float | None:
    """The upper bound of a bucket: its label `le`, or its name."""
    text = one.column.labels.get("le", one.name)
    if text == "+Inf":
        return math.inf
    try:
        return float(text)
    except ValueError:
        return None
