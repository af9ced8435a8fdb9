"""How the traffic of a mesh changed over a time: a graph for each of many moments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import pandas as pd

from refapp.query.mesh.graph import Edge, Graph, Node


@dataclass(frozen=True)
class Replay(Sequence[Graph]):
    """Graphs in the order of their times."""

    frames: tuple[Graph, ...]

    @overload
    def __getitem__(self, index: int) -> Graph: ...

    @overload
    def __getitem__(self, index: slice) -> "Replay": ...

    def __getitem__(self, index: int | slice) -> "Graph | Replay":
        return Replay(self.frames[index]) if isinstance(index, slice) else self.frames[index]

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[Graph]:
        return iter(self.frames)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes that there are at any time, each as it is last."""
        found = {node.id: node for graph in self.frames for node in graph.nodes}
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges that there are at any time, each as it is last."""
        found = {edge.id: edge for graph in self.frames for edge in graph.edges}
        return tuple(found[name] for name in sorted(found))

    @property
    def frame(self) -> pd.DataFrame:
        """One row an edge and time: as `Graph.frame`, after a column `time`."""
        frames = [graph.frame.assign(time=graph.time) for graph in self.frames if graph.edges]
        if not frames:
            return pd.DataFrame(columns=["time"])
        joined = pd.concat(frames, ignore_index=True)
        return joined[["time", *(name for name in joined.columns if name != "time")]]
