"""Two traces beside each other: what both did, and what only one of them did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from refapp.query.tracing.spans import Span, Trace

_Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class ComparisonNode:
    """The spans of both traces that have one service, operation and kind, as have all their ancestors.

    Attributes:
        count_a: the number of them in the first trace; 0 when they are in the second only.
        duration_a: their durations in the first trace, added up, in microseconds.
        children: the nodes below, in the order of their starts in the first trace, then in the second.
    """

    service: str
    operation: str
    kind: str
    count_a: int
    count_b: int
    duration_a: int
    duration_b: int
    children: tuple["ComparisonNode", ...] = ()

    @property
    def found(self) -> str:
        """Where the spans are: `A`, `B` or `both`."""
        if self.count_a and self.count_b:
            return "both"
        return "A" if self.count_a else "B"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What became of comparing two traces, a tree for every kind of root; there is mostly one."""

    roots: tuple[ComparisonNode, ...]

    def walk(self) -> Iterator[tuple[int, ComparisonNode]]:
        """Every node with its depth, depth first; roots have the depth 0."""
        waiting = [(0, root) for root in reversed(self.roots)]
        while waiting:
            depth, node = waiting.pop()
            yield depth, node
            waiting.extend((depth + 1, child) for child in reversed(node.children))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a node, in the order of `walk`.

        Its columns are depth, service, operation, kind, found (`A`, `B` or `both`), count_a, count_b, duration_a_ms,
        duration_b_ms, and difference_ms, by which the second trace took longer there.
        """
        columns = ["depth", "service", "operation", "kind", "found", "count_a", "count_b"]
        rows = [(depth, *(getattr(node, name) for name in columns[1:])) for depth, node in self.walk()]
        nodes = [node for _, node in self.walk()]
        return pd.DataFrame(rows, columns=columns).assign(
            duration_a_ms=[node.duration_a / 1000 for node in nodes],
            duration_b_ms=[node.duration_b / 1000 for node in nodes],
            difference_ms=[(node.duration_b - node.duration_a) / 1000 for node in nodes],
        )


def compare(a: Trace, b: Trace) -> Comparison:
    """Compare two traces by the paths from their roots: the service, operation and kind of each step."""
    return Comparison(roots=_nodes(a, a.roots, b, b.roots))


def _nodes(a: Trace, spans_a: Sequence[Span], b: Trace, spans_b: Sequence[Span]) -> tuple[ComparisonNode, ...]:
    groups: dict[_Key, tuple[list[Span], list[Span]]] = {}
    for side, spans in enumerate((spans_a, spans_b)):
        for span in spans:
            groups.setdefault((span.service, span.operation, span.kind), ([], []))[side].append(span)
    return tuple(_node(key, a, in_a, b, in_b) for key, (in_a, in_b) in groups.items())


def _node(key: _Key, a: Trace, in_a: Sequence[Span], b: Trace, in_b: Sequence[Span]) -> ComparisonNode:
    service, operation, kind = key
    return ComparisonNode(
        service=service,
        operation=operation,
        kind=kind,
        count_a=len(in_a),
        count_b=len(in_b),
        duration_a=sum(span.duration for span in in_a),
        duration_b=sum(span.duration for span in in_b),
        children=_nodes(a, _children(a, in_a), b, _children(b, in_b)),
    )


def _children(trace: Trace, spans: Sequence[Span]) -> list[Span]:
    return sorted((child for span in spans for child in trace.children(span)), key=lambda span: span.start)
