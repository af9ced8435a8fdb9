"""The lines between the nodes of a graph, led round the other nodes, and where the texts at them stand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refapp.draw.layers import Edge

Points = NDArray[np.float64]
"""Shape (number, 2): x and y in inches."""

Flow = Literal["down", "right"]
"""Where the layers of a graph follow each other."""

_BENDS = (0.0, 0.16, -0.16, 0.3, -0.3, 0.45, -0.45, 0.6, -0.6, 0.85, -0.85, 1.1)  # of a line, as a share of its length
_APART = 0.16  # the least bend of a line when there is one the other way too
_SAMPLES = 257
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)  # of a text on its line
_CLEAR = 0.04  # inches between a line and a node that it passes by
_BENT = 0.4  # inches of another node that a line may cross rather than bend by its whole length
_SWUNG = 0.03  # and rather than swing from layer to layer
_OUTSIDE = 3.0  # inches of another node that a line may cross rather than leave the page by one
_COVERED = 0.0002  # square inches that texts may overlap rather than cover a point of a line


class Box(NamedTuple):
    """A rectangle: its centre, width and height, in inches."""

    centre: tuple[float, float]
    width: float
    height: float

    @property
    def bounds(self) -> "Box":
        """Itself."""
        return self

    def holds(self, points: Points, clear: float = 0.0) -> NDArray[np.bool_]:
        """Which points are within the rectangle, or nearer to it than so many inches."""
        away = np.abs(points - self.centre)
        within: NDArray[np.bool_] = (away[:, 0] < self.width / 2 + clear) & (away[:, 1] < self.height / 2 + clear)
        return within

    def overlap(self, other: "Box") -> float:
        """Square inches that both rectangles have in common."""
        wide = _common(self.centre[0], self.width, other.centre[0], other.width)
        return wide * _common(self.centre[1], self.height, other.centre[1], other.height)


class Disc(NamedTuple):
    """A circle: its centre and radius, in inches."""

    centre: tuple[float, float]
    radius: float

    @property
    def bounds(self) -> Box:
        """The square round it."""
        return Box(self.centre, 2 * self.radius, 2 * self.radius)

    def holds(self, points: Points, clear: float = 0.0) -> NDArray[np.bool_]:
        """Which points are within the circle, or nearer to it than so many inches."""
        away = np.hypot(*(points - self.centre).T)
        within: NDArray[np.bool_] = away < self.radius + clear
        return within


Shape = Box | Disc
"""The outline of a node."""


def routes(
    edges: Sequence[Edge],
    shapes: Mapping[str, Shape],
    page: Box,
    *,
    obstacles: Iterable[Box] = (),
    flow: Flow | None = None,
) -> dict[Edge, Points]:
    """A line for each edge from the outline of its source to that of its target, round other nodes if it can be.

    Args:
        edges: between nodes; one from a node to itself becomes a loop above it.
        shapes: the outline of each node.
        page: what the lines should not leave.
        obstacles: what they should avoid besides nodes.
        flow: where layers follow each other; a line to a later layer may then leave a node at that side.
    """
    known = set(edges)
    return {edge: _route(edge, shapes, page, list(obstacles), flow, both=edge[::-1] in known) for edge in edges}


def places(
    lines: Mapping[Edge, Points], sizes: Mapping[Edge, tuple[float, float]], shapes: Iterable[Box]
) -> dict[Edge, Box]:
    """Where on its line the text of each edge stands: as near to the middle as it can without touching another.

    Args:
        lines: of the edges.
        sizes: the width and height of each text, in inches.
        shapes: the nodes, and whatever else has to remain readable.
    """
    taken = list(shapes)
    found: dict[Edge, Box] = {}
    for edge, line in lines.items():
        others = [other for pair, other in lines.items() if pair != edge]
        candidates = [Box(_along(line, share), *sizes[edge]) for share in _PLACES]

        def cost(box: Box, others: list[Points] = others) -> float:
            covered = sum(int(box.holds(other).sum()) for other in others)
            return sum(box.overlap(other) for other in taken) + _COVERED * covered

        found[edge] = min(candidates, key=cost)
        taken.append(found[edge])
    return found


def _common(middle: float, length: float, other: float, others: float) -> float:
    """The length that two stretches have in common, given their middles and lengths."""
    return max(0.0, min(length, others, (length + others) / 2 - abs(middle - other)))


def _route(
    edge: Edge, shapes: Mapping[str, Shape], page: Box, obstacles: list[Box], flow: Flow | None, *, both: bool
) -> Points:
    source, target = (shapes[name] for name in edge)
    if edge[0] == edge[1]:
        return _loop(source)
    avoided = [*(shape for name, shape in shapes.items() if name not in edge), *obstacles]

    def cost(candidate: tuple[float, Points]) -> float:
        price, line = candidate
        step = float(np.hypot(*np.diff(line, axis=0).T).sum()) / len(line)
        crossed = sum(int(shape.holds(line, _CLEAR).sum()) for shape in avoided)
        return price + step * (crossed + _OUTSIDE * int((~page.holds(line)).sum()))

    return min(_candidates(source, target, flow, both=both), key=cost)[1]


def _candidates(source: Shape, target: Shape, flow: Flow | None, *, both: bool) -> Iterator[tuple[float, Points]]:
    """Lines that may be drawn, each with the inches of other nodes that it is as bad as."""
    for bend in _BENDS:
        if not both or bend >= _APART:
            yield _BENT * abs(bend), _clipped(_curve(source.centre, target.centre, bend), source, target)
    swing = _swing(source.bounds, target.bounds, flow) if flow and not both else None
    if swing is not None:
        yield _SWUNG, swing


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float) -> Points:
    """A quadratic Bézier curve that leaves the straight line by half of `bend` times its length."""
    a, b = np.array(start), np.array(end)
    control = (a + b) / 2 + bend * np.array((b[1] - a[1], a[0] - b[0]))
    t = np.linspace(0, 1, _SAMPLES)[:, None]
    curve: Points = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b
    return curve


def _swing(source: Box, target: Box, flow: Flow) -> Points | None:
    """A cubic Bézier curve from the side where the next layer is to the side of the target that faces it."""
    side = np.array((0.0, 0.5)) if flow == "down" else np.array((0.5, 0.0))
    a = np.array(source.centre) + side * (source.width, source.height)
    b = np.array(target.centre) - side * (target.width, target.height)
    forward = (b - a) * (side > 0)
    if forward.sum() <= 0:
        return None
    t = np.linspace(0, 1, _SAMPLES)[:, None]
    first, last = a + forward / 2, b - forward / 2
    curve: Points = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * first + 3 * t**2 * (1 - t) * last + t**3 * b
    return curve


def _clipped(curve: Points, source: Shape, target: Shape) -> Points:
    """What of a curve is outside of both outlines; two points at least."""
    first = int(np.argmin(source.holds(curve)))
    last = len(curve) - int(np.argmin(target.holds(curve)[::-1]))
    return curve[first:last] if last - first > 1 else curve[[0, -1]]


def _loop(shape: Shape) -> Points:
    """A line from the upper side of a node back to it."""
    angles = np.linspace(-0.75, 0.75, _SAMPLES) * np.pi
    x, y = shape.centre
    top = y - shape.bounds.height / 2
    return np.column_stack((x + 0.16 * np.sin(angles), top - 0.09 - 0.12 * np.cos(angles)))


def _along(line: Points, share: float) -> tuple[float, float]:
    lengths = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    at = share * lengths[-1]
    return float(np.interp(at, lengths, line[:, 0])), float(np.interp(at, lengths, line[:, 1]))
