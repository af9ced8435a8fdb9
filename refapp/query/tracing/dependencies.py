"""Who calls whom, as a collector counts it."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Self

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The calls of one service to another; `errors` is None where the collector does not count them."""

    parent: str
    child: str
    calls: int
    errors: int | None = None


@dataclass(frozen=True)
class Dependencies:
    """The services that called or were called in some time, and the calls between them, in alphabetical order."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> Self:
        """The dependencies with these edges, and the services at their ends."""
        ordered = tuple(sorted(edges, key=lambda edge: (edge.parent, edge.child)))
        return cls(tuple(sorted({name for edge in ordered for name in (edge.parent, edge.child)})), ordered)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row an edge: parent, child, calls, errors; the latter are missing where they are not counted."""
        columns = ["parent", "child", "calls", "errors"]
        frame = pd.DataFrame([astuple(edge) for edge in self.edges], columns=columns)
        return frame.astype({"calls": "int64", "errors": "Int64"})
