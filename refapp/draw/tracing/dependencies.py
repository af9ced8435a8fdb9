"""Which service calls which, as Jaeger draws it: as a directed graph in layers, or placed by forces."""

import math
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path

from refapp.draw.colours import service_colours, tint
from refapp.draw.layers import Edge as Pair
from refapp.draw.routes import Box, Disc, Flow, Points, Shape, places, routes
from refapp.draw.sheet import MARGIN, SMALL, TINY, box, sheet, write
from refapp.draw.style import GREY, INK, VERMILION, WIDTH
from refapp.draw.texts import counted, short_names, width
from refapp.draw.tracing.placing import by_force, in_layers, widest_layer
from refapp.query.tracing.dependencies import Dependencies, Edge

Layout = Literal["layered", "force"]

_HEADER = 0.35  # inches
_BOX = 0.27  # the height of a box
_DOWN = 0.72  # from a layer to the next
_BETWEEN = 0.5  # between two layers that follow each other to the right
_NARROWEST = 0.95  # a box below which names would be cut
_RADIUS = 0.09
_NAME = 0.17  # from the middle of a disc down to its name


def dependencies(deps: Dependencies, layout: Layout = "layered") -> Figure:
    """A node for each service, an arrow from each that calls to what it calls, with the number of calls.

    An arrow on which calls failed is red, and broken, and says how many. Gids: the names of the services are their
    nodes, `name SERVICE` their names; `PARENT → CHILD` is an arrow and `calls PARENT → CHILD` the text at it.

    Args:
        deps: who called whom.
        layout: `layered`, Jaeger's *DAG*, has each service below whatever calls it; `force` is its *Force Directed
            Graph*.

    Raises:
        ValueError: there are no services, or the layout is not known.
    """
    if not deps.nodes:
        raise ValueError("there are no services to draw")
    if layout not in {"layered", "force"}:
        raise ValueError(f"the layout is layered or force, not {layout!r}")
    graph = _layered(deps) if layout == "layered" else _force(deps)
    calls = sum(edge.calls for edge in deps.edges)
    text = f"{counted(len(deps.nodes), 'service')}  ·  {counted(calls, 'call')}"
    if failed := sum(edge.errors or 0 for edge in deps.edges):
        text += f", {failed:,} of them failed"
    write(graph.axes, (MARGIN, 0.16), text, gid="facts")
    _draw_edges({(edge.parent, edge.child): edge for edge in deps.edges}, graph)
    return graph.figure


class Graph(NamedTuple):
    """Where the nodes are, and what else the lines between them have to know."""

    figure: Figure
    axes: Axes
    shapes: dict[str, Shape]
    obstacles: list[Box]
    page: Box
    flow: Flow | None


def lines_of(edges: Iterable[Edge], graph: Graph) -> dict[Pair, Points]:
    """A line for each edge, in inches."""
    pairs = [(edge.parent, edge.child) for edge in edges]
    return routes(pairs, graph.shapes, graph.page, obstacles=graph.obstacles, flow=graph.flow)


def _draw_edges(edges: Mapping[Pair, Edge], graph: Graph) -> None:
    """Arrows between the nodes, with the number of calls at each."""
    lines = lines_of(edges.values(), graph)
    texts = {pair: _calls(edge) for pair, edge in edges.items()}
    sizes = {pair: (width(text, TINY) + 0.05, 0.14) for pair, text in texts.items()}
    nodes = [*(shape.bounds for shape in graph.shapes.values()), *graph.obstacles]
    for pair, place in places(lines, sizes, nodes).items():
        failed, gid = bool(edges[pair].errors), " → ".join(pair)
        arrow = FancyArrowPatch(
            path=Path(lines[pair]),
            arrowstyle="-|>",
            mutation_scale=8,
            color=VERMILION if failed else GREY,
            linewidth=1.5 if failed else 1,
            linestyle=(0, (4, 1.5)) if failed else "-",
            shrinkA=0,
            shrinkB=0,
            zorder=1,
        )
        arrow.set_gid(gid)
        graph.axes.add_artist(arrow)
        colour = VERMILION if failed else INK
        label = write(
            graph.axes, place.centre, texts[pair], size=TINY, align="center", colour=colour, gid=f"calls {gid}"
        )
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
        label.set_zorder(4)


