"""The ground that figures are drawn on which have no axes, measured in inches from its upper left corner."""

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from refapp.draw.style import INK, VERMILION, WIDTH
from refapp.draw.texts import shorten

SMALL = 8.0
"""Points; what is read beside a bar."""
TINY = 7.5
"""Points; the smallest letters that are used."""
TITLE = 10.5
MARGIN = 0.1
"""Inches that stay free at each side."""


def sheet(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A white figure, of the book's width, whose axes count inches, to the right and downwards."""
    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, 0))
    # Without it a notebook cuts the figure to what is drawn on it.
    ground = Rectangle((0, 0), width, height, facecolor="none", edgecolor="none", zorder=0)
    ground.set_gid("ground")
    axes.add_artist(ground)
    return figure, axes


def write(
    axes: Axes,
    at: tuple[float, float],
    text: str,
    *,
    size: float = SMALL,
    bold: bool = False,
    mono: bool = False,
    colour: str = INK,
    align: Literal["left", "center", "right"] = "left",
    room: float | None = None,
    gid: str | None = None,
) -> Text:
    """A line of text, centred at that height and shortened to `room` inches; a dollar sign in it is nothing special."""
    shown = text if room is None else shorten(text, room, size, bold=bold, mono=mono)
    drawn = axes.text(
        *at,
        shown,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        fontfamily="monospace" if mono else "sans-serif",
        color=colour,
        ha=align,
        va="center_baseline",
        parse_math=False,
        zorder=5,
    )
    drawn.set_gid(gid)
    return drawn


def box(
    axes: Axes,
    at: tuple[float, float],
    size: tuple[float, float],
    *,
    face: str,
    edge: str = "none",
    radius: float = 0.03,
    line: float = 1.0,
    gid: str | None = None,
) -> FancyBboxPatch:
    """A box with round corners, from its upper left one, all in inches."""
    style = f"round,pad=0,rounding_size={radius}"
    patch = FancyBboxPatch(
        at, *size, boxstyle=style, facecolor=face, edgecolor=edge, linewidth=line, zorder=2, mutation_aspect=1
    )
    patch.set_gid(gid)
    axes.add_artist(patch)
    return patch


def badge(axes: Axes, at: tuple[float, float], *, gid: str | None = None) -> None:
    """The sign of an error: an exclamation mark on a disc, which can be told without its colour."""
    (disc,) = axes.plot(*at, "o", color=VERMILION, markersize=8.5, markeredgewidth=0, zorder=5)
    disc.set_gid(gid)
    write(axes, at, "!", size=TINY, bold=True, colour="white", align="center")
