"""Where the panels of a dashboard are on a page of the book's width.

A dashboard is laid out for a wide screen, in a grid of 24 columns. On the page a panel keeps its place as long as it is
wide enough to be read; where one of those beside each other is not, they follow each other in lines instead, as words
do.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from refapp.draw.dashboards.documents import COLUMNS, Grid
from refapp.draw.style import WIDTH

GAP = 0.08
"""Inches between two panels."""

UNIT = 0.235
"""Inches that a row of the grid is high."""

_SLACK = 0.05  # inches by which a panel may be too narrow


@dataclass(frozen=True)
class Box:
    """A place on the page, in inches from its upper left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    def cells(self, number: int, columns: int) -> Iterator["Box"]:
        """So many equal parts, in rows of so many columns."""
        w, h = self.w / columns, self.h / max(1, math.ceil(number / columns))
        for place in range(number):
            row, column = divmod(place, columns)
            yield Box(self.x + column * w, self.y + row * h, w, h)

    def inner(self, *, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> "Box":
        """What is left within margins; never less than nothing."""
        w, h = max(self.w - left - right, 0.01), max(self.h - top - bottom, 0.01)
        return Box(self.x + left, self.y + top, w, h)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A panel's place in the grid, the least width that it can be read in, and its height at a given width.

    `height` gets the width and the height that the grid has for it, in inches, and may ask for less or more.
    """

    grid: Grid
    least: float
    height: Callable[[float, float], float]


def arrange(claims: Sequence[Claim], top: float = 0.0) -> tuple[list[Box], float]:
    """A box for each panel, below `top`, and where the last of them ends."""
    boxes: dict[int, Box] = {}
    for band in _bands(claims):
        own = [claims[number] for number in band]
        fits = all(_width(claim.grid) >= min(claim.least, WIDTH) - _SLACK for claim in own)
        placed, top = (_grid if fits else _flow)(own, top)
        boxes.update(zip(band, placed, strict=True))
    return [boxes[number] for number in range(len(claims))], top


def _bands(claims: Sequence[Claim]) -> list[list[int]]:
    """The panels in groups that no line across the page cuts, from top to bottom."""
    order = sorted(range(len(claims)), key=lambda number: (claims[number].grid.y, claims[number].grid.x))
    found: list[list[int]] = []
    end = float("-inf")
    for number in order:
        grid = claims[number].grid
        if grid.y >= end - 1e-6:
            found.append([])
        found[-1].append(number)
        end = max(end, grid.y + grid.h)
    return found


def _width(grid: Grid) -> float:
    return grid.w / COLUMNS * (WIDTH + GAP) - GAP


def _grid(claims: Sequence[Claim], top: float) -> tuple[list[Box], float]:
    """Places as in the grid; all are made higher, or lower, by one factor, so that each has the height it needs."""
    first = min(claim.grid.y for claim in claims)
    unit = max((claim.height(_width(claim.grid), claim.grid.h * UNIT - GAP) + GAP) / claim.grid.h for claim in claims)
    boxes = [
        Box(
            claim.grid.x / COLUMNS * (WIDTH + GAP),
            top + (claim.grid.y - first) * unit,
            _width(claim.grid),
            claim.grid.h * unit - GAP,
        )
        for claim in claims
    ]
    end = max(claim.grid.y + claim.grid.h for claim in claims) - first
    return boxes, top + end * unit


def _flow(claims: Sequence[Claim], top: float) -> tuple[list[Box], float]:
    """Places one after the other, in lines that each fill the page."""
    boxes: list[Box] = []
    for line in _lines(claims):
        widths = _shared(line)
        heights = [claim.height(width, claim.grid.h * UNIT - GAP) for claim, width in zip(line, widths, strict=True)]
        x = 0.0
        for width in widths:
            boxes.append(Box(x, top, width, max(heights)))
            x += width + GAP
        top += max(heights) + GAP
    return boxes, top


def _lines(claims: Sequence[Claim]) -> list[list[Claim]]:
    """As many lines as needed, then so that they are about equally full."""
    lines = _broken(claims, WIDTH)
    if len(lines) < 2:  # noqa: PLR2004 (one line cannot be evened out)
        return lines
    for share in range(50, 100, 5):
        evener = _broken(claims, WIDTH * share / 100)
        if len(evener) == len(lines):
            return evener
    return lines


def _broken(claims: Sequence[Claim], room: float) -> list[list[Claim]]:
    lines: list[list[Claim]] = [[]]
    for claim in claims:
        if lines[-1] and sum(min(one.least, WIDTH) + GAP for one in (*lines[-1], claim)) - GAP > room + _SLACK:
            lines.append([])
        lines[-1].append(claim)
    return lines


def _shared(line: Sequence[Claim]) -> list[float]:
    """The width of the page shared out by what each needs at least, then by its width in the grid."""
    least = [min(claim.least, WIDTH) for claim in line]
    spare = WIDTH - GAP * (len(line) - 1) - sum(least)
    whole = sum(claim.grid.w for claim in line)
    return [width + spare * claim.grid.w / whole for width, claim in zip(least, line, strict=True)]