def _layered(deps: Dependencies) -> Graph:
    pairs = [(edge.parent, edge.child) for edge in deps.edges]
    names, colours = short_names(deps.nodes), service_colours(deps.nodes)
    columns, layers = widest_layer(deps.nodes, pairs)
    longest = max(width(name, SMALL, bold=True) for name in names.values()) + 0.2
    across = columns * min(longest, _NARROWEST) > WIDTH
    pitch = WIDTH / (layers if across else columns)
    room = (min(longest, pitch - (_BETWEEN if across else 0.1)) + 0.1, _BOX + 0.16 if across else _DOWN)
    centres, height = in_layers(deps.nodes, pairs, room, across=across)
    figure, axes = sheet(_HEADER + height)
    shapes: dict[str, Shape] = {}
    for service, (x, below) in centres.items():
        y, colour = below + _HEADER, colours[service]
        wide = min(width(names[service], SMALL, bold=True) + 0.2, room[0] - 0.1)
        shapes[service] = Box((x, y), wide, _BOX)
        corner = (x - wide / 2, y - _BOX / 2)
        box(axes, corner, (wide, _BOX), face=tint(colour, 0.15), edge=colour, line=1.2, radius=0.05, gid=service)
        write(axes, (x, y), names[service], bold=True, align="center", room=wide - 0.14, gid=f"name {service}")
    return Graph(figure, axes, shapes, [], _page(_HEADER, height), "right" if across else "down")


def _force(deps: Dependencies) -> Graph:
    pairs = [(edge.parent, edge.child) for edge in deps.edges]
    names, colours = short_names(deps.nodes), service_colours(deps.nodes)
    longest = min(1.5, max(width(name, SMALL) for name in names.values()))
    room = (max(longest, 2 * _RADIUS) + 0.12, 2 * (_NAME + 0.1))
    needed = 2.2 * len(deps.nodes) * room[0] * room[1] / WIDTH
    height = max(1.3, min(7.0, 1.25 * math.sqrt(len(deps.nodes))), needed)
    figure, axes = sheet(_HEADER + height)
    centres = by_force(deps.nodes, pairs, (WIDTH, height), room)
    shapes: dict[str, Shape] = {name: Disc((x, y + _HEADER), _RADIUS) for name, (x, y) in centres.items()}
    obstacles: list[Box] = []
    for service, shape in shapes.items():
        disc = Circle(shape.centre, _RADIUS, facecolor=colours[service], edgecolor="white", linewidth=0.8, zorder=3)
        disc.set_gid(service)
        axes.add_artist(disc)
        others = [shapes[name].centre for pair in pairs if service in pair for name in pair if name != service]
        side = 1 if (service, service) in pairs else _side(shape.centre, others)  # a loop is above
        at = (shape.centre[0], shape.centre[1] + _NAME * side)
        name = write(axes, at, names[service], align="center", room=longest, gid=f"name {service}")
        name.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8})
        obstacles.append(Box(at, width(name.get_text(), SMALL) + 0.04, 0.14))
    return Graph(figure, axes, shapes, obstacles, _page(_HEADER, height), None)


def _page(top: float, height: float) -> Box:
    """What of the figure the lines may use."""
    return Box((WIDTH / 2, top + height / 2), WIDTH - 0.06, height)


def _side(centre: tuple[float, float], others: Iterable[tuple[float, float]]) -> int:
    """1 when a name is better below a disc, -1 when it is better above: where fewer lines leave it steeply."""
    steep = [other[1] - centre[1] for other in others if abs(other[1] - centre[1]) > 0.4 * abs(other[0] - centre[0])]
    return -1 if sum(down > 0 for down in steep) > sum(down < 0 for down in steep) else 1


def _calls(edge: Edge) -> str:
    return f"{edge.calls:,} ({edge.errors:,} failed)" if edge.errors else f"{edge.calls:,}"
