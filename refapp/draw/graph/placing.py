"""Where the units of a graph and the lines between them are drawn, in inches, from left to right."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from refapp.draw.graph.ordering import layers_of, order, spread
from refapp.draw.graph.units import SIZE, Unit, units
from refapp.draw.layers import Edge as Pair
from refapp.draw.routes import Points
from refapp.draw.style import WIDTH
from refapp.query.mesh.graph import Edge, Graph
from refapp.query.mesh.series import is_known

MARGIN = 0.08
_LEAST = 0.33  # inches between two layers
_MOST = 1.0
_ROWS = 0.22  # between two units of a layer
_LANE = (0.14, 0.14)  # what a line needs that passes a layer
_BAND = 0.34  # what the frame and the name of a namespace need
_SAMPLES = 33
_PARALLEL = 0.09  # between lines that join the same nodes
_ARC = 0.22  # how far a line bends that leads back within a unit

Point = tuple[float, float]


@dataclass(frozen=True)
class Placing:
    """Where everything is: the upper left corner of each unit, the middle of each node, and a line for each edge.

    `bands` are the upper and the lower end of each namespace that is known, where there are several.
    """

    units: tuple[Unit, ...]
    corners: Mapping[str, Point]
    centres: Mapping[str, Point]
    lines: Mapping[str, Points]
    bands: Mapping[str, Point]
    width: float
    height: float


class _Lane(NamedTuple):
    """Where a line passes a layer on its way to a later one."""

    name: str
    layer: int


def place(graph: Graph, top: float, bottom: float, *, lines: int = 1) -> Placing:
    """Place a graph below `top`, and leave so many inches below it.

    It has the width of the book, or more if it has more layers than fit into that. In a box there is room for so many
    `lines` of a label.
    """
    found = {unit.key: unit for unit in units(graph, lines=lines)}
    unit_of = {name: unit.key for unit in found.values() for name in unit.nodes}
    pairs = _pairs((unit_of[edge.source], unit_of[edge.target]) for edge in graph.edges)
    layers = layers_of(list(found), pairs)
    lanes = {pair: _lanes(pair, layers) for pair in pairs}
    across, bands = _across(found, layers, lanes)
    columns, wide = _columns(found.values(), layers)
    shift = top + (_BAND if len(bands) > 1 else 0.0)
    corners = {
        key: (sum(columns[layers[key]]) / 2 - unit.width / 2, across[key] - unit.anchor + shift)
        for key, unit in found.items()
    }
    centres = {
        name: (corners[key][0] + x, corners[key][1] + y)
        for key, unit in found.items()
        for name, (x, y) in unit.nodes.items()
    }
    drawn = {}
    for edge, offset in _offsets(graph.edges):
        ends = (unit_of[edge.source], unit_of[edge.target])
        start, end = centres[edge.source], centres[edge.target]
        if ends[0] == ends[1]:
            drawn[edge.id] = _inside(start, end, offset)
            continue
        forward = layers[ends[0]] < layers[ends[1]]
        passed = [(columns[lane.layer], across[lane.name] + shift) for lane in lanes[ends]]
        if forward:
            drawn[edge.id] = _line(start, end, columns[layers[ends[0]]], columns[layers[ends[1]]], passed, offset)
        else:
            back = _line(end, start, columns[layers[ends[1]]], columns[layers[ends[0]]], passed, offset + _PARALLEL)
            drawn[edge.id] = back[::-1]
    ends_at = [corners[key][1] + unit.height for key, unit in found.items()]
    lowest = max([top, *ends_at, *(float(line[:, 1].max()) for line in drawn.values())])
    known = {name: ends for name, ends in bands.items() if is_known(name)}
    several = known if len(known) > 1 else {}
    frames = {name: (low + shift - _BAND + 0.08, end + shift + 0.07) for name, (low, end) in several.items()}
    lowest = max([lowest, *(end + 0.05 for _, end in frames.values())])
    return Placing(tuple(found.values()), corners, centres, drawn, frames, wide, lowest + bottom)


def _pairs(pairs: Iterable[Pair]) -> list[Pair]:
    return [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]


def _lanes(pair: Pair, layers: Mapping[str, int]) -> list[_Lane]:
    """What a line passes from the earlier layer to the later one."""
    first, last = sorted((layers[pair[0]], layers[pair[1]]))
    return [_Lane(f"{pair[0]} → {pair[1]} {layer}", layer) for layer in range(first + 1, last)]


def _across(
    found: Mapping[str, Unit], layers: Mapping[str, int], lanes: Mapping[Pair, Sequence[_Lane]]
) -> tuple[dict[str, float], dict[str, Point]]:
    """How far down the middle of each unit and each lane is, and where each namespace begins and ends.

    A line between namespaces belongs to that of its later end.
    """
    places: dict[str, float] = {}
    bands: dict[str, Point] = {}
    rooms = {key: (unit.anchor + _ROWS / 2, unit.height - unit.anchor + _ROWS / 2) for key, unit in found.items()}
    chains = []
    owner = {key: unit.namespace for key, unit in found.items()}
    number_of = dict(layers)
    for pair, passed in lanes.items():
        first, last = sorted(pair, key=layers.__getitem__)
        chains.append([first, *(lane.name for lane in passed), last])
        for lane in passed:
            owner[lane.name], number_of[lane.name], rooms[lane.name] = found[last].namespace, lane.layer, _LANE
    steps = [step for chain in chains for step in pairwise(chain)]
    begin = 0.0
    for namespace in dict.fromkeys(found[key].namespace for key in sorted(found, key=layers.__getitem__)):
        own: dict[int, list[str]] = defaultdict(list)
        for name, held in owner.items():
            if held == namespace:
                own[number_of[name]].append(name)
        edges = [step for step in steps if owner[step[0]] == owner[step[1]] == namespace]
        ordered = order([own[layer] for layer in range(max(number_of.values()) + 1)], edges)
        spread_out = spread(ordered, edges, rooms, passing=set(owner) - set(found))
        for name in [name for name in spread_out if name in found and found[name].reach]:
            spread_out[name] = _lowered(name, spread_out, edges, rooms, own[number_of[name]])
        end = max(place + rooms[name][1] for name, place in spread_out.items())
        places |= {name: begin + place for name, place in spread_out.items()}
        bands[namespace] = (begin, begin + end)
        begin += end + _BAND + 0.1
    return places, bands


def _lowered(
    name: str, places: Mapping[str, float], steps: Iterable[Pair], rooms: Mapping[str, Point], layer: Iterable[str]
) -> float:
    """How far down a unit is from which no line has to lead down, through its name below it, if there is room there."""
    at = max([places[name], *(places[later] for earlier, later in steps if earlier == name)])
    below = [other for other in layer if places[other] > places[name]]
    free = all(at + rooms[name][1] <= places[other] - rooms[other][0] for other in below)
    return at if free else places[name]


def _columns(found: Iterable[Unit], layers: Mapping[str, int]) -> tuple[list[Point], float]:
    """Where each layer begins and ends, and how wide the figure is."""
    number = max(layers.values(), default=0) + 1
    widths = [0.0] * number
    margins = [MARGIN] * number
    for unit in found:
        layer = layers[unit.key]
        widths[layer] = max(widths[layer], unit.width)
        margins[layer] = max(margins[layer], MARGIN + unit.reach)
    edges = margins[0] + margins[-1]
    free = WIDTH - edges - sum(widths)
    gap = min(_MOST, max(_LEAST, free / (number - 1))) if number > 1 else 0.0
    needed = float(sum(widths) + gap * (number - 1) + edges)
    wide = max(WIDTH, needed)
    at = margins[0] + (wide - needed) / 2
    columns = []
    for width in widths:
        columns.append((at, at + width))
        at += width + gap
    return columns, wide


def _offsets(edges: Sequence[Edge]) -> list[tuple[Edge, float]]:
    """The edges, each with how far it is moved down since others join the same nodes."""
    groups: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[edge.source, edge.target].append(edge)
    return [
        (edge, (number - (len(group) - 1) / 2) * _PARALLEL)
        for group in groups.values()
        for number, edge in enumerate(group)
    ]


def _line(
    start: Point, end: Point, first: Point, last: Point, passed: Sequence[tuple[Point, float]], offset: float
) -> Points:
    """A line that is level where it passes a layer, and swings between two of them."""
    stops = [((start[0] + SIZE / 2, first[1]), start[1] + offset)]
    stops.extend(passed)
    stops.append(((last[0], end[0] - SIZE / 2), end[1] + offset))
    parts = []
    for number, ((left, right), y) in enumerate(stops):
        parts.append(np.array([(left, y), (right, y)]))
        if number + 1 < len(stops):
            (ahead, _), down = stops[number + 1]
            parts.append(_swing((right, y), (ahead, down)))
    return np.concatenate(parts)


def _swing(a: Point, b: Point) -> Points:
    """A cubic Bézier curve that is level at both ends."""
    t = np.linspace(0, 1, _SAMPLES)
    half = (a[0] + b[0]) / 2
    x = (1 - t) ** 3 * a[0] + 3 * (1 - t) ** 2 * t * half + 3 * (1 - t) * t**2 * half + t**3 * b[0]
    y = a[1] + (b[1] - a[1]) * (3 * t**2 - 2 * t**3)
    return np.column_stack((x, y))


def _inside(start: Point, end: Point, offset: float) -> Points:
    """A line between two nodes of a unit, round below where it leads back, and a loop above a node."""
    t = np.linspace(0, 1, _SAMPLES)
    if start == end:
        angles = np.linspace(-0.75, 0.75, _SAMPLES) * np.pi
        top = start[1] - SIZE / 2
        return np.column_stack((start[0] + 0.08 * np.sin(angles), top - 0.05 - 0.06 * np.cos(angles) + offset))
    if end[0] - start[0] > SIZE:
        x = start[0] + SIZE / 2 + (end[0] - start[0] - SIZE) * t
        return np.column_stack((x, start[1] + (end[1] - start[1]) * (3 * t**2 - 2 * t**3) + offset))
    down = np.array((0.0, 1.0))
    a, b = np.array(start) + down * SIZE / 2, np.array(end) + down * SIZE / 2
    middle = (a + b) / 2 + down * _ARC
    curve: Points = (1 - t)[:, None] ** 2 * a + 2 * (t * (1 - t))[:, None] * middle + t[:, None] ** 2 * b
    return curve + down * offset
