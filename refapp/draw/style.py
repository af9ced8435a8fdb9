"""How the figures of the book look.

The figures have a ground of their own, so they can be read wherever they are shown; the book's style sheet turns
them to dark where the reader's theme is dark. The colours are Okabe and Ito's, which colour-blind readers can tell
apart: https://jfly.uni-koeln.de/color/
"""

import sys
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE = "#0072b2"
ORANGE = "#e69f00"
VERMILION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#aa4499"
GREY = "#6b7280"
INK = "#1f2937"
FAINT = "#d1d5db"

WIDTH = 6.6
"""Inches; narrow enough for the letters to be read on a phone."""

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.labelcolor": INK,
    "axes.labelsize": 10.5,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.size": 10.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "refapp",
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.left": False,
}


def use() -> None:
    """Draw in this style from now on and, in a notebook, as SVG."""
    mpl.rcParams.update(_STYLE)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        from matplotlib_inline.backend_inline import set_matplotlib_formats  # noqa: PLC0415 (notebooks alone have it)

        set_matplotlib_formats("svg")  # type: ignore[no-untyped-call]


def panels(height: float, rows: int = 1, columns: int = 1, *, share_x: bool = False) -> tuple[Figure, list[list[Axes]]]:
    """A figure of the book's width and of that height, in inches, with rows of axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=share_x)
    return figure, axes.tolist()
