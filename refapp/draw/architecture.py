"""The architecture of a platform as a figure, drawn from its topology and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch, PathPatch
from matplotlib.path import Path

from refapp.draw.layers import assign_columns, assign_layers
from refapp.draw.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, VERMILION, WIDTH, panels
from refapp.topology import Kind, Topology

_LAYER = 0.72  # inches from a layer to the next
_BOX = (1.32, 0.43)  # inches: the widest box, and the height of each
_GAP = 0.12  # inches between two boxes side by side
_FONT = 10.5
_SLOT = 1.3  # inches of a column above which letters have their full size
_LEGEND_LINE = 0.21  # inches
_UNREACHED = 2  # the layer of what no way leads to
_RIM = 0.16  # of a cylinder, as a share of its length


class Part(StrEnum):
    """What a node of the figure stands for."""

    CLIENT = "client"
    UI = "user interface"
    GATEWAY = "gateway"
    SERVICE = "service"
    QUEUE = "queue in RabbitMQ"
    DATABASE = "database and collection in MongoDB"


class Way(StrEnum):
    """How one node reaches another."""

    PAGE = "page over HTTP"
    HTTP = "JSON over HTTP"
    CALL = "gRPC call, waits for the answer"
    MESSAGE = "message by way of the queue"
    WRITE = "write to the database"


@dataclass(frozen=True)
class _Node:
    name: str
    part: Part
    label: str
    places: tuple[int, ...] = ()  # of its greeting in the answer, from 1


@dataclass(frozen=True)
class _Edge:
    source: str
    target: str
    way: Way


_ROUNDING = {Part.CLIENT: 0.15, Part.UI: 0.08, Part.GATEWAY: 0.08}  # of a box, in columns
_PARTS = {
    Part.CLIENT: GREY,
    Part.UI: ORANGE,
    Part.GATEWAY: PURPLE,
    Part.SERVICE: BLUE,
    Part.QUEUE: VERMILION,
    Part.DATABASE: GREEN,
}
_OF_KINDS = {Kind.UI: Part.UI, Kind.GATEWAY: Part.GATEWAY, Kind.SERVICE: Part.SERVICE}
_WAYS: dict[Way, tuple[str, Literal["-", "--", ":"]]] = {
    Way.PAGE: (GREY, "--"),
    Way.HTTP: (GREY, "-"),
    Way.CALL: (BLUE, "-"),
    Way.MESSAGE: (VERMILION, "--"),
    Way.WRITE: (GREEN, ":"),
}


def architecture(topology: Topology) -> Figure:
    """Workloads, queues and databases in layers: each below whatever leads to it, the client on top.

    A number on a service is the place of its greeting in the answer to a request. Every node and edge of the figure
    has a `gid`: `service-a`, `queue NAME`, `database NAME`, or `SOURCE → TARGET`.
    """
    nodes, edges = list(_nodes(topology)), list(_edges(topology))
    names, pairs = [node.name for node in nodes], [(edge.source, edge.target) for edge in edges]
    layers = assign_layers(names, pairs, {name: _UNREACHED for name in names if name != "client"})
    columns = assign_columns(names, pairs, layers)
    entries = list(_entries(nodes, edges))
    width, depth = max(columns.values()) + 1, max(layers.values()) + 1
    figure, ((axes,),) = panels(depth * _LAYER + (len(entries) + 1) // 2 * _LEGEND_LINE)
    axes.set_axis_off()
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(depth - 0.5, -0.5)
    slot = WIDTH / width
    size = (min(_BOX[0], slot - _GAP) / slot, _BOX[1] / _LAYER)
    font = _FONT * min(1.0, slot / _SLOT)
    for edge in edges:
        axes.add_patch(_arrow(edge, layers, columns, size))
    for node in nodes:
        _draw(axes, node, (columns[node.name], layers[node.name]), size, font)
    figure.legend(handles=entries, loc="outside lower left", ncols=2, fontsize=9, handlelength=2.4)
    return figure


def _nodes(topology: Topology) -> Iterator[_Node]:
    yield _Node("client", Part.CLIENT, "client")
    for workload in topology:
        places = tuple(place for place, name in enumerate(topology.answer, 1) if name == workload.name)
        yield _Node(workload.name, _OF_KINDS[workload.kind], workload.title, places)
    for queue in topology.queues:
        yield _Node(f"queue {queue}", Part.QUEUE, queue.replace(".", ".\n", 1))
    for database in topology.databases:
        collections = dict.fromkeys(workload.collection for workload in topology if workload.database == database)
        yield _Node(f"database {database}", Part.DATABASE, "\n".join((database, ", ".join(collections))))


def _edges(topology: Topology) -> Iterator[_Edge]:
    if topology.ui:
        yield _Edge("client", topology.ui.name, Way.PAGE)
    yield _Edge("client", topology.gateway.name, Way.HTTP)
    for workload in topology:
        for callee in workload.calls:
            yield _Edge(workload.name, callee, Way.CALL)
        if workload.publishes:
            yield _Edge(workload.name, f"queue {workload.publishes}", Way.MESSAGE)
        if workload.consumes:
            yield _Edge(f"queue {workload.consumes}", workload.name, Way.MESSAGE)
        if workload.database:
            yield _Edge(workload.name, f"database {workload.database}", Way.WRITE)


def _arrow(
    edge: _Edge, layers: dict[str, int], columns: dict[str, float], size: tuple[float, float]
) -> FancyArrowPatch:
    colour, line = _WAYS[edge.way]
    width, height = size
    start, end = columns[edge.source], columns[edge.target]
    down = layers[edge.target] - layers[edge.source]
    if down == 1:
        bend, shift, out = 0.0, 0.0, height / 2
    else:  # from side to side, round what lies between
        right = 1 if end >= start else -1
        bend, shift, out = (-0.35 if down > 0 else 0.35) * right, right * width / 2, 0.0
    arrow = FancyArrowPatch(
        (start + shift, layers[edge.source] + out),
        (end + shift, layers[edge.target] - out),
        connectionstyle=f"arc3,rad={bend}",
        arrowstyle="-|>",
        mutation_scale=11,
        linestyle=line,
        linewidth=1.6,
        color=colour,
        shrinkA=0,
        shrinkB=1,
        zorder=1,
    )
    arrow.set_gid(f"{edge.source} → {edge.target}")
    return arrow


def _draw(axes: Axes, node: _Node, at: tuple[float, float], size: tuple[float, float], font: float) -> None:
    (x, y), (width, height) = at, size
    patch = _shape(node.part, x, y, width, height)
    patch.set(facecolor=_tint(_PARTS[node.part]), edgecolor=_PARTS[node.part], linewidth=1.4, zorder=2)
    patch.set_gid(node.name)
    axes.add_patch(patch)
    store = node.part in (Part.QUEUE, Part.DATABASE)
    shift = height * _RIM / 2 if node.part is Part.DATABASE else 0.0  # below the rim
    axes.text(
        x, y + shift, node.label, ha="center", va="center", fontsize=font * (0.8 if store else 1), linespacing=1.2
    )
    if node.places:
        badge = {"boxstyle": "round,pad=0.25", "facecolor": INK, "edgecolor": "white"}
        place = ", ".join(map(str, node.places))
        corner = (x - width / 2, y - height / 2)
        axes.text(*corner, place, ha="center", va="center", fontsize=font * 0.8, color="white", bbox=badge)


def _shape(part: Part, x: float, y: float, width: float, height: float) -> Patch:
    if part is Part.DATABASE:
        return PathPatch(_cylinder(x, y, width, height, lying=False))
    if part is Part.QUEUE:
        return PathPatch(_cylinder(x, y, width, height, lying=True))
    style = f"round,pad=0,rounding_size={_ROUNDING.get(part, 0.02)}"
    return FancyBboxPatch((x - width / 2, y - height / 2), width, height, boxstyle=style)


def _cylinder(x: float, y: float, width: float, height: float, *, lying: bool) -> Path:
    """The outline of a cylinder and its rim, which is at the top, or at the right end of a lying one."""
    angles = np.linspace(0, np.pi, 25)
    half = np.column_stack((np.cos(angles), _RIM * np.sin(angles)))
    straight = np.array((0, 1 - _RIM))
    body = np.concatenate((half + straight, -half - straight, half[:1] + straight))
    outline = np.concatenate((body, half[::-1] * (1, -1) + straight))
    codes = [Path.LINETO] * len(outline)
    codes[0] = codes[len(body)] = Path.MOVETO
    turned = outline[:, ::-1] if lying else outline * (1, -1)  # the layers count downwards
    return Path(turned * (width / 2, height / 2) + (x, y), codes)


def _tint(colour: str) -> str:
    red, green, blue = (1 - 0.13 * (1 - channel) for channel in to_rgb(colour))
    return to_hex((red, green, blue))


def _entries(nodes: list[_Node], edges: list[_Edge]) -> Iterator[Artist]:
    """The legend: the ways that there are, what a number means, and the parts."""
    for way, (colour, line) in _WAYS.items():
        if any(edge.way is way for edge in edges):
            yield Line2D([], [], color=colour, linestyle=line, linewidth=1.6, label=way)
    if any(node.places for node in nodes):
        yield Line2D([], [], color=INK, marker="s", linestyle="", label="place of its greeting in the answer")
    for part, colour in _PARTS.items():
        if part is not Part.CLIENT and any(node.part is part for node in nodes):
            yield Patch(facecolor=_tint(colour), edgecolor=colour, label=part)
