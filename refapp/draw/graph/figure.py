"""The graph of a mesh as Kiali draws it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from refapp.draw.colours import tint
from refapp.draw.graph.labels import LABELS, LINE, LOCK, Label, Text, failed, places, text_of
from refapp.draw.graph.legend import HEIGHT as LEGEND
from refapp.draw.graph.legend import legend
from refapp.draw.graph.marks import draw_node, edge_look, padlock
from refapp.draw.graph.placing import MARGIN, Placing, place
from refapp.draw.graph.units import SIZE, Unit
from refapp.draw.routes import Box, Points
from refapp.draw.sheet import SMALL, TINY, box, sheet, write
from refapp.draw.style import BLUE, FAINT, GREY
from refapp.draw.texts import counted, width
from refapp.query.mesh.graph import Edge, Graph, Node, NodeKind

HEADER = 0.36  # inches
_LEADER = 0.2  # inches from its line from which on a label is joined to it


def graph(graph: Graph, labels: Label | Sequence[Label] = "rate", *, security: bool = True) -> Figure:
    """Applications, services and workloads from left to right, and the traffic between them.

    An application stands in a box with its versions and the service that leads to them. The shapes are those of Kiali's
    legend, the colours tell health. At an edge stand the labels that are asked for, as far as they are known: response
    times are of 95 % of the requests. A padlock tells mutual TLS; an open one, that not all of the traffic has it.

    Gids: a node is its id, `name ID` its name; an edge is its id, `label ID` the first line of its label, `lock ID` its
    padlock; `facts` is the line on top.

    Args:
        graph: what to draw.
        labels: one or more of `rate`, `share`, `response time` and `throughput`.
        security: whether padlocks are drawn.

    Raises:
        ValueError: there are no nodes to draw, or a label is not known.
    """
    return draw(graph, labels, security=security)


def focus(
    whole: Graph,
    name: str,
    labels: Label | Sequence[Label] = ("rate", "response time"),
    *,
    kind: NodeKind | str | None = None,
    hops: int = 1,
    security: bool = True,
) -> Figure:
    """A node, and what is so many calls away from it; the arguments besides are those of `graph`.

    Raises:
        NodeError: the graph has no such node.
        ValueError: a label is not known.
    """
    centre = whole.node(name, kind)
    return draw(whole.around(name, kind, hops=hops), labels, security=security, centre=centre)


def draw(
    shown: Graph,
    labels: Label | Sequence[Label],
    *,
    security: bool,
    centre: Node | None = None,
) -> Figure:
    """The figure of a graph, with a ground behind the node in its centre."""
    chosen = checked(labels)
    texts = label_texts(shown, chosen, security=security)
    sheet = lay_out(shown, texts, extra=LINE + 0.03 if centre is not None else 0.0)
    paint(sheet, shown, texts, centre)
    below, wide = sheet.placed.height - LEGEND, sheet.placed.width
    legend(sheet.axes, below, [shown], chosen, wide=wide, security=security)
    return sheet.figure


class Sheet(NamedTuple):
    """A figure on which a graph has its places, and those of its labels."""

    figure: Figure
    axes: Axes
    placed: Placing
    labels: Mapping[str, Box]


def lay_out(shown: Graph, texts: Mapping[str, Text], *, extra: float = 0.0) -> Sheet:
    """A figure that is empty as yet, with room for all of a graph, its header and its legend.

    Raises:
        ValueError: there are no nodes to draw.
    """
    if not shown.nodes:
        raise ValueError("there is nothing to draw: nothing had traffic in the time of the graph")
    top = HEADER + extra
    inner = {edge.id for edge in shown.edges if shown.by_id[edge.source].kind is NodeKind.SERVICE}
    lines = max((len(text.lines) for name, text in texts.items() if name in inner), default=1)
    placed = place(shown, top, LEGEND, lines=lines)
    middle, high = (top + placed.height - LEGEND) / 2, placed.height - LEGEND - top
    page = Box((placed.width / 2, middle), placed.width - 0.04, high)
    found, more = places(placed.lines, texts, _obstacles(placed), page)
    placed = replace(placed, height=placed.height + more)
    return Sheet(*sheet(placed.height, placed.width), placed, found)


def paint(sheet: Sheet, shown: Graph, texts: Mapping[str, Text], centre: Node | None = None) -> None:
    """Draw the header, namespaces, units, edges and labels of a graph."""
    placed, axes = sheet.placed, sheet.axes
    _facts(axes, shown, centre, placed.width)
    _namespaces(axes, placed)
    if centre is not None:
        _halo(axes, placed.centres[centre.id])
    for unit in placed.units:
        _unit(axes, unit, placed, shown)
    for edge in shown.edges:
        draw_edge(axes, edge, placed.lines[edge.id])
        if edge.id in texts:
            _label(axes, edge, texts[edge.id], sheet.labels[edge.id], placed.lines[edge.id])


def checked(labels: Label | Sequence[Label]) -> tuple[Label, ...]:
    """The labels as a tuple.

    Raises:
        ValueError: one is not known.
    """
    chosen: tuple[Label, ...] = (labels,) if isinstance(labels, str) else tuple(labels)
    for label in chosen:
        if label not in LABELS:
            raise ValueError(f"a label is one of {', '.join(LABELS)}, not {label!r}")
    return chosen


def label_texts(shown: Graph, labels: Sequence[Label], *, security: bool) -> dict[str, Text]:
    """The labels that are not empty.

    A service's edge to its workload would say again what the edge to it says, and how long that takes belongs to it.
    """
    found: dict[str, Text] = {}
    kinds = {node.id: node for node in shown.nodes}
    called, callers = {edge.target for edge in shown.edges}, {edge.source for edge in shown.edges}
    for edge in shown.edges:
        source = kinds[edge.source]
        inner = source.kind is NodeKind.SERVICE and source.id in called
        passed = kinds[edge.target].kind is NodeKind.SERVICE and edge.target in callers
        own = ("response time",) if passed else ()
        wanted = [
            label for label in labels if label not in own and (not inner or label in ("response time", "throughput"))
        ]
        if inner and "rate" in labels and _differs(edge, shown):
            wanted.append("rate")
        text = text_of(edge, wanted, security=security and not inner, wide=inner)
        if text.lines or text.lock is not None:
            found[edge.id] = text
    return found


def _differs(edge: Edge, shown: Graph) -> bool:
    """Whether an edge from a service carries something else than the edges to it, such as one version's part."""
    into = sum(other.rate for other in shown.edges if other.target == edge.source and other.protocol == edge.protocol)
    failed = sum(
        other.errors for other in shown.edges if other.target == edge.source and other.protocol == edge.protocol
    )
    return abs(into - edge.rate) > 0.02 * into or abs(failed - edge.errors) > 0.02 * into


