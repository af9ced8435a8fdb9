"""The states of alarms: their colours, their words, and the signs that tell them without colour."""

from types import MappingProxyType
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from refapp.draw.sheet import SMALL, TINY, box, write
from refapp.draw.style import GREEN, GREY, VERMILION
from refapp.draw.texts import width

THRESHOLD = VERMILION
"""The colour of what must not be passed."""


class State(NamedTuple):
    """How a state is shown."""

    text: str
    colour: str


STATES = MappingProxyType(
    {
        "OK": State("OK", GREEN),
        "ALARM": State("In alarm", VERMILION),
        "INSUFFICIENT_DATA": State("Insufficient data", GREY),
    }
)
"""CloudWatch's states, with the console's words for them."""


def badge(axes: Axes, right: float, y: float, state: str, *, gid: str) -> float:
    """The state in a box that ends at `right`; returns where it begins, in inches."""
    shown = STATES.get(state, State(state, GREY))
    wide = width(shown.text, SMALL, bold=True) + 0.2
    box(axes, (right - wide, y - 0.09), (wide, 0.18), face=shown.colour, radius=0.09)
    at = (right - wide / 2, y)
    write(axes, at, shown.text, size=SMALL, bold=True, colour="white", align="center", gid=gid)
    return right - wide


def warning(axes: Axes, at: tuple[float, float], *, gid: str, size: float = 0.11) -> None:
    """The console's sign of an alarm: an exclamation mark in a triangle, `size` inches from its middle to a corner."""
    x, y = at
    corners = [(x, y - size), (x + 0.95 * size, y + 0.7 * size), (x - 0.95 * size, y + 0.7 * size)]
    sign = Polygon(corners, facecolor=VERMILION, edgecolor="white", linewidth=0.8, joinstyle="round", zorder=6)
    sign.set_gid(gid)
    axes.add_artist(sign)
    mark = write(axes, (x, y + 0.18 * size), "!", size=TINY, bold=True, colour="white", align="center")
    mark.set_zorder(7)
