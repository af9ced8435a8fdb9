"""Two traces as Jaeger compares them: what both did, and what only one of them did."""

from collections.abc import Iterable, Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refapp.draw.colours import tint
from refapp.draw.sheet import MARGIN, SMALL, TINY, TITLE, box, write
from refapp.draw.style import GREEN, GREY, VERMILION, WIDTH
from refapp.draw.texts import duration, short_names, width
from refapp.draw.tracing.tree import Node, draw_trees
from refapp.query.tracing.comparison import Comparison, ComparisonNode
from refapp.query.tracing.tree import short

_HEADER = 0.78  # inches
_ONLY, _MORE, _SAME = 0.55, 0.16, 0.08  # share of the colour in the ground of a box
_LEGEND = {
    "only in A": (VERMILION, _ONLY),
    "fewer in B": (VERMILION, _MORE),
    "as many in both": (GREY, _SAME),
    "more in B": (GREEN, _MORE),
    "only in B": (GREEN, _ONLY),
}


def compare(comparison: Comparison, *, a: str = "A", b: str = "B") -> Figure:
    """A box for each path of services and operations: red what only the first trace has, green what only the second.

    In a box stand the service, the operation, then the number of spans in A and B with their difference, as a number
    and as a share of A's, and last their time in A and B. The gids of boxes are `1`, `1.2` for the second box below
    it, and so on; `1.2 line 0` is its first line.

    Args:
        comparison: of the two traces.
        a: what the first trace is called in the title.
        b: what the second trace is called in the title.
    """
    names = short_names(node.service for _, node in comparison.walk())

    def nodes(found: Iterable[ComparisonNode], above: str) -> Iterator[Node]:
        for number, node in enumerate(found, 1):
            name = f"{above}{number}"
            colour, share = _LEGEND[_case(node)]
            yield Node(
                name=name,
                title=names[node.service],
                detail=short(node.operation),
                numbers=(_counts(node), _times(node)),
                face=tint(colour, share),
                mark=colour,
                children=tuple(nodes(node.children, f"{name}.")),
            )

    figure, axes = draw_trees(list(nodes(comparison.roots, "")), _HEADER)
    title = f"{a} compared with {b}" if (a, b) == ("A", "B") else f"A: {a}   B: {b}"
    write(axes, (MARGIN, 0.16), title, size=TITLE, bold=True, room=WIDTH - 2 * MARGIN, gid="title")
    write(axes, (MARGIN, 0.37), "in a box: spans in A → B (difference), time in A → B", size=SMALL, colour=GREY)
    _legend(axes, {_case(node) for _, node in comparison.walk()})
    return figure


def _case(node: ComparisonNode) -> str:
    if node.found != "both":
        return f"only in {node.found}"
    if node.count_a == node.count_b:
        return "as many in both"
    return "more in B" if node.count_b > node.count_a else "fewer in B"


def _counts(node: ComparisonNode) -> str:
    difference = node.count_b - node.count_a
    text = f"{node.count_a} → {node.count_b}"
    if not difference:
        return text
    if node.found != "both":
        return f"{text} ({difference:+})"
    return f"{text} ({difference:+}, {difference / node.count_a:+.0%})"


def _times(node: ComparisonNode) -> str:
    before, after = (duration(time) if count else "none" for time, count in _sides(node))
    return f"{before} → {after}"


def _sides(node: ComparisonNode) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.duration_a, node.count_a), (node.duration_b, node.count_b)


def _legend(axes: Axes, cases: set[str]) -> None:
    x = MARGIN
    for name, (colour, share) in _LEGEND.items():
        if name in cases:
            box(axes, (x, 0.51), (0.16, 0.13), face=tint(colour, share), edge=colour, line=0.8, radius=0.0)
            write(axes, (x + 0.22, 0.575), name, size=TINY, gid=f"legend {name}")
            x += 0.22 + width(name, TINY) + 0.18
