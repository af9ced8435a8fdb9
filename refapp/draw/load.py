"""Figures of how the platform answered under load."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter

from refapp.draw.style import BLUE, GREEN, INK, PURPLE, VERMILION, panels
from refapp.exercise.load import LoadReport

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE)
_QUANTILES = (0.5, 0.9, 0.99)
_STEP = 0.1  # seconds that a bar of `answers` stands for


def latencies(reports: Mapping[str, LoadReport]) -> Figure:
    """For each load, the share of its requests that were answered within a time; p50, p90 and p99 are marked.

    Args:
        reports: the loads by name, at most four. One without an answer has no curve.
    """
    figure, ((axes,),) = panels(3.9)
    for (name, report), colour in zip(reports.items(), _COLOURS, strict=False):
        if not report.latencies:
            continue
        label = f"{name}: {report.rate:,.0f} requests/s, {report.failed:,} failed"
        axes.ecdf(report.latencies, color=colour, linewidth=2, label=label)
        for q in _QUANTILES:
            axes.scatter(report.quantile(q), q, color=colour, edgecolor="white", s=42, zorder=3)
            text = f"p{100 * q:g}  {report.quantile(q):.3g}"
            axes.annotate(text, (report.quantile(q), q), (8, -11), textcoords="offset points", fontsize=9.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_yticks((0, 0.25, *_QUANTILES))
    axes.set_ylim(0, 1.03)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("latency in ms, logarithmic")
    axes.set_ylabel("answered within it")
    figure.legend(loc="outside upper left")
    return figure


def answers(frame: pd.DataFrame, moments: Mapping[str, float]) -> Figure:
    """How many requests were answered with 200, and how many were not, in each tenth of a second.

    Args:
        frame: one row an answer; columns `seconds`, when it came, and `status`, its HTTP status.
        moments: lines to draw, by the name at each: when in seconds.
    """
    figure, ((axes,),) = panels(2.9)
    edges = np.arange(frame["seconds"].max() // _STEP + 2) * _STEP
    served = frame["status"] == 200  # noqa: PLR2004
    below = np.zeros(len(edges) - 1)
    for name, chosen, colour in (("answered with 200", served, BLUE), ("failed", ~served, VERMILION)):
        counts, _ = np.histogram(frame.loc[chosen, "seconds"], edges)
        label = f"{name}: {int(chosen.sum()):,}"
        axes.bar(edges[:-1], counts, width=0.9 * _STEP, align="edge", bottom=below, color=colour, label=label)
        below = below + counts
    top = below.max()
    axes.set_ylim(0, 1.25 * top)
    for name, moment in moments.items():
        axes.axvline(moment, color=INK, linewidth=1.2)
        axes.annotate(name, (moment, 1.18 * top), (4, 0), textcoords="offset points", va="center", fontsize=9.5)
    axes.grid(visible=True, axis="y")
    axes.grid(visible=False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_xlabel("seconds")
    axes.set_ylabel("answers in 0.1 s")
    figure.legend(loc="outside upper left", ncols=2)
    return figure
