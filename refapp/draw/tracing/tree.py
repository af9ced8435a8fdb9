"""Trees of boxes: below each other where there is room for it, else indented as in a table of contents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path

from refapp.draw.layers import assign_columns, assign_layers
from refapp.draw.sheet import MARGIN, SMALL, TINY, badge, box, sheet, write
from refapp.draw.style import GREY, INK, WIDTH
from refapp.draw.texts import width

_WIDEST = 2.1
_GAP = 0.12  # between boxes side by side
_DOWN = 0.2  # between a box and those below it
_LINE = 0.145
_PADDING = 0.05
_STRIPE = 0.06
_ROW = 0.4  # of an indented tree
_INDENT = 0.16
_INDENTS = 1.9  # inches at most


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box: what is written in it, its colours, and the boxes below it.

    Attributes:
        name: its `gid`, different from all others.
        title: the first line, in bold letters.
        detail: the second line.
        numbers: the lines after it.
        face: the colour of its ground.
        mark: the colour of its left end and its frame.
        failed: whether it has the sign of an error.
    """

    name: str
    title: str
    detail: str
    numbers: tuple[str, ...]
    face: str
    mark: str
    failed: bool = False
    children: tuple["Node", ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        """The node and everything below it, with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def draw_trees(roots: Sequence[Node], header: float) -> tuple[Figure, Axes]:
    """A figure of the trees, with so many inches left free above them, and its axes, in inches.

    The gids are the names of the nodes, and `SOURCE → TARGET` for the lines between them.
    """
    edges = [(node.name, child.name) for root in roots for _, node in root.walk() for child in node.children]
    nodes = {node.name: node for root in roots for _, node in root.walk()}
    columns = assign_columns(list(nodes), edges, layers := assign_layers(list(nodes), edges))
    slot = (WIDTH - 2 * MARGIN + _GAP) / (max(columns.values()) + 1)
    if slot - _GAP < _narrowest(nodes.values()):
        return _indented(roots, header)
    size = (min(_WIDEST, slot - _GAP), _height(next(iter(nodes.values()))))
    slot = min(slot, 1.3 * _WIDEST)
    left = (WIDTH - slot * max(columns.values())) / 2
    pitch = size[1] + _DOWN
    figure, axes = sheet(header + pitch * (max(layers.values()) + 1) - _DOWN + MARGIN)
    for source, target in edges:
        start = (left + slot * columns[source], header + pitch * layers[source] + size[1])
        end = (left + slot * columns[target], header + pitch * layers[target])
        _arrow(axes, start, end, f"{source} → {target}")
    for name, node in nodes.items():
        _box(axes, (left + slot * columns[name] - size[0] / 2, header + pitch * layers[name]), size, node)
    return figure, axes


def _narrowest(nodes: Iterable[Node]) -> float:
    """The inches that a box needs to have its numbers in it."""
    return max(width(text, TINY) for node in nodes for text in node.numbers) + _STRIPE + 0.12


def _height(node: Node) -> float:
    return (2 + len(node.numbers)) * _LINE + 2 * _PADDING


def _box(axes: Axes, at: tuple[float, float], size: tuple[float, float], node: Node) -> None:
    (x, y), (wide, high) = at, size
    box(axes, at, size, face=node.face, edge=node.mark, line=0.8, radius=0.0, gid=node.name)
    axes.add_artist(Rectangle((x, y), _STRIPE, high, facecolor=node.mark, edgecolor="none", zorder=3))
    left, room = x + _STRIPE + 0.05, wide - _STRIPE - 0.08
    lines = ((node.title, SMALL, True), (node.detail, TINY, False), *((text, TINY, False) for text in node.numbers))
    for place, (text, points, bold) in enumerate(lines):
        at = (left, y + _PADDING + (place + 0.5) * _LINE)
        free = room - 0.14 if node.failed and place == 0 else room
        write(axes, at, text, size=points, bold=bold, room=free, gid=f"{node.name} line {place}")
    if node.failed:
        badge(axes, (x + wide - 0.11, y + _PADDING + 0.5 * _LINE), gid=f"error {node.name}")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], gid: str) -> None:
    """A line down, across and down."""
    middle = (start[1] + end[1] - 0.04) / 2
    path = Path([start, (start[0], middle), (end[0], middle), end])
    arrow = FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=7, linewidth=0.9, color=GREY, zorder=1)
    arrow.set_gid(gid)
    axes.add_artist(arrow)


def _indented(roots: Sequence[Node], header: float) -> tuple[Figure, Axes]:
    """A row for each node; its numbers stand right of its names."""
    rows = [pair for root in roots for pair in root.walk()]
    figure, axes = sheet(header + _ROW * len(rows) + MARGIN)
    indent = min(_INDENT, _INDENTS / max(1, *(depth for depth, _ in rows)))
    numbers = max(width(text, TINY) for _, node in rows for text in node.numbers) + 0.08
    top = {node.name: header + _ROW * row for row, (_, node) in enumerate(rows)}
    for depth, node in rows:
        x, y = MARGIN + depth * indent, top[node.name]
        size = (WIDTH - MARGIN - x, _ROW - 0.07)
        box(axes, (x, y), size, face=node.face, edge=node.mark, line=0.8, radius=0.0, gid=node.name)
        axes.add_artist(Rectangle((x, y), _STRIPE, size[1], facecolor=node.mark, edgecolor="none", zorder=3))
        room = size[0] - _STRIPE - numbers - 0.32
        middle = y + size[1] / 2
        for place, (text, points, bold) in enumerate(((node.title, SMALL, True), (node.detail, TINY, False))):
            at = (x + _STRIPE + 0.06, middle + (place - 0.5) * _LINE)
            write(axes, at, text, size=points, bold=bold, room=room, gid=f"{node.name} line {place}")
        if node.failed:
            badge(axes, (WIDTH - MARGIN - numbers - 0.12, middle), gid=f"error {node.name}")
        for place, text in enumerate(node.numbers):
            at = (WIDTH - MARGIN - numbers, middle + (place - (len(node.numbers) - 1) / 2) * _LINE)
            write(axes, at, text, size=TINY, colour=INK, gid=f"{node.name} line {place + 2}")
        for child in node.children:
            down = x + indent / 2
            (line,) = axes.plot(
                (down, down, x + indent), (y + size[1], *[top[child.name] + size[1] / 2] * 2), color=GREY, linewidth=0.7
            )
            line.set(gid=f"{node.name} → {child.name}", zorder=1)
    return figure, axes
