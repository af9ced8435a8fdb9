"""Figures of logs: one request across the platform, and failures over time."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from refapp.draw.style import BLUE, FAINT, GREEN, GREY, INK, PURPLE, VERMILION, panels


class _Mark(NamedTuple):
    colour: str
    marker: str
    size: float


# A level has a shape as well as a colour: not everybody can tell colours apart.
_LEVELS = MappingProxyType(
    {
        "trace": _Mark(GREY, ".", 30),
        "debug": _Mark(GREY, "d", 34),
        "info": _Mark(BLUE, "o", 42),
        "warning": _Mark(PURPLE, "^", 48),
        "error": _Mark(VERMILION, "X", 56),
        "fatal": _Mark(INK, "s", 48),
        "panic": _Mark(INK, "*", 90),
    }
)
_CODES = MappingProxyType({"UNAVAILABLE": VERMILION, "DEADLINE_EXCEEDED": PURPLE, "CANCELLED": GREY})
_LANE = 0.3  # inches
_ROW = 0.42
_HEADROOM = 1.35  # of the highest bar, so that neighbouring rows keep apart


def story(lines: pd.DataFrame, lanes: Sequence[str]) -> Figure:
    """The lines of one request: a lane for each workload, a mark for each line, in milliseconds after the first.

    Args:
        lines: columns time, level and workload.
        lanes: the workloads from top to bottom; one that wrote nothing keeps its empty lane, and lines of others are
            left out.
    """
    figure, ((axes,),) = panels(0.95 + _LANE * len(lanes))
    shown = lines[lines["workload"].isin(lanes)]
    ms = (shown["time"] - shown["time"].min()).dt.total_seconds() * 1000
    shown = shown.assign(ms=ms, row=shown["workload"].map({lane: row for row, lane in enumerate(lanes)}))
    spans = shown.groupby("row")["ms"].agg(["min", "max"])
    axes.hlines(spans.index.to_numpy(), spans["min"], spans["max"], color=FAINT, linewidth=6, zorder=1)
    for level, (colour, marker, size) in _LEVELS.items():
        own = shown[shown["level"] == level]
        if len(own):
            axes.scatter(own["ms"], own["row"], s=size, c=colour, marker=marker, label=level, alpha=0.8, zorder=3)
    axes.set(xlabel="milliseconds after the first line", ylim=(len(lanes) - 0.5, -0.5))
    axes.set_yticks(range(len(lanes)), lanes)
    figure.legend(loc="outside upper left", ncols=4)
    return figure


def failures(lines: pd.DataFrame, moments: Mapping[str, float], *, step: float = 0.25) -> Figure:
    """How often each hop failed: a row for each in the order of the frame, a bar for each `step` seconds.

    Args:
        lines: columns seconds, hop and code (the name of a gRPC status), one row a failure.
        moments: what happened meanwhile, and when: in seconds, as in the frame.
        step: the width of a bar, in seconds.
    """
    hops, codes = lines["hop"].unique().tolist(), lines["code"].unique().tolist()
    bars = (
        lines.assign(bar=lines["seconds"] // step)
        .pivot_table(index=["hop", "bar"], columns="code", values="seconds", aggfunc="count", fill_value=0)
        .astype(int)
    )
    highest = int(bars.sum(axis="columns").max())
    figure, ((axes,),) = panels(1.2 + _ROW * len(hops))
    for row, hop in enumerate(hops):
        base = len(hops) - 1 - row
        axes.axhline(base, color=FAINT, linewidth=0.6, zorder=0)
        _stack(axes, bars.loc[hop, codes] / (highest * _HEADROOM), base=base, step=step)
    middle = (lines["seconds"].min() + lines["seconds"].max()) / 2
    for number, (text, second) in enumerate(moments.items()):
        side, gap = ("right", -4) if second > middle else ("left", 4)
        top = len(hops) + 0.05 + 0.35 * (number % 2)
        axes.axvline(second, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(text, (second, top), (gap, 0), textcoords="offset points", ha=side, fontsize=9)
    axes.set(xlabel=f"seconds; the highest bar: {highest} in {step:g} s", ylim=(-0.05, len(hops) + 0.8))
    axes.set_yticks([len(hops) - 0.65 - row for row in range(len(hops))], hops)
    handles = [Patch(color=_colour(code), label=code) for code in codes]
    figure.legend(handles=handles, loc="outside upper left", ncols=3)
    return figure


def _stack(axes: Axes, heights: pd.DataFrame, *, base: float, step: float) -> None:
    """The bars of one hop, those of its codes on top of each other."""
    bottom = pd.Series(base, index=heights.index, dtype=float)
    for code in heights:
        bottoms = bottom.to_numpy()
        axes.bar(heights.index * step, heights[code], step * 0.9, bottoms, align="edge", color=_colour(code))
        bottom = bottom + heights[code]


def _colour(code: object) -> str:
    return _CODES.get(str(code), GREEN)