def _obstacles(placed: Placing) -> list[Box]:
    """Nodes, names, and the outlines of boxes: within one, the line between its nodes may have its label above it."""
    found = []
    for unit in placed.units:
        for name in unit.nodes:
            (x, y), lines = placed.centres[name], unit.names[name]
            found.append(Box((x, y), SIZE + 0.02, SIZE + 0.02))
            if lines:
                high = LINE * len(lines)
                found.append(Box((x, y + SIZE / 2 + 0.03 + high / 2), max(width(line, TINY) for line in lines), high))
        if unit.title:
            (x, y), high = placed.corners[unit.key], unit.height
            found += [Box((side, y + high / 2), 0.01, high) for side in (x, x + unit.width)]
            found.append(Box((x + unit.width / 2, y), unit.width, 0.02))
            found.append(Box((x + unit.width / 2, y + high - LINE / 2 - 0.03), unit.width, LINE + 0.06))
    return found


def _facts(axes: Axes, shown: Graph, centre: Node | None, wide: float) -> None:
    counts = shown.counts
    named = {"app": counts.apps, "service": counts.services, "workload": counts.workloads, "edge": counts.edges}
    text = "  ·  ".join(counted(number, thing) for thing, number in named.items() if number)
    write(axes, (MARGIN, 0.17), text, size=SMALL, bold=True, gid="facts")
    minutes = shown.duration.total_seconds() / 60
    time = f"{minutes:.3g} min" if minutes >= 1 else f"{minutes * 60:.0f} s"
    ends = f"last {time} to {shown.time:%H:%M:%S}"
    write(axes, (wide - MARGIN, 0.17), ends, size=TINY, colour=GREY, align="right", gid="time")
    if centre is not None:
        text = f"{centre.title}: {centre.health.status.lower()}" + "".join(f"; {one}" for one in centre.health.reasons)
        write(axes, (MARGIN, 0.33), text, size=TINY, room=wide - 2 * MARGIN, gid="health")


