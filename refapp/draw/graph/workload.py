"""What goes in and out of a workload, as the tabs of Kiali's workloads show it."""

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from refapp.draw.colours import service_colours
from refapp.draw.graph.labels import amount
from refapp.draw.sheet import TINY
from refapp.draw.style import BLUE, GREEN, PURPLE, VERMILION, panels
from refapp.query.mesh.workload import METRICS, WorkloadDetail

Direction = Literal["inbound", "outbound"]

_HEIGHT = 1.7  # inches: of a row of panels
_STATS: dict[str, tuple[str, Literal["-", "--", "-.", ":"]]] = {
    "average": (GREEN, "-"),
    "p50": (BLUE, "--"),
    "p95": (PURPLE, "-."),
    "p99": (VERMILION, ":"),
}
_DASHES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")


def metrics(detail: WorkloadDetail, direction: Direction = "inbound") -> Figure:
    """The metrics of a workload over a time: a panel for each that there is.

    Requests and bytes have a line for each other end, and one for all that failed; durations and sizes one for the
    average and three quantiles. The title of a panel is its gid.

    Args:
        detail: the workload.
        direction: `inbound` or `outbound`.

    Raises:
        ValueError: there is nothing in that direction, or there is no such direction.
    """
    if direction not in {"inbound", "outbound"}:
        raise ValueError(f"traffic is inbound or outbound, not {direction!r}")
    frame = detail.inbound if direction == "inbound" else detail.outbound
    there = [name for name in METRICS if (frame["metric"] == name).any()]
    if not there:
        raise ValueError(f"{detail.name} has no {direction} traffic in that time")
    columns = 1 if len(there) == 1 else 2
    rows = -(-len(there) // columns)
    figure, grid = panels(_HEIGHT * rows + 0.3, rows, columns)
    axes = [one for row in grid for one in row]
    end = frame["time"].max()
    for name, one in zip(there, axes, strict=False):
        own = frame[frame["metric"] == name]
        seconds = (own["time"] - end).dt.total_seconds()
        _panel(one, name, own.assign(seconds=seconds))
    for one in axes[len(there) :]:
        one.set_axis_off()
    stats = [
        Line2D([], [], color=colour, linestyle=dash, linewidth=1.4, label=stat)
        for stat, (colour, dash) in _STATS.items()
        if (frame["stat"] == stat).any()
    ]
    if stats:
        figure.legend(handles=stats, loc="outside lower center", ncols=len(stats), fontsize=TINY + 0.5)
    return figure


def _panel(axes: Axes, name: str, own: pd.DataFrame) -> None:
    metric = METRICS[name]
    if (own["stat"] == "rate").all():
        _rates(axes, own)
    else:
        _statistics(axes, own)
    axes.set_title(metric.title, fontsize=9).set_gid(name)
    axes.set_ylabel(metric.unit, fontsize=TINY)
    axes.set_xlabel("seconds", fontsize=TINY)
    axes.set_ylim(0, 1.18 * max(axes.get_ylim()[1], 1e-9))
    axes.tick_params(labelsize=TINY)
    axes.grid(axis="y", visible=True)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 3, 6, 10]))


def _tick(value: float) -> str:
    return amount(value) if value >= 1000 else f"{value:.3g}"  # noqa: PLR2004 (from where on amounts have a sign)


def _rates(axes: Axes, own: pd.DataFrame) -> None:
    """A line for each other end, thicker where it comes first, so that lines that lie on each other can be told."""
    peers = [str(peer) for peer in own["peer"].unique()]
    colours = service_colours(peers)
    for number, peer in enumerate(peers):
        line = own[own["peer"] == peer].groupby("seconds")["value"].sum()
        thick = 1.4 + 1.3 * (len(peers) - 1 - number) / max(1, len(peers) - 1)
        axes.plot(line.index, line, color=colours[peer], linewidth=thick, linestyle=_DASHES[number % 4], label=peer)
    failed = own[own["code"].map(_is_failure)].groupby("seconds")["value"].sum()
    if failed.sum() > 0:
        axes.fill_between(failed.index, failed, color=VERMILION, alpha=0.6, linewidth=0, label="failed")
    axes.legend(fontsize=TINY, loc="best", handlelength=1.8, labelspacing=0.25, frameon=True, edgecolor="none")


def _statistics(axes: Axes, own: pd.DataFrame) -> None:
    for stat, (colour, dash) in _STATS.items():
        line = own[own["stat"] == stat].sort_values("seconds")
        if len(line):
            axes.plot(line["seconds"], line["value"], color=colour, linestyle=dash, linewidth=1.4, label=stat)


def _is_failure(code: str) -> bool:
    """Whether a code of HTTP, or a status of gRPC, tells a failure."""
    http = len(code) == 3  # noqa: PLR2004 (digits)
    return code == "-" or (code[0] in "45" if http else code not in ("", "0"))
