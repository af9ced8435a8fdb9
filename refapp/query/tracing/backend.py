"""What every collector of traces can be asked, whichever API it speaks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from refapp.query.tracing.dependencies import Dependencies
from refapp.query.tracing.spans import Span, Trace

_KINDS = frozenset({"CLIENT", "SERVER", "PRODUCER", "CONSUMER"})
_SHORT, _LONG = 16, 32  # digits of a trace id; a span id has the former


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which traces are wanted: those with a span that fulfils all of it.

    What is empty or None is not asked for. Durations are in microseconds, `start` and `end` in microseconds since
    1970; at most `limit` traces are wanted.
    """

    service: str = ""
    operation: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    min_duration: int | None = None
    max_duration: int | None = None
    start: int
    end: int
    limit: int = 20


class Backend(Protocol):
    """A collector that can be asked for traces.

    Every method raises `TraceBackendError` when the collector does not answer, refuses, or says what cannot be read.
    """

    def services(self) -> list[str]:
        """The services that have spans, in alphabetical order."""

    def operations(self, service: str) -> list[str]:
        """The operations of a service, in alphabetical order; none when it is not known."""

    def search(self, search: Search) -> list[Trace]:
        """The traces that a search finds, the newest first."""

    def get(self, trace_id: str) -> Trace:
        """The trace of that id, as far as its spans have arrived.

        Raises:
            TraceNotFoundError: none has.
        """

    def dependencies(self, start: int, end: int) -> Dependencies:
        """Who called whom between two times, in microseconds since 1970."""


def digits(text: str) -> str:
    """An id with the zeros in front that some collectors leave out: of 16 digits, or of 32 when it needs more."""
    return text.lower().zfill(_SHORT if len(text) <= _SHORT else _LONG)


def lift(span: Span) -> Span:
    """The span with its kind and remote service where they belong, when it has them among its tags."""
    tags = dict(span.tags)
    kind = tags.pop("span.kind", "").upper()
    remote = tags.pop("peer.service", "") or span.remote
    return replace(span, kind=span.kind or (kind if kind in _KINDS else ""), remote=remote, tags=tags)


def assemble(spans: Iterable[Span]) -> Trace:
    """The trace of which these are the spans; those that do not tell their start begin with it.

    Raises:
        ValueError: there are none.
    """
    found = list(spans)
    if not found:
        raise ValueError("a trace without spans")
    start = min((span.start for span in found if span.start), default=0)
    return Trace(found[0].trace_id, tuple(span if span.start else replace(span, start=start) for span in found))


def newest_first(traces: Iterable[Trace]) -> list[Trace]:
    """The traces in the order of their starts, the latest first."""
    return sorted(traces, key=lambda trace: (trace.start, trace.trace_id), reverse=True)
