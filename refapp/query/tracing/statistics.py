"""How the time of a trace is spread over its services and operations."""

from collections.abc import Sequence

import pandas as pd

from refapp.query.tracing.spans import Trace

GROUPS = ("service", "operation", "kind")
"""What spans can be put together by."""


def statistics(trace: Trace, by: str | Sequence[str] = ("service", "operation")) -> pd.DataFrame:
    """One row a group of spans, those with the most time of their own first.

    After the columns of `by` come count, total_ms, average_ms, min_ms and max_ms of the spans' durations, self_ms,
    the time in which none of their children ran, and self_share, the part of the trace's duration that this is. The
    shares of spans that ran at the same time add up to more than 1. The table is that of Jaeger's *Trace Statistics*.

    Raises:
        ValueError: spans cannot be put together so.
    """
    names = [by] if isinstance(by, str) else list(by)
    if not names or not set(names) <= set(GROUPS):
        raise ValueError(f"spans are put together by one or more of {', '.join(GROUPS)}, not by {by!r}")
    rows = [
        (span.service, span.operation, span.kind, span.duration / 1000, trace.self_time(span) / 1000)
        for span in trace.spans
    ]
    spans = pd.DataFrame(rows, columns=[*GROUPS, "duration_ms", "self_ms"])
    groups = spans.groupby(names, sort=True)
    frame = groups.agg(
        count=("duration_ms", "size"),
        total_ms=("duration_ms", "sum"),
        average_ms=("duration_ms", "mean"),
        min_ms=("duration_ms", "min"),
        max_ms=("duration_ms", "max"),
        self_ms=("self_ms", "sum"),
    )
    # A trace without any duration has nothing to share out.
    frame["self_share"] = frame["self_ms"] * 1000 / max(trace.duration, 1)
    return frame.sort_values("self_ms", ascending=False, kind="stable").reset_index()
