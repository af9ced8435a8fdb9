"""What of a graph stands together: an application with its versions and the services that lead to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from refapp.draw.sheet import TINY
from refapp.draw.texts import shorten, width, wrap
from refapp.query.mesh.graph import Graph, Node, NodeKind
from refapp.query.mesh.series import is_known

SIZE = 0.22  # inches: a node
LINE = 0.125  # a line of letters
_PAD = 0.05
_BETWEEN = 0.17  # a service and what it leads to
_ROW = 0.12  # two rows of nodes, besides the names of the upper one
_ABOVE = 0.07  # what stays free in a box above its nodes, besides the label of the line between them
_NAME = 0.84  # the widest line of a name
_OVER = 0.31  # how far a name may reach to each side of its node, below the lines
_WIDEST = 0.95  # the widest box
_LINES = 3  # of a name


@dataclass(frozen=True)
class Unit:
    """Nodes that stand together, and where, from the upper left corner of their common room; `anchor` is their middle.

    `names` has the lines below each node, and `reach` is how far they stand out at each side; `title` is the name of a
    box; without one there is none.
    """

    key: str
    namespace: str
    width: float
    height: float
    anchor: float
    nodes: Mapping[str, tuple[float, float]]
    names: Mapping[str, tuple[str, ...]]
    title: str = ""
    reach: float = 0.0


def units(graph: Graph, *, lines: int = 1) -> list[Unit]:
    """The units of a graph, in the order of its nodes.

    Args:
        graph: whose nodes.
        lines: how many lines of letters there is room for above the nodes in a box.
    """
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        groups[_key(node)].append(node)
    boxed = graph.kind in ("app", "versionedApp")
    return [_unit(key, nodes, boxed=boxed, above=_ABOVE + LINE * lines) for key, nodes in groups.items()]


def name_lines(name: str, room: float = _NAME) -> tuple[str, ...]:
    """A name in at most three lines, broken after a hyphen or a point where it can be."""
    lines = wrap(name, room, TINY)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], shorten("".join(lines[_LINES - 1 :]), room, TINY)]
    return tuple(lines)


def _key(node: Node) -> str:
    if is_known(node.app) and not node.service_entry:
        return f"{node.cluster} {node.namespace} {node.app}"
    return node.id


def _unit(key: str, nodes: list[Node], *, boxed: bool, above: float) -> Unit:
    if len(nodes) == 1:
        return _single(key, nodes[0])
    app = nodes[0].app
    said = {app} if boxed else {node.workload for node in nodes if node.kind is not NodeKind.SERVICE}
    names = {node.id: _inner_name(node, said, boxed=boxed) for node in nodes}
    left = [node for node in nodes if node.kind is NodeKind.SERVICE]
    right = [node for node in nodes if node.kind is not NodeKind.SERVICE]
    columns = [column for column in (left, right) if column]
    widths = [max(SIZE, *(_widest(names[node.id]) for node in column)) for column in columns]
    title = shorten(app, _WIDEST - 2 * _PAD, TINY, bold=True) if boxed else ""
    inner = sum(widths) + _BETWEEN * (len(columns) - 1)
    wide = max(inner, width(title, TINY, bold=True)) + 2 * _PAD
    places: dict[str, tuple[float, float]] = {}
    x = (wide - inner) / 2
    rows = max(_rows(column, names) for column in columns)
    for column, column_width in zip(columns, widths, strict=True):
        y = above + (rows - _rows(column, names)) / 2
        for node in column:
            places[node.id] = (x + column_width / 2, y + SIZE / 2)
            y += _height(names[node.id])
        x += column_width + _BETWEEN
    below = (LINE + 0.05 if boxed else 0) + 0.02
    lowest = max(y + _height(names[name]) - SIZE / 2 - _ROW for name, (_, y) in places.items())
    return Unit(key, nodes[0].namespace, wide, lowest + 0.04 + below, above + rows / 2, places, names, title)


def _rows(column: list[Node], names: Mapping[str, tuple[str, ...]]) -> float:
    """How high the nodes of a column are, without the names of the last."""
    return sum(_height(names[node.id]) for node in column[:-1]) + SIZE


def _single(key: str, node: Node) -> Unit:
    lines = list(name_lines(node.name))
    if node.kind is NodeKind.APP and is_known(node.version):
        lines.append(node.version)
    widest = _widest(lines)
    wide = max(SIZE, widest - 2 * _OVER)
    return Unit(
        key,
        node.namespace,
        wide,
        SIZE + 0.03 + LINE * len(lines),
        SIZE / 2,
        {node.id: (wide / 2, SIZE / 2)},
        {node.id: tuple(lines)},
        reach=max(0.0, widest - wide) / 2,
    )


def _inner_name(node: Node, said: set[str], *, boxed: bool) -> tuple[str, ...]:
    """What a node among others is called; what is said already, by the box or beside it, is not said again."""
    if node.kind is NodeKind.SERVICE:
        return () if node.service in said else name_lines(node.service)
    if not boxed:
        return name_lines(node.name)
    if is_known(node.version):
        return name_lines(node.version)
    return name_lines(node.workload) if is_known(node.workload) and node.workload not in said else ()


def _widest(lines: Iterable[str]) -> float:
    return max((width(line, TINY) for line in lines), default=0.0)


def _height(names: tuple[str, ...]) -> float:
    return SIZE + LINE * len(names) + _ROW
