"""What is written at the edges of a graph, and where it does not touch anything."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from refapp.draw.routes import Box, Points
from refapp.draw.sheet import TINY
from refapp.draw.texts import width
from refapp.query.mesh.graph import Edge

Label = Literal["rate", "share", "response time", "throughput"]
"""What can be written at an edge."""

LABELS: tuple[Label, ...] = ("rate", "share", "response time", "throughput")

LINE = 0.125  # inches
LOCK = 0.11  # the height of a padlock with its room
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9)
_ASIDE = (0.0, -0.12, 0.12, -0.2, 0.2, -0.26, 0.26, -0.32, 0.32)
_COVERED = 0.01  # of a label's cost, for a point of another line that it covers
_SEARCH = 0.08  # inches between the places that are looked at when none at the line is free
_TOUCH = 1e-9


@dataclass(frozen=True)
class Text:
    """The lines of a label, and whether a padlock stands below them: closed, open, or none."""

    lines: tuple[str, ...]
    lock: bool | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Its width and height in inches."""
        wide = max((width(line, TINY) for line in self.lines), default=0.0)
        return max(wide, 0.1) + 0.02, LINE * len(self.lines) + (LOCK if self.lock is not None else 0.0) + 0.01


def text_of(edge: Edge, labels: Sequence[Label], *, security: bool = False, wide: bool = False) -> Text:
    """What is written at an edge: a line for each label that is known, and the share of the requests that failed.

    Units have a line of their own, unless there is room for wide ones.
    """
    # The rate of TCP is its throughput.
    told = [label for label in labels if label != "throughput" or edge.protocol != "tcp" or "rate" not in labels]
    lines = [line for label in told for line in _LINES[label](edge)]
    if wide:
        lines = "\n".join(lines).replace("\nB/s", " B/s").splitlines()
    lock = None
    if security and edge.mtls:
        lock = edge.mtls >= 0.995  # noqa: PLR2004 (100 % when it is rounded)
        lines += [] if lock else [f"{edge.mtls:.0%}"]
    return Text(tuple(lines), lock)


def amount(rate: float) -> str:
    """A number of three digits or so, with k or M where it is large."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rate >= size:
            return f"{rate / size:.3g}{sign}"
    return f"{rate:.2f}" if rate < 10 else f"{rate:.3g}"  # noqa: PLR2004 (digits)


def percent(share: float) -> str:
    """A share with one digit after the point, unless that is 0."""
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}".removesuffix(".0") + "%"  # noqa: PLR2004 (rounded)


def failed(edge: Edge) -> str:
    """The share of the requests that failed, in whole per cent from ten on, since there is little room at a line."""
    share = edge.error_share
    return f"{100 * share:.0f}%" if share >= 0.0995 else percent(share)  # noqa: PLR2004 (rounds to 10 %)


def milliseconds(time: float) -> str:
    """A time in whole milliseconds, or in seconds."""
    if time < 1:
        return "<1ms"
    return f"{time:.0f}ms" if time < 1000 else f"{time / 1000:.2f}s"  # noqa: PLR2004 (milliseconds of a second)


def places(
    lines: Mapping[str, Points], texts: Mapping[str, Text], obstacles: Iterable[Box], page: Box
) -> tuple[dict[str, Box], float]:
    """Where the label of each edge stands, never on another or on an obstacle, and how much higher the page must be.

    Args:
        lines: of the edges.
        texts: of those that have one.
        obstacles: nodes, names and whatever else has to remain readable.
        page: where labels may stand.
    """
    taken = _Taken(obstacles)
    found: dict[str, Box] = {}
    lower = page.centre[1] + page.height / 2
    for edge, text in texts.items():
        others = np.concatenate([line for name, line in lines.items() if name != edge] or [np.empty((0, 2))])
        line = lines[edge]
        free = [box for box in _candidates(line, text.size) if _on(page, box) and not taken.touches(box)]
        if free:
            found[edge] = min(free, key=_cost(line, others))
        else:
            found[edge] = _nearest(line, text.size, page, taken)
        taken.add(found[edge])
        lower = max(lower, found[edge].centre[1] + found[edge].height / 2)
    return found, lower - page.centre[1] - page.height / 2


class _Taken:
    """Rectangles that must not be touched."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._rows = [self._row(box) for box in boxes]

    def add(self, box: Box) -> None:
        self._rows.append(self._row(box))

    def touches(self, box: Box) -> bool:
        if not self._rows:
            return False
        rows, (left, top, right, bottom) = np.array(self._rows), self._row(box)
        apart = (rows[:, 0] >= right - _TOUCH) | (rows[:, 2] <= left + _TOUCH)
        apart |= (rows[:, 1] >= bottom - _TOUCH) | (rows[:, 3] <= top + _TOUCH)
        return bool((~apart).any())

    @staticmethod
    def _row(box: Box) -> tuple[float, float, float, float]:
        (x, y), wide, high = box
        return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _candidates(line: Points, size: tuple[float, float]) -> Iterator[Box]:
    lengths = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    for share in _PLACES:
        at = share * lengths[-1]
        x, y = float(np.interp(at, lengths, line[:, 0])), float(np.interp(at, lengths, line[:, 1]))
        for aside in _ASIDE:
            yield Box((x, y + aside), *size)


