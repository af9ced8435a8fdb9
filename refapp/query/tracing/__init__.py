"""Traces: read from a collector, searched, measured and compared."""

from refapp.query.tracing.comparison import Comparison, ComparisonNode, compare
from refapp.query.tracing.criticalpath import Section, critical_path
from refapp.query.tracing.dependencies import Dependencies, Edge
from refapp.query.tracing.errors import NoTracingError, TraceBackendError, TraceNotFoundError
from refapp.query.tracing.expected import Step, expected_spans, steps
from refapp.query.tracing.spans import Event, Link, Span, Trace
from refapp.query.tracing.statistics import statistics
from refapp.query.tracing.traces import Traces, TraceSearch
from refapp.query.tracing.tree import frame, tree

__all__ = [
    "Comparison",
    "ComparisonNode",
    "Dependencies",
    "Edge",
    "Event",
    "Link",
    "NoTracingError",
    "Section",
    "Span",
    "Step",
    "Trace",
    "TraceBackendError",
    "TraceNotFoundError",
    "TraceSearch",
    "Traces",
    "compare",
    "critical_path",
    "expected_spans",
    "frame",
    "statistics",
    "steps",
    "tree",
]
