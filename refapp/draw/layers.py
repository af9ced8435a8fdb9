"""Where the nodes of a directed graph are drawn: in which layer, and in which column of it."""

from collections.abc import Iterable, Mapping, Sequence

Edge = tuple[str, str]  # from a node to a node, by their names


def assign_layers(
    names: Sequence[str], edges: Iterable[Edge], first: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The layer of each node: one more than the last of those that lead to it.

    An edge that closes a cycle is left out of account; a cycle begins with whichever of its nodes is reached first,
    or is named first.

    Args:
        names: of the nodes; edges from or to others are ignored.
        edges: of the graph.
        first: the layer of a node that nothing leads to, where that is not 0.
    """
    first = first or {}
    after = _successors(names, edges)
    order, closing = _depth_first(names, after)
    led = {target for source in names for target in after[source] if (source, target) not in closing}
    found = {name: 0 if name in led else first.get(name, 0) for name in names}
    for source in order:
        for target in after[source]:
            if (source, target) not in closing:
                found[target] = max(found[target], found[source] + 1)
    return found


def assign_columns(names: Sequence[str], edges: Iterable[Edge], found: Mapping[str, int]) -> dict[str, float]:
    """The column of each node: a leaf takes the next one, any other the middle of what hangs on it.

    Args:
        names: of the nodes.
        edges: of the graph.
        found: the layer of each node.
    """
    after = _successors(names, edges)
    placed: dict[str, float] = {}
    hung: set[str] = set()
    free = 0

    def place(name: str) -> float:
        nonlocal free
        below = [target for target in after[name] if target not in hung and found[target] == found[name] + 1]
        hung.update((name, *below))
        if below:
            middles = [place(child) for child in below]
            placed[name] = (middles[0] + middles[-1]) / 2
        else:
            placed[name] = free
            free += 1
        return placed[name]

    for name in sorted(names, key=found.__getitem__):
        if name not in hung:
            place(name)
    return placed


def _successors(names: Sequence[str], edges: Iterable[Edge]) -> dict[str, list[str]]:
    """What each node leads to, once each and in the order of the edges."""
    after: dict[str, dict[str, None]] = {name: {} for name in names}
    for source, target in edges:
        if source in after and target in after and source != target:
            after[source][target] = None
    return {name: list(targets) for name, targets in after.items()}


def _depth_first(names: Sequence[str], after: Mapping[str, Sequence[str]]) -> tuple[list[str], set[Edge]]:
    """The nodes, each before those that it leads to, and the edges that close a cycle."""
    led = {target for targets in after.values() for target in targets}
    left: list[str] = []
    done: set[str] = set()
    path: set[str] = set()
    closing: set[Edge] = set()

    def visit(name: str) -> None:
        path.add(name)
        for target in after[name]:
            if target in path:
                closing.add((name, target))
            elif target not in done:
                visit(target)
        path.remove(name)
        done.add(name)
        left.append(name)

    for name in (*(name for name in names if name not in led), *names):
        if name not in done:
            visit(name)
    return left[::-1], closing
