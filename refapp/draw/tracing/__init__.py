"""Figures of traces, as the user interfaces of Jaeger and Zipkin show them.

All have the width of the book and a white ground. Their letters have 7.5 points at least, and what can be told by a
colour can be told without it.
"""

from refapp.draw.tracing.comparison import compare
from refapp.draw.tracing.dependencies import dependencies
from refapp.draw.tracing.graph import trace_graph
from refapp.draw.tracing.search import search
from refapp.draw.tracing.span import span_detail
from refapp.draw.tracing.statistics import statistics_table
from refapp.draw.tracing.timeline import timeline
from refapp.draw.tracing.zipkin import zipkin_dependencies, zipkin_trace

__all__ = [
    "compare",
    "dependencies",
    "search",
    "span_detail",
    "statistics_table",
    "timeline",
    "trace_graph",
    "zipkin_dependencies",
    "zipkin_trace",
]
