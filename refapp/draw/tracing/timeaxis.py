"""The axes that the bars of a trace are drawn in."""

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from refapp.draw.sheet import SMALL
from refapp.draw.style import FAINT, GREY, WIDTH
from refapp.draw.texts import unit


class Place(NamedTuple):
    """Where the axes are, in inches: from the left, from the top, a row's height, and what is left at the right."""

    left: float
    top: float
    row: float
    end: float

    @property
    def length(self) -> float:
        """Of the whole duration, in inches."""
        return WIDTH - self.left - self.end


def time_axes(figure: Figure, duration: int, rows: int, place: Place) -> Axes:
    """Axes of microseconds after the start of a trace, with ticks on top, and of rows, counted from 0 downwards."""
    height = figure.get_figheight()
    low = 1 - (place.top + rows * place.row) / height
    axes = figure.add_axes((place.left / WIDTH, low, 1 - place.left / WIDTH, rows * place.row / height))
    size, name = unit(duration)
    end = max(duration, 1)
    axes.set(xlim=(0, end * (WIDTH - place.left) / place.length), ylim=(rows - 0.5, -0.5))
    axes.patch.set_visible(False)
    axes.spines[:].set_visible(False)
    locator = MaxNLocator(5, steps=(1, 2, 2.5, 5, 10), integer=size == 1)
    ticks = [tick for tick in locator.tick_values(0, end / size) if tick * size <= end]
    axes.set_xticks([tick * size for tick in ticks], [f"{tick:g} {name}" if tick else "0" for tick in ticks])
    axes.set_yticks([])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=2, labelsize=SMALL, labelcolor=GREY)
    axes.grid(visible=True, axis="x", color=FAINT, linewidth=0.6)
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    return axes
