"""How the time of a trace is spread over services and operations, as Jaeger's *Trace Statistics* table."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from refapp.draw.colours import service_colours, tint
from refapp.draw.sheet import MARGIN, SMALL, TINY, sheet, write
from refapp.draw.style import GREY, INK, WIDTH
from refapp.draw.texts import duration, short_names, width
from refapp.query.tracing.tree import short

_HEADER = 0.42  # inches
_ROW = 0.2
_BAR = 0.13
_STRIPE = "#f3f4f6"
_NAMES = ("service", "operation", "kind")
# The right end of each column, in inches.
_COLUMNS = {"count": 2.86, "total_ms": 3.44, "average_ms": 4.02, "min_ms": 4.6, "max_ms": 5.18, "self_ms": 5.76}
_HEADS = {"count": "count", "total_ms": "total", "average_ms": "avg", "min_ms": "min", "max_ms": "max", "self_ms": "ST"}
_BARS = 5.82
_LARGEST = 0.6  # of what is left, for one column of names


def statistics_table(frame: pd.DataFrame, services: Iterable[str] = ()) -> Figure:
    """A row for each group of spans, and at its end a bar for the share of the trace in which none of its children ran.

    Gids: `bar ROW`, counted from 0, as long as that share; the texts are `COLUMN ROW`, by the frame's columns.

    Args:
        frame: as `refapp.query.tracing.statistics.statistics` returns it: the columns of what the spans were put
            together by, then count, total_ms, average_ms, min_ms, max_ms, self_ms and self_share.
        services: those of the trace, in its order, so that they have their colours in its other figures.
    """
    figure, axes = sheet(_HEADER + _ROW * len(frame) + MARGIN)
    by = [name for name in _NAMES if name in frame]
    _heads(axes, by)
    listed = frame["service"].tolist() if "service" in frame else []
    names, colours = short_names(listed), service_colours((*services, *listed))
    ends = _ends([[_name(name, text, names) for text in frame[name]] for name in by])
    for number, row in enumerate(frame.to_dict("records")):
        y = _HEADER + _ROW * number
        if number % 2 == 0:
            axes.add_artist(Rectangle((0, y), WIDTH, _ROW, facecolor=_STRIPE, edgecolor="none", zorder=1))
        _names(axes, y, number, [_name(name, row[name], names) for name in by], by, ends)
        _numbers(axes, y, number, row)
        colour = colours.get(row.get("service", ""), GREY)
        axes.add_artist(Rectangle((0, y), 0.05, _ROW, facecolor=colour, edgecolor="none", zorder=2))
        wide = (WIDTH - MARGIN - _BARS) * min(1.0, row["self_share"])
        bar = Rectangle((_BARS, y + (_ROW - _BAR) / 2), wide, _BAR, facecolor=tint(colour, 0.5), edgecolor="none")
        bar.set(gid=f"bar {number}", zorder=2)
        axes.add_artist(bar)
        share = f"{row['self_share']:.0%}"
        write(axes, (WIDTH - MARGIN, y + _ROW / 2), share, size=TINY, align="right", gid=f"self_share {number}")
    return figure


def _heads(axes: Axes, by: list[str]) -> None:
    y = _HEADER - 0.12
    write(axes, (MARGIN, y), ", ".join(by), size=SMALL, bold=True, gid="by")
    for name, right in _COLUMNS.items():
        write(axes, (right, y), _HEADS[name], size=SMALL, bold=True, align="right", gid=f"head {name}")
    write(axes, (WIDTH - MARGIN, y), "of trace", size=SMALL, bold=True, align="right")
    axes.plot((0, WIDTH), (_HEADER, _HEADER), color=GREY, linewidth=0.8, zorder=3)
    note = "ST: self time, in which none of the children ran"
    write(axes, (WIDTH - MARGIN, 0.12), note, size=TINY, colour=GREY, align="right")


def _name(column: str, text: str, names: dict[str, str]) -> str:
    if column == "service":
        return names[text]
    return short(text) if column == "operation" else text.lower()


def _ends(columns: list[list[str]]) -> list[float]:
    """Where each column of names ends, in inches: as much as it needs, or its part of what there is."""
    left, right = MARGIN, _COLUMNS["count"] - 0.3
    ends: list[float] = []
    for place, texts in enumerate(columns):
        needed = max((width(text, TINY, bold=place == 0) for text in texts), default=0) + 0.1
        last = place == len(columns) - 1
        left = right if last else min(left + needed, left + _LARGEST * (right - left))
        ends.append(left)
    return ends


def _names(axes: Axes, y: float, number: int, texts: list[str], by: list[str], ends: list[float]) -> None:
    """What the row stands for, side by side: the first in bold letters."""
    lefts = [MARGIN, *ends[:-1]]
    for place, (text, name, left, end) in enumerate(zip(texts, by, lefts, ends, strict=True)):
        at = (left, y + _ROW / 2)
        first = place == 0
        room = end - left - 0.06
        colour = INK if first else GREY
        write(axes, at, text, size=TINY, bold=first, colour=colour, room=room, gid=f"{name} {number}")


def _numbers(axes: Axes, y: float, number: int, row: dict[Any, Any]) -> None:
    for name, right in _COLUMNS.items():
        text = f"{row[name]:,}" if name == "count" else duration(1000 * row[name])
        write(axes, (right, y + _ROW / 2), text, size=TINY, align="right", gid=f"{name} {number}")
