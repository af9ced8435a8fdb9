"""A trace as Jaeger's timeline shows it: a row for each span, a bar from its start to its end."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from refapp.draw.colours import service_colours
from refapp.draw.sheet import MARGIN, SMALL, TINY, TITLE, badge, sheet, write
from refapp.draw.style import GREY, INK, VERMILION, WIDTH
from refapp.draw.texts import counted, duration, moment, short_names, width
from refapp.draw.tracing.timeaxis import Place, time_axes
from refapp.query.tracing.criticalpath import Section
from refapp.query.tracing.criticalpath import critical_path as sections_of
from refapp.query.tracing.spans import Span, Trace
from refapp.query.tracing.tree import short

_ROW = 0.21  # inches
_HEADER = 0.6
_TICKS = 0.22
_LABELS = 2.72  # inches up to where the bars begin
_END = 0.62  # inches that are left for the duration of a bar that lasts to the end
_INDENT = 0.11
_INDENTS = 1.1  # inches at most, however deep the trace is
_BAR = 0.6  # of a row
_LINE = 0.2  # of a row, the critical path
_GAP = 3  # points
_OPERATION = 0.3  # inches below which an operation is not worth showing


def timeline(trace: Trace, critical_path: bool = True) -> Figure:
    """A row for each span: its service and operation, indented below its parent, and a bar from its start to its end.

    The first axes hold the texts, in inches; the second the bars, in microseconds after the start of the trace and
    in rows that count from 0. Gids: `span ID` is a bar, `service ID`, `operation ID` and
    `duration ID` are texts, `error ID` a sign, `guide ID` the line from a span down to its last child, and
    `critical ID` a section of the critical path.

    Args:
        trace: the spans.
        critical_path: whether to draw the critical path, as a black line in the bars.
    """
    rows = list(trace.walk())
    height = _HEADER + _TICKS + _ROW * len(rows) + MARGIN
    figure, ground = sheet(height)
    bars = time_axes(figure, trace.duration, len(rows), Place(_LABELS, _HEADER + _TICKS, _ROW, _END))
    _heading(ground, trace, critical_path=critical_path)
    names, colours = short_names(trace.services), service_colours(trace.services)
    indent = min(_INDENT, _INDENTS / trace.depth)
    row_of = {span: row for row, (_, span) in enumerate(rows)}
    for row, (depth, span) in enumerate(rows):
        at = (MARGIN + depth * indent, _HEADER + _TICKS + _ROW * (row + 0.5))
        last = max((row_of[child] for child in trace.children(span)), default=row)
        _guides(ground, span, at, (last - row) * _ROW, indent if depth else 0)
        _label(ground, at, span, names[span.service], colours[span.service])
        _bar(bars, row, span, span.start - trace.start, colours[span.service])
    if critical_path:
        for section in sections_of(trace):
            _critical(bars, row_of[section.span], section, trace.start)
    return figure


def _heading(ground: Axes, trace: Trace, *, critical_path: bool) -> None:
    root = trace.roots[0]
    ident = trace.trace_id[:7]
    write(ground, (WIDTH - MARGIN, 0.16), ident, size=SMALL, mono=True, colour=GREY, align="right", gid="trace id")
    room = WIDTH - 2 * MARGIN - 0.7
    title = f"{root.service}: {root.operation}"
    write(ground, (MARGIN, 0.16), title, size=TITLE, bold=True, room=room, gid="title")
    facts = (
        moment(trace.start) + " UTC",
        duration(trace.duration),
        counted(len(trace.services), "service"),
        f"depth {trace.depth}",
        counted(len(trace.spans), "span"),
        *((counted(trace.errors, "error"),) if trace.errors else ()),
    )
    write(ground, (MARGIN, 0.4), "  ·  ".join(facts), size=SMALL, gid="facts")
    if critical_path:
        y = _HEADER + 0.08
        ground.plot((MARGIN, MARGIN + 0.2), (y, y), color=INK, linewidth=2.2, solid_capstyle="butt", zorder=3)
        write(ground, (MARGIN + 0.26, y), "critical path", size=TINY, colour=GREY)


def _guides(ground: Axes, span: Span, at: tuple[float, float], down: float, indent: float) -> None:
    """The line from a span down to its last child, and the one from its parent's to the span."""
    x, y = at
    if down:
        (line,) = ground.plot((x, x), (y + 0.06, y + down), color=GREY, linewidth=0.6, zorder=1)
        line.set_gid(f"guide {span.span_id}")
    if indent:
        ground.plot((x - indent, x - 0.02), (y, y), color=GREY, linewidth=0.6, zorder=1)


def _label(ground: Axes, at: tuple[float, float], span: Span, name: str, colour: str) -> None:
    x, y = at
    mark = Rectangle((x - 0.02, y - 0.065), 0.05, 0.13, facecolor=colour, edgecolor="none", zorder=3)
    ground.add_artist(mark)
    left, right = x + 0.09, _LABELS - 0.08
    if span.error:
        badge(ground, (left + 0.05, y), gid=f"error {span.span_id}")
        left += 0.16
    shown = write(ground, (left, y), name, bold=True, room=right - left, gid=f"service {span.span_id}").get_text()
    left += width(shown, SMALL, bold=True) + 0.06
    if right - left >= _OPERATION:
        gid = f"operation {span.span_id}"
        write(ground, (left, y), short(span.operation), size=TINY, colour=GREY, room=right - left, gid=gid)


def _bar(bars: Axes, row: int, span: Span, start: int, colour: str) -> None:
    # The edge keeps a span visible that is too short for a pixel.
    patch = Rectangle((start, row - _BAR / 2), span.duration, _BAR, facecolor=colour, edgecolor=colour, linewidth=0.8)
    patch.set(gid=f"span {span.span_id}", zorder=2)
    bars.add_artist(patch)
    text, right = duration(span.duration), bars.get_xlim()[1]
    room = width(text, TINY) * right / (WIDTH - _LABELS)
    fits = start + span.duration + 1.2 * room <= right
    note = bars.annotate(
        text,
        (start + span.duration if fits else start, row),
        (_GAP if fits else -_GAP, 0),
        textcoords="offset points",
        ha="left" if fits else "right",
        va="center_baseline",
        fontsize=TINY,
        color=VERMILION if span.error else INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )
    note.set(gid=f"duration {span.span_id}", zorder=4)


def _critical(bars: Axes, row: int, section: Section, start: int) -> None:
    line = Rectangle((section.start - start, row - _LINE / 2), section.end - section.start, _LINE, facecolor=INK)
    # White keeps it apart from a dark bar.
    line.set(edgecolor="white", linewidth=0.4, gid=f"critical {section.span.span_id}", zorder=3)
    bars.add_artist(line)
