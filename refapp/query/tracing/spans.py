"""A trace, and the spans that it is made of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_SERVER_ERRORS = 500
_OK = frozenset({"", "0", "OK"})


@dataclass(frozen=True, kw_only=True)
class Event:
    """An annotation of a span; `time` is in microseconds since 1970."""

    time: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """Another span, from which a span follows without being its child."""

    trace_id: str
    span_id: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """One step of a request, as one component saw it.

    Attributes:
        parent_id: the span's parent; empty for the first of a trace.
        service: the component, in Istio's form: `service-a.dev`.
        kind: CLIENT, SERVER, PRODUCER, CONSUMER or empty.
        start: microseconds since 1970.
        duration: microseconds.
        remote: the service at the other side, where it is known.
    """

    trace_id: str
    span_id: str
    parent_id: str = ""
    service: str
    operation: str
    kind: str = ""
    start: int
    duration: int
    remote: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def end(self) -> int:
        """Microseconds since 1970."""
        return self.start + self.duration

    @property
    def error(self) -> bool:
        """Whether the step failed: by its tag `error`, an HTTP status of 500 and above, or a gRPC status but OK."""
        status = self.tags.get("http.status_code", "")
        return (
            self.tags.get("error", "false").lower() != "false"
            or (status.isdecimal() and int(status) >= _SERVER_ERRORS)
            or self.tags.get("grpc.status_code", "") not in _OK
        )


@dataclass(frozen=True)
class Trace:
    """All spans of one request, in the order of their starts; at the same time, a parent before its children.

    They may be given in any order. A span that is there twice is kept once. Both sides of a call may have one id, as
    with Zipkin's shared spans; the called side is then a child of the calling one. Where parents form a cycle, the
    first span of it is taken for a root.

    Raises:
        ValueError: there are no spans.
    """

    trace_id: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.spans:
            raise ValueError(f"trace {self.trace_id} has no spans")
        spans = sorted(dict.fromkeys(self.spans), key=lambda span: (span.start, span.span_id, span.kind))
        object.__setattr__(self, "spans", tuple(spans))
        depths = {span: depth for depth, span in self.walk()}
        ordered = sorted(spans, key=lambda span: (span.start, depths[span], span.span_id, span.kind))
        object.__setattr__(self, "spans", tuple(ordered))

    @cached_property
    def _parents(self) -> dict[Span, Span]:
        return _acyclic(self.spans, dict(_parents(self.spans)))

    @cached_property
    def _children(self) -> dict[Span, list[Span]]:
        children = defaultdict(list)
        for span in self.spans:
            if parent := self._parents.get(span):
                children[parent].append(span)
        return dict(children)

    @cached_property
    def roots(self) -> tuple[Span, ...]:
        """The spans whose parent is not in the trace, in the order of their starts."""
        return tuple(span for span in self.spans if span not in self._parents)

    def children(self, span: Span) -> tuple[Span, ...]:
        """The children of a span, in the order of their starts."""
        return tuple(self._children.get(span, ()))

    def parent(self, span: Span) -> Span | None:
        """The parent of a span, when it is in the trace."""
        return self._parents.get(span)

    def walk(self) -> Iterator[tuple[int, Span]]:
        """Every span with its depth, depth first: the lines of a timeline. Roots have the depth 0."""
        waiting = [(0, span) for span in reversed(self.roots)]
        while waiting:
            depth, span = waiting.pop()
            yield depth, span
            waiting.extend((depth + 1, child) for child in reversed(self.children(span)))

    @property
    def start(self) -> int:
        """The earliest start, in microseconds since 1970."""
        return self.spans[0].start

    @cached_property
    def end(self) -> int:
        """The latest end of all spans, in microseconds since 1970."""
        return max(span.end for span in self.spans)

    @property
    def duration(self) -> int:
        """Microseconds from the earliest start to the latest end."""
        return self.end - self.start

    @property
    def services(self) -> tuple[str, ...]:
        """The services, in the order of their first spans."""
        return tuple(dict.fromkeys(span.service for span in self.spans))

    @cached_property
    def depth(self) -> int:
        """The number of levels: 1 when there are roots only."""
        return 1 + max(depth for depth, _ in self.walk())

    @property
    def errors(self) -> int:
        """The number of spans that failed."""
        return sum(span.error for span in self.spans)

    def self_time(self, span: Span) -> int:
        """Microseconds of a span in which none of its children ran.

        Children that ran at the same time are counted once, and only as far as they lie within the span.
        """
        covered, until = 0, span.start
        for child in self.children(span):
            end = min(child.end, span.end)
            covered += max(0, end - max(child.start, until))
            until = max(until, end)
        return span.duration - covered


def _parents(spans: Iterable[Span]) -> Iterator[tuple[Span, Span]]:
    sides: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=_calling_first):
        sides[span.span_id].append(span)
    for span in spans:
        caller = sides[span.span_id][0]
        above = sides.get(span.parent_id, []) if span.parent_id else []
        if caller is not span:
            yield span, caller
        elif above:
            # Of the two sides of a shared span, the parent is the one in the same service.
            yield span, next((side for side in above if side.service == span.service), above[-1])


def _calling_first(span: Span) -> bool:
    return span.kind in {"SERVER", "CONSUMER"}


def _acyclic(spans: Iterable[Span], parents: dict[Span, Span]) -> dict[Span, Span]:
    """The parents without those that would make a span its own ancestor."""
    checked: set[Span] = set()
    for start in spans:
        path: dict[Span, None] = {}
        span: Span | None = start
        while span is not None and span not in checked and span not in path:
            path[span] = None
            span = parents.get(span)
        if span in path:
            cycle = list(path)[list(path).index(span) :]
            del parents[min(cycle, key=lambda item: (item.start, item.span_id))]
        checked.update(path)
    return parents
