"""The shapes of nodes, the colours of health, and the signs of a graph: those of Kiali's legend."""

from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Polygon
from matplotlib.path import Path

from refapp.draw.colours import tint
from refapp.draw.graph.units import SIZE
from refapp.draw.sheet import TINY, write
from refapp.draw.style import BLUE, GREEN, GREY, ORANGE, VERMILION
from refapp.query.mesh.graph import Edge, Node, NodeKind
from refapp.query.mesh.health import Status

Dash = Literal["-", ":"] | tuple[float, tuple[float, ...]]


class Look(NamedTuple):
    """How something of a status is drawn: its colour, width and dashes, which tell it without the colour."""

    colour: str
    width: float
    dash: Dash


HEALTH = {
    Status.HEALTHY: Look(GREEN, 1.2, "-"),
    Status.DEGRADED: Look(ORANGE, 1.8, (0, (4, 1.2))),
    Status.FAILURE: Look(VERMILION, 2.2, (0, (2, 1))),
    Status.NOT_READY: Look(BLUE, 1.2, "-"),
    Status.NA: Look(GREY, 1.2, "-"),
}
TCP = Look(BLUE, 1.2, "-")
IDLE = Look(GREY, 0.9, ":")
_SIGNS = {Status.DEGRADED: "!", Status.FAILURE: "x", Status.NOT_READY: "-"}


def edge_look(edge: Edge) -> Look:
    """How an edge is drawn; TCP has no health of requests."""
    if edge.idle:
        return IDLE
    return TCP if edge.protocol == "tcp" else HEALTH[edge.health.status]


def node_look(node: Node) -> Look:
    """How the outline of a node is drawn."""
    if node.idle or node.dead:
        return IDLE
    return HEALTH[node.health.status]._replace(width=1.3, dash="-")


def draw_node(axes: Axes, node: Node, at: tuple[float, float], size: float = SIZE, *, sign: bool = True) -> Patch:
    """Draw a node, with a sign at its corner where it is not healthy; its gid is its id."""
    look = node_look(node)
    patch = shape(node.kind, at, size, entry=bool(node.service_entry))
    patch.set(facecolor=tint(look.colour, 0.16), edgecolor=look.colour, linewidth=look.width, linestyle=look.dash)
    patch.set(zorder=4, joinstyle="round")
    patch.set_gid(node.id)
    axes.add_artist(patch)
    if sign and not node.idle and node.health.status in _SIGNS:
        corner = (at[0] + size * 0.42, at[1] - size * 0.42)
        (disc,) = axes.plot(*corner, "o", color=look.colour, markersize=7, markeredgecolor="white", zorder=6)
        disc.set_gid(f"sign {node.id}")
        text = write(axes, corner, _SIGNS[node.health.status], size=TINY, bold=True, colour="white", align="center")
        text.set_zorder(7)
    return patch


def shape(kind: NodeKind, at: tuple[float, float], size: float, *, entry: bool = False) -> Patch:
    """The shape of a kind of node: square, circle, triangle, diamond, or the tag of what is outside the mesh."""
    x, y = at
    half = size / 2
    if kind is NodeKind.WORKLOAD:
        return Circle(at, half)
    if kind is NodeKind.UNKNOWN:
        return Polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)])
    if kind is NodeKind.SERVICE and entry:
        notch = size * 0.28
        corners = [(x - half, y - half), (x + half - notch, y - half), (x + half, y), (x + half - notch, y + half)]
        return Polygon([*corners, (x - half, y + half)])
    if kind is NodeKind.SERVICE:
        return Polygon([(x, y - half), (x + half, y + half * 0.8), (x - half, y + half * 0.8)])
    style = f"round,pad=0,rounding_size={size * 0.2}"
    return FancyBboxPatch((x - half, y - half), size, size, boxstyle=style, mutation_aspect=1)


def padlock(axes: Axes, at: tuple[float, float], *, closed: bool, gid: str | None = None) -> None:
    """A padlock of about a tenth of an inch, its shackle to one side if it is open."""
    body = np.array([(-0.034, 0.0), (0.034, 0.0), (0.034, 0.045), (-0.034, 0.045), (-0.034, 0.0)])
    angles = np.linspace(np.pi, 2 * np.pi, 13)
    shackle = np.column_stack((0.021 * np.cos(angles), 0.026 * np.sin(angles) - 0.008))
    shackle = np.concatenate((shackle, [(0.021, 0.002 if closed else -0.008)]))
    shackle = np.concatenate(([(-0.021, 0.002)], shackle))
    shift = np.array((0.0 if closed else 0.024, 0.0))
    colour = GREY if closed else VERMILION
    block = PathPatch(Path(body + np.array(at)), facecolor=colour, edgecolor="none", zorder=6)
    block.set_gid(gid)
    axes.add_artist(block)
    bow = PathPatch(Path(shackle + shift + np.array(at)), facecolor="none", edgecolor=colour, linewidth=1.0, zorder=6)
    axes.add_artist(bow)
