"""A trace and the calls between services as Zipkin's user interface, Lens, shows them."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from refapp.draw.colours import service_colours, tint
from refapp.draw.routes import Box, Disc, Points, Shape, places
from refapp.draw.sheet import MARGIN, SMALL, TINY, TITLE, badge, sheet, write
from refapp.draw.style import BLUE, FAINT, GREY, INK, VERMILION, WIDTH
from refapp.draw.texts import duration, moment, short_names, shorten, width, wrap
from refapp.draw.tracing.dependencies import Graph, lines_of
from refapp.draw.tracing.placing import in_layers, widest_layer
from refapp.draw.tracing.timeaxis import Place, time_axes
from refapp.query.tracing.dependencies import Dependencies, Edge
from refapp.query.tracing.spans import Span, Trace
from refapp.query.tracing.tree import short

_HEADER = 0.98  # inches
_TICKS = 0.24
_ROW = 0.36
_TREE = 1.2  # inches of the lines that lead to a span
_INDENT = 0.13
_END = 0.2
_TEXT, _BAR = -0.2, 0.22  # of a row, from its middle: where names and bars are
_THICK = 0.2  # of a row
_YELLOW = "#e69f00"
# https://github.com/openzipkin/zipkin/tree/master/zipkin-server#ui-configuration
_RATES = ((0.75, VERMILION), (0.5, _YELLOW), (0.0, BLUE))
_RADII = (0.09, 0.2)  # inches of the smallest and the largest circle
_LINES = (1.0, 4.0)  # points of the thinnest and the thickest line
_PLACE = 0.5  # inches from a service to the next one below it, without its name
_LETTERS = 0.13  # from a line of a name to the next
_LEGEND = 0.36
_MARKS = {"client": "o", "server": "s", "producer": "^", "consumer": "v"}
_EVENT = "D"


class _Point(NamedTuple):
    time: int
    text: str
    marker: str


def zipkin_trace(trace: Trace) -> Figure:
    """Rows of spans with their names above their bars, and on the bars what happened when.

    A mark stands where a client or server, producer or consumer started and finished, and where an event happened;
    its shape tells which. The first axes hold the texts and the tree, in inches; the second the bars, in microseconds
    after the start of the trace and in rows from 0. Gids: `span ID` a bar, `service ID`, `operation ID` and
    `duration ID` texts, `error ID`, and `annotation ID TEXT` with Zipkin's text, such as `Client Start`.
    """
    rows = list(trace.walk())
    figure, ground = sheet(_HEADER + _TICKS + _ROW * len(rows) + MARGIN)
    colours, names = service_colours(trace.services), short_names(trace.services)
    indent = min(_INDENT, (_TREE - 2 * MARGIN) / trace.depth)
    left = 2 * MARGIN + indent * trace.depth
    ground.set_zorder(1)  # the names above the lines of the ticks
    place = Place(left, _HEADER + _TICKS, _ROW, _END)
    bars = time_axes(figure, trace.duration, len(rows), place)
    _heading(ground, trace)
    row_of = {span: row for row, (_, span) in enumerate(rows)}
    for row, (depth, span) in enumerate(rows):
        y = place.top + _ROW * (row + 0.5 + _BAR)
        x = MARGIN + (depth + 0.5) * indent
        last = max((row_of[child] for child in trace.children(span)), default=row)
        _branch(ground, (x, y), (last - row) * _ROW, (indent if depth else 0, left), colours[span.service])
        inches = place.length / max(1, trace.duration)
        _names(ground, span, names[span.service], left + (span.start - trace.start) * inches, (left, y))
        _bar(bars, row, span, trace.start, colours[span.service])
    return figure


def zipkin_dependencies(deps: Dependencies) -> Figure:
    """Services as circles, the larger the more calls they take part in, and lines, the wider the more calls.

    A line is yellow when at least half of its calls failed, and red when three quarters did, as in Zipkin; the share
    of failures is written at every line that has any. Gids: a service's name is its circle, `PARENT → CHILD` a line,
    and `errors PARENT → CHILD` the share.

    Raises:
        ValueError: there are no services.
    """
    if not deps.nodes:
        raise ValueError("there are no services to draw")
    pairs = [(edge.parent, edge.child) for edge in deps.edges]
    names = short_names(deps.nodes)
    room = WIDTH / widest_layer(deps.nodes, pairs)[1] - 0.06
    lines = max(len(_lines(name, room)) for name in names.values())
    centres, height = in_layers(deps.nodes, pairs, (0, _PLACE + lines * _LETTERS), across=True)
    figure, axes = sheet(height + _LEGEND + 0.1)
    traffic = Counter[str]()
    for edge in deps.edges:
        traffic.update({edge.parent: edge.calls})
        traffic.update({edge.child: edge.calls})
    most = max(traffic.values(), default=1)
    shapes: dict[str, Shape] = {}
    labels: list[Box] = []
    for service, (x, y) in centres.items():
        centre = (x, y - (lines - 0.5) * _LETTERS / 2 + 0.05)
        shapes[service] = Disc(centre, _RADII[0] + (_RADII[1] - _RADII[0]) * math.sqrt(traffic[service] / most))
        labels.append(_circle(axes, service, names[service], shapes[service].bounds, room))
    page = Box((WIDTH / 2, height / 2), WIDTH - 0.06, height - 0.06)
    _traffic(deps.edges, Graph(figure, axes, shapes, labels, page, "right"))
    _legend(axes, height + 0.1)
    return figure


def _heading(ground: Axes, trace: Trace) -> None:
    root = trace.roots[0]
    ground.add_artist(Rectangle((0, 0), WIDTH, 0.62, facecolor=tint(FAINT, 0.35), edgecolor="none", zorder=1))
    title = f"{root.service}: {root.operation}"
    write(ground, (MARGIN, 0.17), title, size=TITLE, bold=True, room=WIDTH - 2 * MARGIN, gid="title")
    facts = (
        ("Duration:", duration(trace.duration)),
        ("Services:", str(len(trace.services))),
        ("Depth:", str(trace.depth)),
        ("Total Spans:", str(len(trace.spans))),
        ("Trace ID:", trace.trace_id),
    )
    x = MARGIN
    for name, value in facts:
        write(ground, (x, 0.44), name, size=TINY, colour=GREY)
        x += width(name, TINY) + 0.05
        write(ground, (x, 0.44), value, size=TINY, bold=True, gid=name[:-1])
        x += width(value, TINY, bold=True) + 0.15
    _key(ground, trace)
    start = moment(trace.start) + " UTC"
    write(ground, (WIDTH - MARGIN, 0.78), start, size=TINY, colour=GREY, align="right", gid="start")


def _key(ground: Axes, trace: Trace) -> None:
    """Which mark stands for what."""
    kinds = {span.kind.lower() for span in trace.spans}
    entries = [(kind, marker) for kind, marker in _MARKS.items() if kind in kinds]
    x = MARGIN
    if entries:
        text = "start and finish of"
        write(ground, (x, 0.78), text, size=TINY, colour=GREY)
        x += width(text, TINY) + 0.12
    if any(span.events for span in trace.spans):
        entries.append(("event", _EVENT))
    for name, marker in entries:
        ground.plot(x, 0.78, marker, color="white", markeredgecolor=INK, markersize=5, zorder=4)
        write(ground, (x + 0.08, 0.78), name, size=TINY, colour=GREY, gid=f"key {name}")
        x += width(name, TINY) + 0.26


def _branch(ground: Axes, at: tuple[float, float], down: float, reach: tuple[float, float], colour: str) -> None:
    """The lines of the tree at a span: to its parent's, down to its last child, and the dot of its service."""
    (x, y), (back, right) = at, reach
    if down:
        ground.plot((x, x), (y, y + down), color=GREY, linewidth=0.7, zorder=1)
    if back:
        ground.plot((x - back, x), (y, y), color=GREY, linewidth=0.7, zorder=1)
    ground.plot((x, right), (y, y), color=FAINT, linewidth=0.7, zorder=1)
    ground.plot(x, y, "o", color=colour, markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, zorder=3)


