"""How a series is drawn: as a line, as bars or as points, and what becomes of its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from refapp.draw.dashboards.colours import pale
from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.frames import Numbers
from refapp.draw.dashboards.valueaxis import ValueAxis
from refapp.draw.dashboards.values import mapping, number, string

_STEPS = {"stepBefore": "steps-pre", "stepAfter": "steps-post"}
_FILLED_STEPS = {"steps-pre": "pre", "steps-post": "post"}
_WIDEST = 4.0  # points
_BAR = 0.85  # of the distance between two points
_AREAS = 2  # that may be seen through each other
_DASHES = {"dash": (0, (5, 3)), "dot": (0, (1, 2))}


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A series as it is drawn: `values` are its own, `base` and `top` those between which it is filled."""

    name: str
    times: Numbers
    values: Numbers
    field: Field
    colour: str
    base: Numbers | None = None
    top: Numbers | None = None
    percent: bool = False

    @property
    def bars(self) -> bool:
        """Whether it is drawn as bars."""
        return self.field.custom.get("drawStyle") == "bars"

    @property
    def points(self) -> bool:
        """Whether it is drawn as points alone."""
        return self.field.custom.get("drawStyle") == "points"

    @property
    def filled(self) -> float:
        """How much of its colour is between it and its base, from 0 to 1."""
        amount = number(self.field.custom.get("fillOpacity"))
        return min(max((amount or 0) / 100, 0), 1)

    @property
    def upper(self) -> Numbers:
        """What its line follows."""
        return self.values if self.top is None else self.top


def nulls(times: Numbers, values: Numbers, span: object) -> Numbers:
    """The values with their gaps as the panel wants them.

    Args:
        times: in seconds.
        values: with NaN where there is none.
        span: True connects over gaps, a number over those of at most so many milliseconds, `zero` makes them zeros;
            otherwise they stay gaps.
    """
    missing = np.isnan(values)
    if span == "zero":
        return np.where(missing, 0.0, values)
    if not missing.any() or missing.all() or span in (None, False, ""):
        return values
    limit = np.inf if span is True else (number(span) or 0) / 1000
    there = np.flatnonzero(~missing)
    filled = np.interp(times, times[there], values[there], left=np.nan, right=np.nan)
    places = np.searchsorted(there, np.arange(len(values)))
    before, after = there[np.clip(places - 1, 0, None)], there[np.clip(places, None, len(there) - 1)]
    joined = missing & (times[after] - times[before] <= limit)
    return np.where(joined, filled, values)


def bounds(strokes: Sequence[Stroke]) -> tuple[float, float]:
    """The smallest and the largest value that is drawn."""
    drawn = [part[np.isfinite(part)] for one in strokes for part in (one.upper, one.base) if part is not None]
    there = [part for part in drawn if len(part)]
    if not there:
        return 0.0, 1.0
    return min(float(part.min()) for part in there), max(float(part.max()) for part in there)


def draw(axes: Axes, strokes: Sequence[Stroke], axis: ValueAxis, gid: str, numbers: Sequence[int]) -> None:
    """Draw the series, the first one on top of the others; that of number N has the gid `GID line N`."""
    floor = axis.low if axis.logarithmic else min(max(0.0, axis.low), axis.high)
    # Many pale areas over each other are one grey.
    thin = min(1.0, _AREAS / max(sum(one.filled > 0 and one.base is None for one in strokes), 1))
    for order, (one, place) in enumerate(zip(strokes, numbers, strict=True)):
        zorder = 3 - order / max(len(strokes), 1)
        if one.bars:
            _bars(axes, one, floor, f"{gid} line {place}", zorder)
        else:
            _line(axes, one, floor, f"{gid} line {place}", zorder, thin)


def thresholds(axes: Axes, field: Field, axis: ValueAxis, gid: str) -> None:
    """The thresholds as lines or as areas, if the panel shows them."""
    mode = string(mapping(field.custom.get("thresholdsStyle")).get("mode"), "off")
    steps = field.thresholds.at(axis.low, axis.high)
    if mode in ("off", "") or not steps:
        return
    ends = [*(step.start for step in steps[1:]), axis.high]
    for place, (step, end) in enumerate(zip(steps, ends, strict=True)):
        if "area" in mode:
            low, high = max(step.start, axis.low), min(end, axis.high)
            if high > low:
                axes.axhspan(low, high, color=step.colour, alpha=0.1, linewidth=0, gid=f"{gid} area {place}", zorder=0)
        if ("line" in mode or "dashed" in mode) and axis.low <= step.start <= axis.high:
            dashed = (0, (4, 3)) if "dashed" in mode else "-"
            axes.axhline(step.start, color=step.colour, linewidth=1, linestyle=dashed, gid=f"{gid} threshold {place}")


def _line(axes: Axes, one: Stroke, floor: float, gid: str, zorder: float, thin: float) -> None:
    steps = _STEPS.get(string(one.field.custom.get("lineInterpolation")), "default")
    width = number(one.field.custom.get("lineWidth"))
    dash = _DASHES.get(string(mapping(one.field.custom.get("lineStyle")).get("fill")), "-")
    (line,) = axes.plot(
        one.times,
        one.upper,
        color=one.colour,
        linewidth=0 if one.points else min(max(1.2 if width is None else width, 0), _WIDEST) or 0,
        linestyle=dash,
        drawstyle=steps,
        zorder=zorder,
        marker=".",
        markersize=4,
        markeredgewidth=0,
        markevery=_marked(one),
        solid_joinstyle="round",
    )
    line.set_gid(gid)
    if one.filled and not one.points:
        base = np.full(len(one.times), floor) if one.base is None else one.base
        area = axes.fill_between(
            one.times,
            base,
            one.upper,
            color=pale(one.colour, max(one.filled, 0.12)) if one.base is not None else one.colour,
            alpha=0.85 if one.base is not None else one.filled * thin,
            linewidth=0,
            step=_FILLED_STEPS.get(steps),  # type: ignore[arg-type]
            zorder=zorder - 1.5,
        )
        area.set_gid(f"{gid} area")


def _marked(one: Stroke) -> list[int]:
    """The points that get a mark: all, if the panel says so, else those without a neighbour, which no line shows."""
    there = np.isfinite(one.upper)
    if one.points or one.field.custom.get("showPoints") == "always":
        return np.flatnonzero(there).tolist()
    beside = np.zeros(len(there), dtype=bool)
    beside[1:] |= there[:-1]
    beside[:-1] |= there[1:]
    return np.flatnonzero(there & ~beside).tolist()


def _bars(axes: Axes, one: Stroke, floor: float, gid: str, zorder: float) -> None:
    there = np.isfinite(one.upper)
    times, tops = one.times[there], one.upper[there]
    bases = np.full(len(tops), floor) if one.base is None else np.nan_to_num(one.base[there])
    half = _BAR * (float(np.diff(one.times).min()) if len(one.times) > 1 else 1.0) / 2
    left, right = times - half, times + half
    corners = [np.column_stack(pair) for pair in ((left, bases), (left, tops), (right, tops), (right, bases))]
    bars = PolyCollection(list(np.stack(corners, axis=1)), facecolors=one.colour, edgecolors="none", zorder=zorder)
    bars.set_gid(gid)
    axes.add_collection(bars, autolim=False)
