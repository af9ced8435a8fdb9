"""The critical path of a trace: the work that its duration is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from refapp.query.tracing.spans import Span, Trace


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the critical path, in which one span worked itself; `start` and `end` in microseconds since 1970."""

    span: Span
    start: int
    end: int

    @property
    def duration(self) -> int:
        """Microseconds."""
        return self.end - self.start


@dataclass(frozen=True)
class _Part:
    """As much of a span as lies within its parent, and of its parent's, up to the root."""

    span: Span
    start: int
    end: int


def critical_path(trace: Trace) -> list[Section]:
    """The sections that together make up the time of the trace's first root, in their order.

    From the end of a span, the path leads to the child that finished last; from that child's start, to the one that
    finished last before it, and so on to the span's own start. The method is that of Jaeger's user interface: a child
    counts as far as it lies within its parent, and the receiver of a message is waited for by nobody.

    Returns:
        Sections without gaps and overlaps; none when the root took no time.
    """
    root = trace.roots[0]
    sections = []
    waiting: list[tuple[_Part, int, Iterator[_Part]]] = []
    part, moment = _Part(root, root.start, root.end), root.end
    children = _last_first(trace, part)
    while True:
        # A child that is passed over ends later than anything that is still to come.
        child = next((child for child in children if child.end <= moment), None)
        begin = child.end if child else part.start
        if begin < moment:
            sections.append(Section(span=part.span, start=begin, end=moment))
        if child:
            waiting.append((part, child.start, children))
            part, moment, children = child, child.end, _last_first(trace, child)
        elif waiting:
            part, moment, children = waiting.pop()
        else:
            return sections[::-1]


def _last_first(trace: Trace, within: _Part) -> Iterator[_Part]:
    """The children that are waited for, the last to finish first; of those, the one that ran longest."""
    parts = [
        _Part(child, max(child.start, within.start), min(child.end, within.end))
        for child in trace.children(within.span)
        if (within.span.kind, child.kind) != ("PRODUCER", "CONSUMER")
    ]
    first = sorted(parts, key=attrgetter("start"))
    return iter(sorted((part for part in first if part.start < part.end), key=attrgetter("end"), reverse=True))