def _names(ground: Axes, span: Span, name: str, x: float, corner: tuple[float, float]) -> None:
    """Service, operation and duration above the bar, from where it begins or as near to it as there is room."""
    left, y = corner[0], corner[1] + _ROW * (_TEXT - _BAR)
    time = duration(span.duration)
    sign = 0.17 if span.error else 0.0
    room = WIDTH - MARGIN - left - sign - width(time, TINY) - 0.16
    service = shorten(name, 0.6 * room, SMALL, bold=True)
    first = width(service, SMALL, bold=True)
    operation = shorten(short(span.operation), room - first, TINY)
    second = width(operation, TINY)
    x = min(x, WIDTH - MARGIN - sign - first - second - width(time, TINY) - 0.16)
    if span.error:
        badge(ground, (x + 0.06, y), gid=f"error {span.span_id}")
    own = write(ground, (x + sign, y), service, bold=True, gid=f"service {span.span_id}")
    x += sign + first + 0.07
    does = write(ground, (x, y), operation, size=TINY, colour=GREY, gid=f"operation {span.span_id}")
    colour = VERMILION if span.error else INK
    took = write(ground, (x + second + 0.09, y), time, size=TINY, colour=colour, gid=f"duration {span.span_id}")
    for text in (own, does, took):
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def _bar(bars: Axes, row: int, span: Span, start: int, colour: str) -> None:
    y = row + _BAR
    patch = Rectangle((span.start - start, y - _THICK / 2), span.duration, _THICK, facecolor=colour, edgecolor=colour)
    patch.set(linewidth=0.8, gid=f"span {span.span_id}", zorder=2)
    bars.add_artist(patch)
    for point in _points(span):
        (mark,) = bars.plot(point.time - start, y, point.marker, color="white", markersize=5, zorder=4, clip_on=False)
        mark.set(markeredgecolor=colour, markeredgewidth=1.2, gid=f"annotation {span.span_id} {point.text}")


