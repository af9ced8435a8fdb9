"""Where the nodes of a graph of services are drawn, in inches."""

from collections.abc import Sequence

import numpy as np

from refapp.draw.layers import Edge, assign_columns, assign_layers
from refapp.draw.routes import Points
from refapp.draw.style import WIDTH

_SPRINGS = 400  # steps
_PITCH = 2.0  # inches from a column to the next, where there is more room than they need
_SPREAD = 1.5  # inches in each direction that a graph has for a node, if there are few
_CALM = 0.985  # of the largest move, from step to step


def in_layers(
    names: Sequence[str], edges: Sequence[Edge], room: tuple[float, float], *, across: bool = False
) -> tuple[dict[str, tuple[float, float]], float]:
    """Each node below whatever leads to it, or right of it; and how high the figure has to be.

    Args:
        names: of the nodes.
        edges: between them.
        room: the width and height of a node with what is around it.
        across: whether the layers follow each other to the right.
    """
    layers = assign_layers(names, edges)
    columns = assign_columns(names, edges, layers)
    number, most = max(layers.values()) + 1, max(columns.values()) + 1
    if across:
        pitch = WIDTH / number
        places = {name: ((layers[name] + 0.5) * pitch, (columns[name] + 0.5) * room[1]) for name in names}
        return places, most * room[1]
    pitch = min(WIDTH / most, max(_PITCH, room[0]))
    left = (WIDTH - pitch * most) / 2
    places = {name: (left + (columns[name] + 0.5) * pitch, (layers[name] + 0.5) * room[1]) for name in names}
    return places, number * room[1]


def widest_layer(names: Sequence[str], edges: Sequence[Edge]) -> tuple[int, int]:
    """How many columns and how many layers the graph has."""
    layers = assign_layers(names, edges)
    columns = assign_columns(names, edges, layers)
    return int(np.ceil(max(columns.values()))) + 1, max(layers.values()) + 1


def by_force(
    names: Sequence[str], edges: Sequence[Edge], size: tuple[float, float], room: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """The nodes where springs along the edges and a push between all of them come to rest.

    The method is that of T. Fruchterman and E. Reingold, "Graph drawing by force-directed placement", 1991
    (https://doi.org/10.1002/spe.4380211102), from a circle in the order of the names, so that the same graph always
    looks the same. In the end nodes whose rooms overlap are moved apart.

    Args:
        names: of the nodes.
        edges: between them.
        size: the width and height that there are.
        room: the width and height of a node with what is around it.
    """
    count = len(names)
    if count == 1:
        return {names[0]: (size[0] / 2, size[1] / 2)}
    used = np.minimum(size, _SPREAD * count)
    inner = used - room
    angles = 2 * np.pi * np.arange(count) / count
    # Radii that differ a little, since a regular polygon may be at rest where nothing else would be.
    radii = 0.5 + 0.03 * np.sin(5 * np.arange(count))
    places = np.column_stack((radii * np.cos(angles), radii * np.sin(angles))) * inner
    index = {name: number for number, name in enumerate(names)}
    joined = np.zeros((count, count))
    for source, target in edges:
        if source != target:
            joined[index[source], index[target]] = joined[index[target], index[source]] = 1
    places = _fitted(_at_rest(places, joined, 0.9 * float(np.sqrt(inner.prod() / count))), inner)
    # Either way round it is as good; calls go to the right where they can.
    found = assign_layers(names, edges)
    layers = np.array([found[name] for name in names])
    if (layers - layers.mean()) @ places[:, 0] < 0:
        places[:, 0] = inner[0] - places[:, 0]
    margin = (np.array(size) - used + room) / 2
    places = _apart(places + margin, np.array(size), np.array(room))
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}


def _at_rest(places: Points, joined: Points, ideal: float) -> Points:
    """The places after springs of an ideal length have pulled and all nodes have pushed."""
    move = ideal
    for _ in range(_SPRINGS):
        between = places[:, None] - places[None]
        distance = np.maximum(np.hypot(between[..., 0], between[..., 1]), 1e-3)
        push = ideal**2 / distance
        pull = joined * distance**2 / ideal
        force = ((push - pull) / distance)[..., None] * between
        total = force.sum(axis=1) - 0.05 * ideal * places  # and all a little to the middle
        length = np.maximum(np.hypot(*total.T), 1e-9)
        places = places + total / length[:, None] * np.minimum(length, move)[:, None]
        move *= _CALM
    return places


def _fitted(places: Points, size: Points) -> Points:
    """The places stretched to a size, the longer side of the cloud along the longer side of it."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes * np.where(axes[np.arange(2), np.abs(axes).argmax(axis=1)] < 0, -1, 1)[:, None]
    turned = centred @ axes.T
    spread = np.ptp(turned, axis=0)
    low = turned.min(axis=0)
    scale = size / np.maximum(spread, 1e-6)
    stretched: Points = np.where(spread > 1e-6, (turned - low) * scale, size / 2)  # noqa: PLR2004 (all in a line)
    return stretched


def _apart(places: Points, size: Points, room: Points) -> Points:
    """The places after overlapping nodes have been moved apart, along the side on which they overlap less."""
    places = places.copy()
    for _ in range(200):
        moved = False
        for one in range(len(places)):
            for other in range(one):
                between = places[one] - places[other]
                lack = room - np.abs(between)
                if (lack > 1e-6).all():  # noqa: PLR2004 (rounding)
                    side = int(np.argmin(lack))
                    step = (1 if between[side] >= 0 else -1) * lack[side] / 2
                    places[one, side] += step
                    places[other, side] -= step
                    moved = True
        places = np.clip(places, room / 2, size - room / 2)
        if not moved:
            break
    return places
