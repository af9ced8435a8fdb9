"""Figures of what messages cost; the frames that they draw are those of `refapp.exercise.wire` and `roundtrip`."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from refapp.draw.style import BLUE, FAINT, GREEN, GREY, INK, PURPLE, VERMILION, panels
from refapp.exercise.wire import Claim

_FORMATS = {"Protocol Buffers": BLUE, "JSON": VERMILION, "XML": PURPLE}
_CODECS = {"protobuf": BLUE, "protobuf, values": GREEN, "orjson": VERMILION, "json": GREY, "xml.etree": PURPLE}
_DIRECTIONS = {"send": BLUE, "receive": VERMILION}
_PLAIN = FuncFormatter(lambda value, _: f"{value:,g}")
_ROW = 0.24  # inches


def sizes(frame: pd.DataFrame) -> Figure:
    """A panel for each payload, a bar for each format, and a diamond for what gzip leaves of it.

    Args:
        frame: columns payload, format, bytes and gzip.
    """
    names = frame["payload"].unique().tolist()
    figure, rows = panels(0.5 + 1.05 * len(names), rows=len(names))
    for name, (axes,) in zip(names, rows, strict=True):
        shown = frame[frame["payload"] == name]
        axes.barh(shown["format"], shown["bytes"], height=0.7, color=[_FORMATS[name] for name in shown["format"]])
        axes.scatter(shown["gzip"], shown["format"], marker="d", s=45, color=INK, edgecolor="white", zorder=3)
        largest = shown[["bytes", "gzip"]].max(axis="columns")
        for row, (size, right) in enumerate(zip(shown["bytes"], largest, strict=True)):
            axes.annotate(f"{size:,}", (right, row), (6, 0), textcoords="offset points", va="center")
        axes.set(title=name, xlim=(0, largest.max() * 1.15))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(_PLAIN)
        axes.invert_yaxis()
    rows[-1][0].set_xlabel("bytes; diamonds: after gzip (each panel has its own scale)")
    return figure


def times(quartiles: pd.DataFrame) -> Figure:
    """Two panels for each payload, encoding and decoding: a dot at the median, a line between the quartiles.

    Args:
        quartiles: columns payload, codec, direction and low, median and high in seconds.
    """
    names = quartiles["payload"].unique().tolist()
    height = 0.4 + (0.36 + _ROW * quartiles["codec"].nunique()) * len(names)
    figure, rows = panels(height, rows=len(names), columns=2, share_x=True)
    for name, pair in zip(names, rows, strict=True):
        for direction, axes in zip(("encode", "decode"), pair, strict=True):
            shown = quartiles[(quartiles["payload"] == name) & (quartiles["direction"] == direction)]
            _dots(axes, shown, "codec", _CODECS, scale=1e6)
            axes.set_title(f"{direction} {name}")
            axes.xaxis.set_major_locator(LogLocator(10))
        pair[1].tick_params(labelleft=False)
    for axes in rows[-1]:
        axes.set_xlabel("µs")
        axes.set_xlim(right=4e6 * quartiles["high"].max())  # room for the last number
    return figure


def roundtrips(quartiles: pd.DataFrame, claims: Mapping[str, Claim]) -> Figure:
    """How many times faster gRPC answered than REST: median and quartiles, beside what is claimed.

    Args:
        quartiles: columns payload, direction and low, median and high of the ratio REST to gRPC.
        claims: for each direction the claim to compare with.
    """
    directions = quartiles["direction"].unique().tolist()
    height = 0.5 + (0.4 + 1.2 * _ROW * quartiles["payload"].nunique()) * len(directions)
    figure, rows = panels(height, rows=len(directions), share_x=True)
    for direction, (axes,) in zip(directions, rows, strict=True):
        claim, shown = claims[direction], quartiles[quartiles["direction"] == direction]
        axes.axvspan(claim.low, claim.high, color=FAINT, zorder=0)
        axes.axvline(1, color=INK, linewidth=1)
        _dots(axes, shown, "payload", dict.fromkeys(shown["payload"], _DIRECTIONS[direction]), scale=1)
        axes.set_title(f"{direction}: claimed is the grey band")
        axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    rows[-1][0].set_xlabel("REST's time divided by gRPC's: right of 1, gRPC is the faster one")
    return figure


def _dots(axes: Axes, shown: pd.DataFrame, label: str, colours: Mapping[str, str], *, scale: float) -> None:
    rows = range(len(shown))
    ink = [colours[name] for name in shown[label]]
    axes.hlines(rows, shown["low"] * scale, shown["high"] * scale, color=ink, linewidth=4, alpha=0.45)
    axes.scatter(shown["median"] * scale, rows, color=ink, s=28, zorder=3)
    for row, (median, right) in enumerate(zip(shown["median"] * scale, shown["high"] * scale, strict=True)):
        axes.annotate(f"{median:.3g}", (right, row), (6, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(_PLAIN)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(rows, shown[label])
    axes.set_ylim(len(shown) - 0.4, -0.6)
