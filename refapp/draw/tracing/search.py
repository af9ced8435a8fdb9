"""Traces as Jaeger's search page lists them: how long each took and when, and below that one after the other."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from refapp.draw.colours import service_colours, tint
from refapp.draw.sheet import MARGIN, SMALL, TINY, box, sheet, write
from refapp.draw.style import BLUE, FAINT, GREY, VERMILION, WIDTH
from refapp.draw.texts import counted, duration, moment, short_names, shorten, unit, width
from refapp.query.tracing.spans import Trace

_SCATTER = (0.3, 1.35)  # inches: top and height
_LIST = 2.15  # inches, where the list begins
_TITLE = 0.25
_CHIP = 0.185  # the height of a chip; the lines of chips are
_CHIPS = 0.23  # apart
_BETWEEN = 0.12
_LEFT = 0.62  # of the scatter plot
_AREA = (22, 13)  # square points of a trace with no spans, and for each
_LARGEST = 700
_SHORTEST = 2 / 86_400  # days that the scatter plot shows at least
_DAY = 86_400e6  # microseconds


class _Chip(NamedTuple):
    text: str
    face: str
    mark: str  # the colour at its left end, or none
    gid: str


class _Placed(NamedTuple):
    chip: _Chip
    x: float
    line: int
    width: float


def search(traces: Iterable[Trace], *, rows: int = 8) -> Figure:
    """How long each trace took over when it began, and below it the newest traces with their services.

    The first axes hold the list, in inches; the second the scatter plot: time in days since 1970,
    duration in µs. Its collections are labelled `without errors` and `with errors`; the area of a mark grows with
    the number of spans. Gids: `trace ID`, the bar of a row, as long as the trace lasted compared with the longest
    that is listed; `title ID`, `duration ID`, `time ID`, `spans ID`, `errors ID` and `service ID NAME`.

    Args:
        traces: what was found, at least one.
        rows: how many traces are listed at most; the plot shows all.

    Raises:
        ValueError: there are no traces.
    """
    found = sorted(traces, key=lambda trace: trace.start, reverse=True)
    if not found:
        raise ValueError("there are no traces to show")
    listed = found[:rows]
    colours = service_colours(name for trace in found for name in trace.services)
    names = short_names(colours)
    chips = [_arranged(_chips(trace, names, colours)) for trace in listed]
    heights = [_TITLE + (max(chip.line for chip in own) + 1) * _CHIPS + 0.04 for own in chips]
    figure, ground = sheet(_LIST + sum(heights) + _BETWEEN * len(heights))
    _scatter(figure, found)
    text = counted(len(found), "trace") + (f", the newest {len(listed)} of them" if len(listed) < len(found) else "")
    write(ground, (MARGIN, _LIST - 0.14), text, bold=True, gid="found")
    one_day = len({moment(trace.start, "%Y-%m-%d") for trace in listed}) == 1
    layout = "%H:%M:%S.%f" if one_day else "%Y-%m-%d %H:%M:%S"
    y, longest = _LIST, max(1, *(trace.duration for trace in listed))
    for trace, own, height in zip(listed, chips, heights, strict=True):
        _entry(ground, y, trace, own, height, trace.duration / longest, layout)
        y += height + _BETWEEN
    return figure


def _scatter(figure: Figure, traces: Sequence[Trace]) -> None:
    height = figure.get_figheight()
    top, tall = _SCATTER
    place = (_LEFT / WIDTH, 1 - (top + tall) / height, (WIDTH - _LEFT - 2 * MARGIN) / WIDTH, tall / height)
    axes = figure.add_axes(place)
    handles: list[Line2D] = []
    for failed, label, colour, marker in ((False, "without errors", BLUE, "o"), (True, "with errors", VERMILION, "X")):
        own = [trace for trace in traces if bool(trace.errors) == failed]
        if own:
            sizes = [min(_LARGEST, _AREA[0] + _AREA[1] * len(trace.spans)) for trace in own]
            times = [trace.start / _DAY for trace in own]
            spots = axes.scatter(times, [trace.duration for trace in own], s=sizes, c=colour, marker=marker)
            spots.set(label=label, alpha=0.6, edgecolor="white", linewidth=0.8, gid=label, zorder=3)
            handles.append(Line2D([], [], color=colour, marker=marker, linestyle="", markersize=6, label=label))
    first, last = traces[-1].start / _DAY, traces[0].start / _DAY
    margin = max(0.06 * (last - first), _SHORTEST / 2)
    axes.set_xlim(first - margin, last + margin)
    axes.set_ylim(0, 1.2 * max(1, *(trace.duration for trace in traces)))
    size, name = unit(max(trace.duration for trace in traces))
    axes.yaxis.set_major_locator(_Multiples(size))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / size:g} {name}" if value else "0"))
    locator = AutoDateLocator(tz=UTC, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=GREY)
    axes.xaxis.get_offset_text().set(fontsize=SMALL, color=GREY)
    axes.spines[:].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=GREY)
    axes.grid(visible=True, axis="both", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2, fontsize=SMALL, frameon=False)
    axes.text(0, 1.09, "duration over start (UTC), area by spans", transform=axes.transAxes, fontsize=SMALL)


class _Multiples(MaxNLocator):
    """Round numbers of a unit."""

    def __init__(self, size: int) -> None:
        super().__init__(4)
        self._size = size

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        return [self._size * float(tick) for tick in super().tick_values(vmin / self._size, vmax / self._size)]


def _chips(trace: Trace, names: dict[str, str], colours: dict[str, str]) -> list[_Chip]:
    ident = trace.trace_id
    chips = [_Chip(counted(len(trace.spans), "span"), FAINT, "none", f"spans {ident}")]
    if trace.errors:
        chips.append(_Chip(counted(trace.errors, "error"), tint(VERMILION, 0.35), VERMILION, f"errors {ident}"))
    counts = Counter(span.service for span in trace.spans)
    room = WIDTH - 2 * MARGIN - 0.6
    for name in sorted(trace.services):
        text = f"{shorten(names[name], room, TINY)} ({counts[name]})"
        chips.append(_Chip(text, tint(colours[name], 0.16), colours[name], f"service {ident} {name}"))
    return chips


def _arranged(chips: Sequence[_Chip]) -> list[_Placed]:
    """The chips from left to right, in as many lines as they need."""
    placed: list[_Placed] = []
    left = x = MARGIN + 0.08
    line = 0
    for chip in chips:
        wide = width(chip.text, TINY) + 0.18
        if x > left and x + wide > WIDTH - MARGIN - 0.08:
            x, line = left, line + 1
        placed.append(_Placed(chip, x, line, wide))
        x += wide + 0.06
    return placed


def _entry(
    axes: Axes, y: float, trace: Trace, chips: Sequence[_Placed], height: float, share: float, layout: str
) -> None:
    ident, root = trace.trace_id, trace.roots[0]
    wide = WIDTH - 2 * MARGIN
    box(axes, (MARGIN, y), (wide, height), face="white", edge=FAINT, radius=0.0)
    axes.add_artist(Rectangle((MARGIN, y), wide, _TITLE, facecolor=tint(FAINT, 0.35), edgecolor="none", zorder=2))
    colour = tint(VERMILION if trace.errors else BLUE, 0.3)
    axes.add_artist(
        Rectangle((MARGIN, y), share * wide, _TITLE, facecolor=colour, edgecolor="none", zorder=3, gid=f"trace {ident}")
    )
    middle, right = y + _TITLE / 2, WIDTH - MARGIN - 0.08
    last = write(
        axes, (right, middle), duration(trace.duration), bold=True, align="right", gid=f"duration {ident}"
    ).get_text()
    right -= width(last, SMALL, bold=True) + 0.14
    time = moment(trace.start, layout)
    write(axes, (right, middle), time, size=TINY, align="right", gid=f"time {ident}")
    right -= width(time, TINY) + 0.14
    short = ident[:7]
    write(axes, (right, middle), short, size=TINY, mono=True, align="right", gid=f"id {ident}")
    right -= width(short, TINY, mono=True) + 0.14
    left = MARGIN + 0.08
    title = f"{root.service}: {root.operation}"
    write(axes, (left, middle), title, bold=True, room=right - left, gid=f"title {ident}")
    for chip, x, line, long in chips:
        top = y + _TITLE + 0.05 + line * _CHIPS
        box(axes, (x, top), (long, _CHIP), face=chip.face, radius=0.0, gid=chip.gid)
        axes.add_artist(Rectangle((x, top), 0.05, _CHIP, facecolor=chip.mark, edgecolor="none", zorder=3))
        write(axes, (x + 0.1, top + _CHIP / 2), chip.text, size=TINY)
