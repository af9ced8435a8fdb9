"""In which order the boxes of each layer follow each other so that lines cross little, and where they stand.

The steps are those of K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of hierarchical system
structures", 1981 (https://doi.org/10.1109/TSMC.1981.4308636): layers, an order by the middle of the neighbours, and
places that keep to the order.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from refapp.draw.layers import Edge, assign_layers

_SWEEPS = 16
_ACROSS = 6  # nodes in a row where none has lines
_ROUNDS = 24
_STRAIGHT = 30  # how much more a line pulls on its places than a unit does


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each node; what nothing leads to stands right before the first thing it leads to."""
    found = assign_layers(names, edges)
    led = {target for source, target in edges if found.get(source, 0) < found.get(target, -1)}
    for name in names:
        ahead = [found[target] for source, target in edges if source == name and found.get(target, -1) > found[name]]
        if name not in led and ahead:
            found[name] = min(ahead) - 1
    # What has no lines stands where there is room: beside what has, or in rows.
    alone = [name for name in names if not any(name in edge for edge in edges)]
    deepest = max(found.values(), default=0)
    for number, name in enumerate(alone):
        found[name] = 1 + number % deepest if deepest else number % _ACROSS
    lowest = min(found.values(), default=0)
    return {name: layer - lowest for name, layer in found.items()}


def order(layers: Sequence[Sequence[str]], edges: Sequence[Edge]) -> list[list[str]]:
    """The nodes of each layer in an order with few crossings.

    Args:
        layers: the nodes of each.
        edges: each from a node to one of the next layer.
    """
    before, after = _neighbours(edges)
    current = [list(layer) for layer in layers]
    best, least = [list(layer) for layer in current], crossings(current, edges)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = before if down else after
        places = range(1, len(current)) if down else range(len(current) - 2, -1, -1)
        for place in places:
            other = {name: at for at, name in enumerate(current[place - 1 if down else place + 1])}
            own = {name: at for at, name in enumerate(current[place])}
            current[place].sort(key=lambda name, other=other, own=own: _middle(near[name], other, own[name]))  # type: ignore[misc]
        if (count := crossings(current, edges)) < least:
            best, least = [list(layer) for layer in current], count
    return best


def crossings(layers: Sequence[Sequence[str]], edges: Sequence[Edge]) -> int:
    """How many pairs of lines between neighbouring layers cross."""
    at = {name: place for layer in layers for place, name in enumerate(layer)}
    layer_of = {name: number for number, layer in enumerate(layers) for name in layer}
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for source, target in edges:
        lines[layer_of[source]].append((at[source], at[target]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for group in lines.values()
        for number, one in enumerate(group)
        for other in group[:number]
    )


def spread(
    layers: Sequence[Sequence[str]],
    edges: Sequence[Edge],
    rooms: Mapping[str, tuple[float, float]],
    *,
    passing: Collection[str] = (),
) -> dict[str, float]:
    """Where each node stands in its layer: near its neighbours, in the order of the layer, with room for all.

    Args:
        layers: the nodes of each, in order.
        edges: each from a node to one of the next layer.
        rooms: what each node needs before and after the point at which it stands.
        passing: nodes that are only places of lines, which are straight where they can be.
    """
    before, after = _neighbours(edges)
    found: dict[str, float] = {}
    for layer in layers:
        at = 0.0
        for name in layer:
            found[name] = at + rooms[name][0]
            at += sum(rooms[name])
    for turn in range(_ROUNDS):
        near = (before, after, None)[turn % 3]
        for layer in layers if turn % 2 == 0 else layers[::-1]:
            wished = []
            for name in layer:
                around = [*before[name], *after[name]] if near is None else near[name]
                weights = [_STRAIGHT if name in passing and other in passing else 1 for other in around]
                middle = sum(found[other] * weight for other, weight in zip(around, weights, strict=True))
                wished.append(middle / sum(weights) if around else found[name])
            found.update(zip(layer, apart(wished, [rooms[name] for name in layer]), strict=True))
    lowest = min((found[name] - rooms[name][0] for name in found), default=0.0)
    return {name: place - lowest for name, place in found.items()}


def apart(wished: Sequence[float], rooms: Sequence[tuple[float, float]]) -> list[float]:
    """The places nearest to those that are wished for, by least squares, that keep the order and leave all room.

    Places that would come too near are put together and share their middle: isotonic regression by pooling adjacent
    violators.
    """
    offsets = [0.0]
    for (_, behind), (ahead, _) in pairwise(rooms):
        offsets.append(offsets[-1] + behind + ahead)
    pools: list[tuple[float, int]] = []  # sum and number
    for place, offset in zip(wished, offsets, strict=False):
        pools.append((place - offset, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (total, number), (other, others) = pools.pop(), pools.pop()
            pools.append((total + other, number + others))
    levels = [total / number for total, number in pools for _ in range(number)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]


def _neighbours(edges: Sequence[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    return before, after


def _middle(names: Sequence[str], places: Mapping[str, int], own: int) -> float:
    return sum(places[name] for name in names) / len(names) if names else own
