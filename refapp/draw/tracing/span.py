"""One span with all that is known of it, as Jaeger shows it when its row is opened."""

from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from refapp.draw.colours import service_colours
from refapp.draw.sheet import MARGIN, SMALL, TINY, TITLE, badge, sheet, write
from refapp.draw.style import FAINT, GREY, INK, WIDTH
from refapp.draw.texts import duration, moment, width, wrap
from refapp.query.tracing.spans import Span, Trace

_HEADER = 0.66  # inches
_HEADING = 0.27
_LINE = 0.15
_PADDING = 0.06  # above and below the lines of a row
_STRIPE = "#f3f4f6"
_KEYS = 2.0  # inches at most for the names of tags


class _Row(NamedTuple):
    gid: str
    key: list[str]
    value: list[str]

    @property
    def height(self) -> float:
        return max(len(self.key), len(self.value)) * _LINE + _PADDING


class _Table(NamedTuple):
    title: str
    rows: list[_Row]

    @property
    def height(self) -> float:
        return _HEADING + sum(row.height for row in self.rows)


def span_detail(trace: Trace, span: Span) -> Figure:
    """The service, duration and start of a span, then its tags, its events (Jaeger's logs) and its links.

    The start and the times of events are given after the start of the trace. As Jaeger does when it reads Zipkin's
    spans, the kind and the other side are shown as the tags `span.kind` and `peer.service`. Gids: `tag NAME`,
    `event NUMBER` and `link NUMBER` are the values, each followed by the number of its line where it has several.

    Args:
        trace: the trace of the span.
        span: the span to show.
    """
    tables = list(_tables(trace, span))
    height = _HEADER + sum(table.height for table in tables) + 0.34
    figure, axes = sheet(height)
    colour = service_colours(trace.services).get(span.service, GREY)
    _heading(axes, trace, span, colour)
    y = _HEADER
    for table in tables:
        y = _draw(axes, y, table)
    ident = f"SpanID: {span.span_id}"
    write(axes, (WIDTH - MARGIN, height - 0.15), ident, size=TINY, mono=True, colour=GREY, align="right", gid="span id")
    return figure


def _tables(trace: Trace, span: Span) -> Iterator[_Table]:
    yield _table("Tags", [(f"tag {name}", name, value) for name, value in sorted(_tags(span).items())])
    events = [
        (f"event {number}", duration(event.time - trace.start), event.text)
        for number, event in enumerate(sorted(span.events, key=lambda event: event.time), 1)
    ]
    if events:
        yield _table(f"Logs ({len(events)}), times after the start of the trace", events)
    links = [
        (f"link {number}", link.span_id, _linked(trace, link.span_id)) for number, link in enumerate(span.links, 1)
    ]
    if links:
        yield _table(f"References ({len(links)})", links)


def _tags(span: Span) -> dict[str, str]:
    tags = dict(span.tags)
    if span.kind:
        tags.setdefault("span.kind", span.kind.lower())
    if span.remote:
        tags.setdefault("peer.service", span.remote)
    return tags


def _linked(trace: Trace, span_id: str) -> str:
    """What is known of a span that another follows from."""
    found = next((span for span in trace.spans if span.span_id == span_id), None)
    return f"{found.service}: {found.operation}" if found else "in another trace"


def _table(title: str, rows: list[tuple[str, str, str]]) -> _Table:
    keys = min(_KEYS, max((width(key, TINY, mono=True) for _, key, _ in rows), default=0))
    room = WIDTH - 2 * MARGIN - keys - 0.45
    lines = (
        _Row(gid, wrap(key, _KEYS, TINY, mono=True), wrap(value, room, TINY, mono=True)) for gid, key, value in rows
    )
    return _Table(title, list(lines))


def _heading(axes: Axes, trace: Trace, span: Span, colour: str) -> None:
    axes.add_artist(Rectangle((0, 0), WIDTH, 0.05, facecolor=colour, edgecolor="none", gid="service colour"))
    left = MARGIN
    if span.error:
        badge(axes, (MARGIN + 0.07, 0.22), gid="error")
        left += 0.2
    write(axes, (left, 0.22), span.operation, size=TITLE, bold=True, room=WIDTH - left - MARGIN, gid="operation")
    facts = (
        ("Service:", span.service),
        ("Duration:", duration(span.duration)),
        ("Start Time:", f"{duration(span.start - trace.start)} ({moment(span.start, '%H:%M:%S.%f')} UTC)"),
    )
    room = WIDTH - 2 * MARGIN
    others = sum(width(f"{name} {value}", SMALL) + 0.2 for name, value in facts[1:])
    x = MARGIN
    for name, value in facts:
        write(axes, (x, 0.48), name, colour=GREY)
        x += width(name, SMALL) + 0.05
        shown = write(axes, (x, 0.48), value, room=room - others - 0.6 if name == "Service:" else None, gid=name[:-1])
        x += width(shown.get_text(), SMALL) + 0.16


def _draw(axes: Axes, y: float, table: _Table) -> float:
    """Draw a table from a height on; returns where it ends."""
    write(axes, (MARGIN, y + _HEADING / 2), table.title, bold=True)
    y += _HEADING
    left = MARGIN + 0.06
    right = left + max((width(line, TINY, mono=True) for row in table.rows for line in row.key), default=0) + 0.2
    for number, row in enumerate(table.rows):
        if number % 2 == 0:
            stripe = Rectangle((MARGIN, y), WIDTH - 2 * MARGIN, row.height, facecolor=_STRIPE, edgecolor="none")
            axes.add_artist(stripe)
        for x, lines, gid in ((left, row.key, None), (right, row.value, row.gid)):
            for place, line in enumerate(lines):
                named = f"{gid} {place + 1}" if gid and len(lines) > 1 else gid
                at = (x, y + _PADDING / 2 + (place + 0.5) * _LINE)
                write(axes, at, line, size=TINY, mono=True, colour=INK if gid else GREY, gid=named)
        y += row.height
    axes.plot((MARGIN, WIDTH - MARGIN), (y, y), color=FAINT, linewidth=0.6)
    return y
