"""A trace as text and as a table: a line a span, its children below it."""

import re
from collections.abc import Iterator

import pandas as pd

from refapp.query.tracing.spans import Span, Trace

_HOST = re.compile(r"^([\w-]+)\.[\w-]+\.svc\.[\w.-]+?(?::\d+)?(?=/|$)")
_COLUMNS = ["depth", "service", "operation", "kind", "start_ms", "duration_ms", "self_ms", "error"]


def tree(trace: Trace) -> str:
    """The trace as lines that are indented by depth: service, kind, operation, duration, and `error` where one failed.

    An operation is shown without the namespace of its service, `service-a/*` for `service-a.dev.svc.cluster.local/*`;
    a duration in milliseconds.
    """
    rows = [
        (
            branch + span.service,
            span.kind,
            short(span.operation),
            f"{span.duration / 1000:,.2f} ms",
            "error" if span.error else "",
        )
        for branch, span in _branches(trace)
    ]
    first, second, third, fourth, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        f"{service:{first}}  {kind:{second}}  {operation:{third}}  {duration:>{fourth}}  {error}".rstrip()
        for service, kind, operation, duration, error in rows
    )


def frame(trace: Trace) -> pd.DataFrame:
    """One row a span, in the order of `Trace.walk`; times in milliseconds, `start_ms` since the trace's start."""
    rows = [
        (
            depth,
            span.service,
            span.operation,
            span.kind,
            (span.start - trace.start) / 1000,
            span.duration / 1000,
            trace.self_time(span) / 1000,
            span.error,
        )
        for depth, span in trace.walk()
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def short(operation: str) -> str:
    """The operation without the namespace and domain of a host in a cluster: `service-a/*`."""
    return _HOST.sub(r"\1", operation)


def _branches(trace: Trace) -> Iterator[tuple[str, Span]]:
    """Every span after the lines that lead to it."""
    last: list[bool] = []
    for depth, span in trace.walk():
        parent = trace.parent(span)
        siblings = trace.children(parent) if parent else trace.roots
        last[depth:] = [span is siblings[-1]]
        lines = "".join("   " if done else "│  " for done in last[1:depth])
        yield (lines + ("└─ " if last[depth] else "├─ ") if depth else ""), span