def _namespaces(axes: Axes, placed: Placing) -> None:
    for name, (top, bottom) in placed.bands.items():
        corner, size = (MARGIN / 2, top), (placed.width - MARGIN, bottom - top)
        box(axes, corner, size, face="#f8fafc", edge=FAINT, radius=0.06, gid=f"namespace {name}").set_zorder(0.5)
        write(axes, (MARGIN, top + 0.1), f"namespace {name}", size=TINY, colour=GREY, bold=True)


def _halo(axes: Axes, at: tuple[float, float]) -> None:
    corner, size = (at[0] - SIZE * 0.85, at[1] - SIZE * 0.85), (SIZE * 1.7, SIZE * 1.7)
    box(axes, corner, size, face=tint(BLUE, 0.3), radius=0.08, gid="centre").set_zorder(2.5)


def _unit(axes: Axes, unit: Unit, placed: Placing, shown: Graph) -> None:
    (x, y), middle = placed.corners[unit.key], placed.corners[unit.key][0] + unit.width / 2
    if unit.title:
        face, size = "#f3f4f6", (unit.width, unit.height)
        box(axes, (x, y), size, face=face, edge=FAINT, radius=0.05, gid=f"box {unit.key}").set_zorder(1)
        at = (middle, y + unit.height - LINE / 2 - 0.03)
        write(axes, at, unit.title, size=TINY, bold=True, align="center", gid=f"title {unit.key}")
    for name in unit.nodes:
        at = placed.centres[name]
        draw_node(axes, shown.by_id[name], at)
        for number, line in enumerate(unit.names[name]):
            below = (at[0], at[1] + SIZE / 2 + 0.03 + LINE * (number + 0.5))
            write(axes, below, line, size=TINY, align="center", gid=f"name {name}" if number == 0 else None)


def draw_edge(axes: Axes, edge: Edge, line: Points) -> FancyArrowPatch:
    """Draw an edge as an arrow; its gid is its id."""
    look = edge_look(edge)
    arrow = FancyArrowPatch(
        path=Path(line),
        arrowstyle="-|>",
        mutation_scale=7,
        color=look.colour,
        linewidth=look.width,
        linestyle=look.dash,
        shrinkA=0,
        shrinkB=1,
        zorder=3,
    )
    arrow.set_gid(edge.id)
    axes.add_artist(arrow)
    return arrow


def _label(axes: Axes, edge: Edge, text: Text, at: Box, line: Points) -> None:
    (x, y), wide, high = at
    nearest = min(line, key=lambda point: float((point[0] - x) ** 2 + (point[1] - y) ** 2))
    away = max(abs(nearest[0] - x) - wide / 2, abs(nearest[1] - y) - high / 2)
    if away > _LEADER:
        axes.plot((x, nearest[0]), (y, nearest[1]), color=GREY, linewidth=0.5, linestyle=":", zorder=3.2)
    patch = box(axes, (x - wide / 2, y - high / 2), (wide, high), face="white", radius=0.02)
    patch.set(alpha=0.88, zorder=3.5)
    top = y - high / 2 + 0.005
    for number, one in enumerate(text.lines):
        gid = f"label {edge.id}" if number == 0 else None
        bad = edge.errors > 0 and one == failed(edge)
        place_at = (x, top + LINE * (number + 0.5))
        drawn = write(axes, place_at, one, size=TINY, align="center", bold=bad, gid=gid)
        drawn.set_zorder(6)
    if text.lock is not None:
        padlock(axes, (x, top + LINE * len(text.lines) + LOCK / 2), closed=text.lock, gid=f"lock {edge.id}")