def _points(span: Span) -> Iterator[_Point]:
    """What Zipkin lists as the annotations of a span."""
    kind = span.kind.lower()
    if kind in _MARKS:
        yield _Point(span.start, f"{kind.title()} Start", _MARKS[kind])
        yield _Point(span.end, f"{kind.title()} Finish", _MARKS[kind])
    for event in span.events:
        yield _Point(event.time, event.text, _EVENT)


def _circle(axes: Axes, service: str, name: str, bounds: Box, room: float) -> Box:
    """Draw a service and its name below; returns where the name is."""
    x, y = bounds.centre
    radius = bounds.width / 2
    circle = Circle((x, y), radius, facecolor=tint(BLUE, 0.12), edgecolor=INK, linewidth=1.3, zorder=3)
    circle.set_gid(service)
    axes.add_artist(circle)
    lines = _lines(name, room)
    for number, line in enumerate(lines):
        at = (x, y + radius + 0.09 + number * _LETTERS)
        text = write(axes, at, line, size=TINY, align="center", gid=f"name {service}" if number == 0 else None)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8})
    high = _LETTERS * len(lines)
    return Box((x, y + radius + 0.03 + high / 2), max(width(line, TINY) for line in lines), high)


def _lines(name: str, room: float) -> list[str]:
    """A name in two lines at most."""
    first, *others = wrap(name, room, TINY)
    return [first, shorten("".join(others), room, TINY)] if others else [first]


def _traffic(edges: tuple[Edge, ...], graph: Graph) -> None:
    most = max((edge.calls for edge in edges), default=1)
    lines = lines_of(edges, graph)
    failing = {(edge.parent, edge.child): f"{_rate(edge):.0%}" for edge in edges if edge.errors}
    for edge in edges:
        pair = (edge.parent, edge.child)
        colour = next(colour for rate, colour in _RATES if _rate(edge) >= rate)
        thick = _LINES[0] + (_LINES[1] - _LINES[0]) * edge.calls / max(1, most)
        _line(graph.axes, lines[pair], colour, thick, " → ".join(pair))
    sizes = {pair: (width(text, TINY) + 0.05, 0.14) for pair, text in failing.items()}
    shown = {pair: lines[pair] for pair in failing}
    nodes = [*(shape.bounds for shape in graph.shapes.values()), *graph.obstacles]
    for pair, place in places(shown, sizes, nodes).items():
        gid = "errors " + " → ".join(pair)
        label = write(graph.axes, place.centre, failing[pair], size=TINY, align="center", gid=gid)
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9})


def _line(axes: Axes, points: Points, colour: str, thick: float, gid: str) -> None:
    """A line and, at its end, a head that is as large as the line is wide."""
    size = 4 + 1.4 * thick  # points
    head = max(1, int((np.hypot(*(points - points[-1]).T) > 0.6 * size / 72).sum()))
    (line,) = axes.plot(*points[: head + 1].T, color=colour, linewidth=thick, solid_capstyle="butt", zorder=1)
    line.set_gid(gid)
    across, down = points[-1] - points[min(head, len(points) - 2)]
    turn = math.degrees(math.atan2(-down, across)) - 90
    centre = points[-1] - np.array((across, down)) / math.hypot(across, down) * 0.5 * size / 72
    axes.plot(*centre, marker=(3, 0, turn), color=colour, markersize=size, markeredgewidth=0, zorder=1)


def _rate(edge: Edge) -> float:
    return (edge.errors or 0) / max(1, edge.calls)


def _legend(axes: Axes, y: float) -> None:
    x = MARGIN
    for colour, text in (
        (BLUE, "less than half failed"),
        (_YELLOW, "half or more"),
        (VERMILION, "three quarters or more"),
    ):
        axes.plot((x, x + 0.25), (y + 0.13, y + 0.13), color=colour, linewidth=3, solid_capstyle="butt")
        write(axes, (x + 0.31, y + 0.13), text, size=TINY)
        x += width(text, TINY) + 0.5
    note = "circles and lines grow with calls"
    write(axes, (WIDTH - MARGIN, y + 0.13), note, size=TINY, colour=GREY, align="right")
