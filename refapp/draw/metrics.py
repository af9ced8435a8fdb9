"""Figures of metrics: series over time, and what a histogram's buckets tell of a quantity."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from refapp.draw.colours import service_colours
from refapp.draw.graph.ordering import apart
from refapp.draw.style import BLUE, GREY, INK, VERMILION, panels
from refapp.draw.texts import counted

_NAMED = 10
_HEIGHT = 2.9  # inches; of a panel that is alone
_LOWER = 1.75  # of one of several
_LINE = 0.145  # inches from a name to the next
_NAME = 8.5  # points
_HEADROOM = 0.15  # of the highest value; for the names of moments
_POD = re.compile(r"-[a-z0-9]{8,10}-[a-z0-9]{5}$")  # what a Deployment adds to its name
_STEPS = (1, 2, 5, 10, 15, 30, *(60 * n for n in (1, 2, 5, 10, 15, 30)), *(3600 * n for n in (1, 2, 6, 12, 24, 168)))
_TIMES = 7  # as many are written below a figure
_MINUTE = 60
_OTHERS = "#b6bbc4"
_TRUTHS = (VERMILION, INK)
_WHOLE = 0.995  # the share of what was counted that a figure of buckets shows
_APART = 0.05  # of the figure's width: the least distance of two edges that are written


@dataclass(frozen=True)
class Panel:
    """Series over time, as `refapp.query.metrics.Metrics.range` gives them, with a title and the unit of the values.

    `levels` are values to be marked by a dashed line, by their names. Of the series `named` at most have a colour and a
    name, those with the largest mean; the others are grey.
    """

    frame: pd.DataFrame
    title: str
    unit: str = ""
    levels: Mapping[str, float] = field(default_factory=dict)
    named: int = _NAMED


def lines(
    frame: pd.DataFrame,
    title: str,
    unit: str = "",
    *,
    levels: Mapping[str, float] | None = None,
    moments: Mapping[str, datetime] | None = None,
    named: int = _NAMED,
) -> Figure:
    """Series over time, each named at its end; a gap is where it has no value. Times are UTC.

    Pods are named by their workloads as long as that tells them apart.

    Args:
        frame: one column a series, as `refapp.query.metrics.Metrics.range` gives it.
        title: what is shown.
        unit: of the values.
        levels: values to be marked by a dashed line, by their names.
        moments: times to be marked, by their names.
        named: how many series have a colour and a name at most, those with the largest mean; the others are grey.
    """
    return stack([Panel(frame, title, unit, levels or {}, named)], moments)


def stack(rows: Sequence[Panel], moments: Mapping[str, datetime] | None = None) -> Figure:
    """Panels one below the other, over the same time.

    Args:
        rows: the panels, from the top.
        moments: times to be marked in each, by their names, which are in the first one.
    """
    height = _HEIGHT if len(rows) == 1 else _LOWER
    figure, grid = panels(height * len(rows) + 0.25, len(rows), share_x=True)
    for row, (axes,) in zip(rows, grid, strict=True):
        named = moments and axes is grid[0][0]
        _draw(axes, row, height, _HEADROOM if named else 0.0)
        for moment in (moments or {}).values():
            axes.axvline(moment.timestamp(), color=INK, linewidth=1, zorder=1)
    for name, moment in (moments or {}).items():
        at, across = (moment.timestamp(), 0.97), ("data", "axes fraction")
        grid[0][0].annotate(name, at, (4, 0), xycoords=across, textcoords="offset points", fontsize=_NAME, va="top")
    _time_axis(grid[-1][0], _seconds(rows[0].frame))
    return figure


def buckets(
    frame: pd.DataFrame, measured: Mapping[str, Sequence[float]], quantiles: Sequence[float] = (), unit: str = "ms"
) -> Figure:
    """The shares that a histogram's buckets tell, and the line that `histogram_quantile` draws through them.

    Args:
        frame: one row a bucket: `le`, its upper edge, and `value`, how many were not above it.
        measured: the same quantity measured one by one, at most twice, by what has measured it.
        quantiles: shares (0 to 1) at which the lines are to be compared.
        unit: of the edges.

    Raises:
        ValueError: nothing was counted.
    """
    edges, shares = _cumulated(frame)
    figure, ((axes,),) = panels(3.7)
    axes.plot(edges, shares, color=BLUE, linewidth=2, marker="o", markersize=6, label="buckets, joined by lines")
    for (name, values), colour in zip(measured.items(), _TRUTHS, strict=False):
        axes.ecdf(values, color=colour, linewidth=1.6, label=name)
    for q in quantiles:
        axes.axhline(q, color=GREY, linewidth=1, linestyle="--", zorder=1)
        axes.annotate(
            f"p{100 * q:g}", (1, q), (4, 0), xycoords="axes fraction", textcoords="offset points", va="center"
        )
    last = int(np.argmax(shares >= _WHOLE)) if (shares >= _WHOLE).any() else len(edges) - 1
    end = 1.04 * edges[last]
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.03)
    axes.set_xticks(_apart(edges[: last + 1], end))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(visible=True, axis="x")
    axes.set_xlabel(f"{unit}; a line for each edge of a bucket")
    axes.set_ylabel("not above it")
    figure.legend(loc="outside upper left", ncols=3)
    return figure


def short_names(names: Sequence[str]) -> dict[str, str]:
    """What a name in a figure is for each name: of a pod its workload, where that tells all of them apart."""
    heads = [_POD.sub("", name) for name in names]
    return dict(zip(names, heads if len(set(heads)) == len(names) else names, strict=True))


def _draw(axes: Axes, row: Panel, height: float, headroom: float) -> None:
    """The series of a panel, below some room; those with a name come last, so that they are not hidden."""
    frame = row.frame.dropna(axis="columns", how="all")
    order = [str(name) for name in frame.mean().sort_values(ascending=False).index]
    chosen, others = order[: row.named], order[row.named :]
    colours = service_colours(sorted(chosen))
    times = _seconds(frame)
    for name in [*others, *reversed(chosen)]:
        values = frame[name].to_numpy(dtype=float)
        colour, width = (colours[name], 1.9) if name in colours else (_OTHERS, 1.1)
        (line,) = axes.plot(times, values, color=colour, linewidth=width, solid_capstyle="round")
        line.set_gid(f"series {name}")
        alone = _alone(values)
        axes.plot(times[alone], values[alone], "o", color=colour, markersize=3)
    for name, level in row.levels.items():
        axes.axhline(level, color=VERMILION, linewidth=1.2, linestyle="--")
        at, across = (1, level), ("axes fraction", "data")
        axes.annotate(
            name,
            at,
            (-2, 3),
            xycoords=across,
            textcoords="offset points",
            ha="right",
            color=VERMILION,
            fontsize=_NAME,
        )
    _value_axis(axes, frame, row, headroom)
    shown = short_names(order)
    ends = {name: float(frame[name].dropna().iloc[-1]) for name in chosen}
    texts = [(shown[name], ends[name], colours[name]) for name in chosen]
    if others:
        level = float(frame[others].ffill().iloc[-1].mean())
        texts.append((counted(len(others), "other"), level, GREY))
    _name(axes, texts if len(order) > 1 else [], height)
    axes.set_title(row.title, loc="left")


def _seconds(frame: pd.DataFrame) -> NDArray[np.float64]:
    """When the rows are, in seconds since 1970."""
    return np.array([moment.timestamp() for moment in frame.index], dtype=np.float64)


def _time_axis(axes: Axes, times: NDArray[np.float64]) -> None:
    """Whole seconds, minutes or hours below the lowest panel."""
    axes.set_xlabel("time, UTC")
    first, last = (times[0], times[-1]) if len(times) else (0.0, 0.0)
    step = next((step for step in _STEPS if (last - first) / step < _TIMES), _STEPS[-1])
    ticks = np.arange(-(-first // step) * step, last + 1e-6, step)
    layout = "%H:%M:%S" if step < _MINUTE else "%H:%M" if last - first < _STEPS[-2] else "%m-%d %H:%M"
    axes.set_xticks(ticks, [datetime.fromtimestamp(tick, UTC).strftime(layout) for tick in ticks])


def _value_axis(axes: Axes, frame: pd.DataFrame, row: Panel, headroom: float) -> None:
    low, high = (float(np.nanmin(frame)), float(np.nanmax(frame))) if frame.size else (0.0, 1.0)
    high = max(high, *row.levels.values(), 0.0)
    low = min(low, *row.levels.values(), 0.0)
    axes.set_ylim(1.05 * low, (1.1 + headroom) * high if high > low else low + 1)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.grid(visible=True, axis="y")
    axes.grid(visible=False, axis="x")
    axes.set_ylabel(row.unit)


def _name(axes: Axes, texts: Sequence[tuple[str, float, str]], height: float) -> None:
    """The names of series, to the right of the panel, each as near to its end as the others let it."""
    low, high = axes.get_ylim()
    ordered = sorted(texts, key=lambda text: text[1])
    # Panels lose about half an inch to their title and the axis of time.
    places = _spread([(value - low) / (high - low) for _, value, _ in ordered], _LINE / (height - 0.5))
    for (text, _, colour), place in zip(ordered, places, strict=True):
        axes.annotate(
            text,
            (1, place),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=_NAME,
            parse_math=False,
        )


def _spread(places: Sequence[float], least: float) -> list[float]:
    """Places in ascending order, moved as little as needed to be so far apart, and above 0 if there is room."""
    placed = apart(places, [(least / 2, least / 2)] * len(places))
    return [max(place, least * number) for number, place in enumerate(placed)]


def _alone(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a value has no neighbour, so that no line shows it."""
    there = ~np.isnan(values)
    before, after = np.append(False, there[:-1]), np.append(there[1:], False)
    found: NDArray[np.bool_] = there & ~before & ~after
    return found


def _cumulated(frame: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The finite edges, from 0, and the share up to each."""
    ordered = frame.assign(edge=frame["le"].astype(float)).sort_values("edge")
    total = float(ordered["value"].max()) if len(ordered) else 0.0
    if not total > 0:
        raise ValueError("nothing was counted in these buckets")
    finite = ordered[np.isfinite(ordered["edge"])]
    return np.append(0.0, finite["edge"]), np.append(0.0, finite["value"] / total)


def _apart(edges: NDArray[np.float64], end: float) -> list[float]:
    """Those edges that can be written beside each other; from the right, where they are widest apart."""
    chosen: list[float] = []
    for edge in reversed(edges):
        if not chosen or chosen[-1] - edge >= _APART * end:
            chosen.append(float(edge))
    return chosen
