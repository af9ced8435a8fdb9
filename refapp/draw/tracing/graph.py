"""A trace as Jaeger's trace graph shows it: its spans put together by the path on which they were reached."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from matplotlib.figure import Figure

from refapp.draw.colours import service_colours, tint
from refapp.draw.sheet import MARGIN, SMALL, TINY, TITLE, write
from refapp.draw.style import GREY, VERMILION, WIDTH
from refapp.draw.texts import counted, duration, short_names
from refapp.draw.tracing.tree import Node, draw_trees
from refapp.query.tracing.spans import Span, Trace
from refapp.query.tracing.tree import short

Mode = Literal["service", "time", "self time"]

_HEADER = 0.72  # inches
_DARKEST = 0.55  # share of the colour in a box that is marked fully
_FULL = 0.2  # share of the trace from which on Jaeger marks a box fully by its time
_MODES = {
    "service": "coloured by service",
    "time": "shaded by time, as a share of the trace",
    "self time": "shaded by self time, as a share of the time of the box",
}


def trace_graph(trace: Trace, mode: Mode = "self time") -> Figure:
    """A box for all spans of one service, operation and kind that were reached on the same path.

    In a box stand the service, the operation, then the number of spans and of errors, their time together and its
    share of the trace's duration, and last their self time and its share of that time. Spans that ran side by side
    make more than 100 %. The gids of boxes are `1`, `1.2` for the second box below it, and so on; `1.2 line 0` is its
    first line.

    Args:
        trace: the spans.
        mode: what the ground of the boxes shows, as in Jaeger.
    """
    names, colours = short_names(trace.services), service_colours(trace.services)

    def nodes(spans: Iterable[Span], above: str) -> Iterator[Node]:
        for number, group in enumerate(_groups(spans), 1):
            name = f"{above}{number}"
            time, own = sum(span.duration for span in group), sum(map(trace.self_time, group))
            share, part = time / max(1, trace.duration), own / max(1, time)
            errors = sum(span.error for span in group)
            first, colour = group[0], colours[group[0].service]
            yield Node(
                name=name,
                title=names[first.service],
                detail=short(first.operation),
                numbers=(
                    f"{len(group)} / {errors} · {duration(time)} ({share:.0%})",
                    f"self {duration(own)} ({part:.0%})",
                ),
                face=_face(mode, colour, share, part),
                mark=colour,
                failed=errors > 0,
                children=tuple(nodes([child for span in group for child in trace.children(span)], f"{name}.")),
            )

    figure, axes = draw_trees(list(nodes(trace.roots, "")), _HEADER)
    title = f"{trace.roots[0].service}: {trace.roots[0].operation}"
    write(axes, (MARGIN, 0.16), title, size=TITLE, bold=True, room=WIDTH - 2 * MARGIN, gid="title")
    facts = f"{duration(trace.duration)}  ·  {counted(len(trace.spans), 'span')}  ·  {_MODES[mode]}"
    write(axes, (MARGIN, 0.37), facts, size=SMALL)
    key = "in a box: spans / errors, their time (share of the trace), their self time (share of their time)"
    write(axes, (MARGIN, 0.55), key, size=TINY, colour=GREY)
    return figure


def _groups(spans: Iterable[Span]) -> Sequence[list[Span]]:
    """The spans of one service, operation and kind, in the order of their first ones."""
    groups: dict[tuple[str, str, str], list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: span.start):
        groups[span.service, span.operation, span.kind].append(span)
    return list(groups.values())


def _face(mode: Mode, colour: str, share: float, part: float) -> str:
    if mode == "service":
        return tint(colour, 0.25)
    return tint(VERMILION, _DARKEST * min(1, share / _FULL if mode == "time" else part))
