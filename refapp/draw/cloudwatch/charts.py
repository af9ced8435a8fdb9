"""Series over time in a box of a page, as the graphs of AWS's console show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from refapp.draw.cloudwatch.states import THRESHOLD
from refapp.draw.colours import service_colours, tint
from refapp.draw.dashboards import timeaxis
from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.dashboards.valueaxis import value_axis
from refapp.draw.style import FAINT, GREY

Kind = Literal["line", "stacked area", "bar"]

OTHERS = "#b6bbc4"
"""The colour of series beyond those that colours tell apart."""

_TOLD = 24  # series that have a colour of their own
_TOP = 0.08  # inches for the upper half of the highest label
_BAR = 0.8  # of the distance between two points
_ALONE = 60.0  # seconds that a single point stands for

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Series:
    """A series: when its points are, in seconds since 1970, and their numbers, NaN where it has none."""

    name: str
    colour: str
    times: Numbers
    numbers: Numbers


def series_of(frame: pd.DataFrame, colours: Mapping[str, str]) -> list[Series]:
    """The columns of a frame that is indexed by time, but those without any value; those without a colour first."""
    times = np.array([moment.timestamp() for moment in frame.index], dtype=np.float64)
    found = [
        Series(
            name=drawable(str(name)),
            colour=colours.get(str(name), OTHERS),
            times=times,
            numbers=frame[name].to_numpy(dtype=np.float64, na_value=np.nan),
        )
        for name in frame.columns
    ]
    return sorted((one for one in found if np.isfinite(one.numbers).any()), key=lambda one: one.colour != OTHERS)


def colours_of(frames: Sequence[pd.DataFrame]) -> dict[str, str]:
    """A colour for each column, the same in every frame; of very many those with the smallest means have none."""
    means: dict[str, float] = {}
    for frame in frames:
        for name, mean in frame.mean().fillna(0.0).items():
            means[str(name)] = max(means.get(str(name), 0.0), float(mean))
    kept = sorted(means, key=lambda name: -means[name])[:_TOLD]
    return service_colours(sorted(kept))


def window_of(frames: Sequence[pd.DataFrame], start: datetime | None = None, end: datetime | None = None) -> Window:
    """From the first time to the last of frames that are indexed by time, or of what was asked; a minute at least.

    Raises:
        ValueError: the frames have no times.
    """
    moments = [moment.timestamp() for frame in frames for moment in frame.index]
    if not moments:
        raise ValueError("there is nothing to draw: no values")
    moments += [moment.timestamp() for moment in (start, end) if moment is not None]
    first, last = min(moments), max(moments)
    return between(first, last) if last > first else between(first - _ALONE / 2, first + _ALONE / 2)


def between(start: float, end: float) -> Window:
    """The window between two times, in seconds since 1970."""
    return Window(start=start, end=end, scrape=1.0)


def chart(
    page: Page,
    box: Box,
    found: Sequence[Series],
    window: Window,
    *,
    gid: str,
    unit: str = "",
    kind: Kind = "line",
    threshold: float | None = None,
) -> Axes:
    """Draw series into a box, with their axes; the gid of a series is `GID NAME`, of a threshold `GID threshold`.

    Args:
        page: where.
        box: the room for it, axes included.
        found: the series.
        window: from when to when.
        gid: of the axes.
        unit: of the values; one of `refapp.draw.dashboards.units`.
        kind: lines, areas on each other, or bars on each other.
        threshold: a value that is marked by a dashed line.
    """
    stacked = kind != "line"
    high = _highest(found, stacked=stacked)
    high = high if threshold is None else max(high, threshold * 1.05)
    low = min((float(np.nanmin(one.numbers)) for one in found), default=0.0)
    inner = box.inner(top=_TOP, bottom=timeaxis.HEIGHT)
    axis = value_axis(Field(unit=unit), min(low, 0.0), high, inner.h, zero=True)
    inner = inner.inner(left=axis.width)
    axes = page.axes(inner, gid)
    axes.set_ylim(axis.low, axis.high)
    counts = not unit and all((one.numbers[np.isfinite(one.numbers)] % 1 == 0).all() for one in found)
    ticks = [(tick, label) for tick, label in axis.ticks if not counts or tick % 1 == 0]
    axes.set_yticks([tick for tick, _ in ticks], [label for _, label in ticks])
    axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.5)
    axes.tick_params(labelcolor=GREY)
    shown = _with_bars(window, found) if kind == "bar" else window
    timeaxis.draw(axes, shown, inner)
    {"line": _lines, "stacked area": _areas, "bar": _bars}[kind](axes, found, gid)
    if threshold is not None:
        line = axes.axhline(threshold, color=THRESHOLD, linewidth=1.1, linestyle=(0, (4, 2)), zorder=4)
        line.set_gid(f"{gid} threshold")
    return axes


def step_of(found: Sequence[Series]) -> float:
    """The distance of two points, in seconds; a minute where there is only one."""
    gaps = [float(np.diff(np.unique(one.times)).min()) for one in found if len(np.unique(one.times)) > 1]
    return min(gaps, default=_ALONE)


def _highest(found: Sequence[Series], *, stacked: bool) -> float:
    if not found:
        return 1.0
    if not stacked:
        return max(0.0, *(float(np.nanmax(one.numbers)) for one in found))
    return float(np.sum([np.nan_to_num(one.numbers) for one in found], axis=0).max())


def _with_bars(window: Window, found: Sequence[Series]) -> Window:
    """So that the last bar, which begins at its time, is in it."""
    last = max((float(one.times.max()) for one in found), default=window.start)
    return between(window.start, max(window.end, last + step_of(found)))


def _lines(axes: Axes, found: Sequence[Series], gid: str) -> None:
    for one in found:
        (line,) = axes.plot(one.times, one.numbers, color=one.colour, linewidth=1.3, solid_capstyle="round", zorder=3)
        line.set_gid(f"{gid} {one.name}")
        there = np.isfinite(one.numbers)
        alone = there & ~np.append(False, there[:-1]) & ~np.append(there[1:], False)  # no line shows it
        axes.plot(one.times[alone], one.numbers[alone], "o", color=one.colour, markersize=2.5, zorder=3)


def _areas(axes: Axes, found: Sequence[Series], gid: str) -> None:
    base = np.zeros(len(found[0].times)) if found else np.zeros(0)
    for one in found:
        top = base + np.nan_to_num(one.numbers)
        area = axes.fill_between(one.times, base, top, facecolor=tint(one.colour, 0.5), edgecolor="none", zorder=2)
        area.set_gid(f"{gid} {one.name}")
        axes.plot(one.times, top, color=one.colour, linewidth=1.1, zorder=3)
        base = top


def _bars(axes: Axes, found: Sequence[Series], gid: str) -> None:
    step = step_of(found)
    base = np.zeros(len(found[0].times)) if found else np.zeros(0)
    for one in found:
        height = np.nan_to_num(one.numbers)
        bars = axes.bar(one.times, height, step * _BAR, base, align="edge", color=one.colour, zorder=3)
        for bar in bars:
            bar.set_gid(f"{gid} {one.name}")
        base = base + height