def _cost(line: Points, others: Points) -> Callable[[Box], float]:
    """How bad a place is: far from its line and from the middle, or on other lines."""
    middle = line[len(line) // 2]

    def cost(box: Box) -> float:
        away = float(np.hypot(*(line - box.centre).T).min())
        off = float(np.hypot(*(middle - np.array(box.centre))))
        return 2.0 * away + 0.2 * off + _COVERED * int(box.holds(others).sum())

    return cost


def _nearest(line: Points, size: tuple[float, float], page: Box, taken: _Taken) -> Box:
    """The free place nearest to the middle of a line; below the page if there is none on it."""
    middle = line[len(line) // 2]
    left, right = page.centre[0] - page.width / 2 + size[0] / 2, page.centre[0] + page.width / 2 - size[0] / 2
    top, bottom = page.centre[1] - page.height / 2 + size[1] / 2, page.centre[1] + page.height / 2 - size[1] / 2
    x, y = np.meshgrid(
        np.arange(left, max(right, left) + _TOUCH, _SEARCH), np.arange(top, max(bottom, top) + _TOUCH, _SEARCH)
    )
    grid = np.column_stack((x.ravel(), y.ravel()))
    for at in grid[np.argsort(np.hypot(*(grid - middle).T), kind="stable")]:
        box = Box((float(at[0]), float(at[1])), *size)
        if not taken.touches(box):
            return box
    below = bottom
    while taken.touches(box := Box((min(max(float(middle[0]), left), max(right, left)), below), *size)):
        below += _SEARCH
    return box


def _on(page: Box, box: Box) -> bool:
    across, down = (abs(box.centre[side] - page.centre[side]) for side in (0, 1))
    return across + box.width / 2 <= page.width / 2 and down + box.height / 2 <= page.height / 2


def _rate(edge: Edge) -> list[str]:
    if edge.rate <= 0:
        return []
    if edge.protocol == "tcp":
        return [amount(edge.rate), "B/s"]
    return [amount(edge.rate), *([failed(edge)] if edge.errors > 0 else [])]


def _share(edge: Edge) -> list[str]:
    return [percent(edge.share)] if edge.rate > 0 and edge.protocol != "tcp" else []


def _response_time(edge: Edge) -> list[str]:
    time = edge.times.p95 if edge.times.p95 is not None else edge.times.average
    return [] if time is None else [milliseconds(time)]


def _throughput(edge: Edge) -> list[str]:
    rate = edge.rate if edge.protocol == "tcp" else edge.throughput
    return [amount(rate), "B/s"] if rate else []


_LINES: Mapping[Label, Callable[[Edge], list[str]]] = {
    "rate": _rate,
    "share": _share,
    "response time": _response_time,
    "throughput": _throughput,
}
