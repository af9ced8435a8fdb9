"""Namespaces and the health of what is in them, as cards and lists."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from refapp.draw.colours import tint
from refapp.draw.graph.labels import amount, percent
from refapp.draw.graph.marks import HEALTH, draw_node, padlock
from refapp.draw.sheet import SMALL, TINY, TITLE, box, sheet, write
from refapp.draw.style import FAINT, GREEN, GREY, INK, VERMILION, WIDTH
from refapp.draw.texts import counted, wrap
from refapp.query.mesh.graph import Graph, Node, NodeKind
from refapp.query.mesh.health import Status
from refapp.query.mesh.overview import NamespaceSummary, Overview

_MARGIN = 0.08
_CARD = 1.62  # inches: the height of a card
_ROW = 0.27
_LINE = 0.14
_NAME, _STATUS, _WHY = 0.42, 2.2, 3.05  # inches: where the columns begin
_BAD = (Status.DEGRADED, Status.FAILURE)
_SHOWN = (Status.HEALTHY, Status.NOT_READY, Status.DEGRADED, Status.FAILURE, Status.NA)
_ORDER = {Status.FAILURE: 0, Status.DEGRADED: 1, Status.NOT_READY: 2, Status.HEALTHY: 3, Status.NA: 4}


def overview(found: Overview) -> Figure:
    """A card for each namespace: its applications by their health, mutual TLS, and its inbound traffic over the time.

    Gids: `card NAME`, `applications NAME` and `traffic NAME` are the card, the number of its applications and what is
    said of its traffic; the lines are `requests NAME`, `errors NAME`.

    Raises:
        ValueError: there are no namespaces.
    """
    if not found.namespaces:
        raise ValueError("there is nothing to draw: no namespaces")
    figure, axes = sheet(_MARGIN + len(found.namespaces) * (_CARD + _MARGIN))
    for number, summary in enumerate(found.namespaces):
        _card(figure, axes, summary, _MARGIN + number * (_CARD + _MARGIN))
    return figure


def health(graph: Graph) -> Figure:
    """The nodes of a graph, the worst first: what they are, how they do, and what that is due to.

    Gids: a node's shape is its id; `name ID`, `status ID` and `reason ID` are what is said of it.

    Raises:
        ValueError: there are no nodes.
    """
    nodes = sorted(
        graph.nodes, key=lambda node: (_ORDER[node.health.status], node.kind is NodeKind.SERVICE, node.title)
    )
    if not nodes:
        raise ValueError("there is nothing to draw: no nodes")
    room = WIDTH - _WHY - _MARGIN
    reasons = [[line for reason in node.health.reasons for line in wrap(reason, room, TINY)] for node in nodes]
    heights = [max(_ROW, _LINE * len(lines) + 0.1) for lines in reasons]
    figure, axes = sheet(sum(heights) + 0.3)
    for x, text in ((_NAME, "node"), (_STATUS, "health"), (_WHY, "because of, or its traffic")):
        write(axes, (x, 0.14), text, size=TINY, colour=GREY)
    y = 0.26
    for node, lines, height in zip(nodes, reasons, heights, strict=True):
        axes.plot((_MARGIN, WIDTH - _MARGIN), (y, y), color=FAINT, linewidth=0.6)
        _node(axes, node, lines, y + height / 2)
        y += height
    return figure


def _node(axes: Axes, node: Node, reasons: list[str], y: float) -> None:
    draw_node(axes, node, (0.22, y), 0.17)
    write(axes, (_NAME, y), node.title, size=SMALL, bold=True, room=_STATUS - _NAME - 0.05, gid=f"name {node.id}")
    status = node.health.status
    mark = "idle" if node.idle else "not known" if status is Status.NA else status.lower()
    write(axes, (_STATUS, y), mark, size=SMALL, bold=status in _BAD, gid=f"status {node.id}")
    for number, reason in enumerate(reasons or [_rates(node)]):
        at = (_WHY, y + (number - (max(1, len(reasons)) - 1) / 2) * _LINE)
        colour = INK if reasons else GREY
        write(axes, at, reason, size=TINY, colour=colour, gid=f"reason {node.id}" if number == 0 else None)


def _rates(node: Node) -> str:
    """What goes into a node and out of it, where there is nothing to complain of."""
    texts = []
    for way, name in (("In", "in"), ("Out", "out")):
        requests = sum(node.traffic.get(f"{protocol}{way}", 0.0) for protocol in ("http", "grpc"))
        if requests > 0:
            texts.append(f"{amount(requests)} requests/s {name}")
        if (rate := node.traffic.get(f"tcp{way}", 0.0)) > 0:
            texts.append(f"{amount(rate)} B/s {name}")
    return ", ".join(texts)


def _card(figure: Figure, axes: Axes, summary: NamespaceSummary, top: float) -> None:
    wide = WIDTH - 2 * _MARGIN
    box(axes, (_MARGIN, top), (wide, _CARD), face="#f9fafb", edge=FAINT, radius=0.06, gid=f"card {summary.name}")
    x = _MARGIN + 0.12
    write(axes, (x, top + 0.2), summary.name, size=TITLE, bold=True)
    text = f"{counted(summary.total, 'application')}, {counted(summary.services, 'service')}"
    write(axes, (x, top + 0.43), text, size=SMALL, gid=f"applications {summary.name}")
    y = top + 0.68
    for status in _SHOWN:
        if number := summary.applications.get(status, 0):
            _bar(axes, (x, y), status, number, summary.total)
            y += 0.2
    if summary.mtls is not None:
        padlock(axes, (x + 0.05, top + _CARD - 0.17), closed=summary.mtls >= 0.995)  # noqa: PLR2004 (rounds to 100 %)
        write(axes, (x + 0.15, top + _CARD - 0.16), f"mutual TLS on {percent(summary.mtls)} of the requests", size=TINY)
    _traffic(figure, axes, summary, top)


def _bar(axes: Axes, at: tuple[float, float], status: Status, number: int, total: int) -> None:
    """How many applications have a status, as a bar of all of them."""
    x, y = at
    colour, full = HEALTH[status].colour, 0.9
    box(axes, (x, y - 0.055), (full, 0.11), face=tint(colour, 0.15), radius=0.02)
    box(axes, (x, y - 0.055), (max(0.04, full * number / max(1, total)), 0.11), face=colour, radius=0.02)
    name = "no information" if status is Status.NA else status.lower()
    write(axes, (x + full + 0.08, y), f"{number} {name}", size=TINY)


def _traffic(figure: Figure, axes: Axes, summary: NamespaceSummary, top: float) -> None:
    left, wide, high = 2.75, WIDTH - 2.75 - 0.3, _CARD - 0.75
    frame = summary.traffic
    requests = frame["http"] + frame["grpc"]
    last = float(requests.iloc[-1]) if len(frame) else 0.0
    failed = float(frame["errors"].iloc[-1]) / last if last > 0 else 0.0
    text = f"inbound: {amount(last)} requests/s, {percent(failed)} failed"
    write(axes, (left, top + 0.2), text, size=SMALL, gid=f"traffic {summary.name}")
    if len(frame) and float(frame["tcp"].iloc[-1]) > 0:
        more = f"TCP: {amount(float(frame['tcp'].iloc[-1]))} B/s sent"
        write(axes, (WIDTH - 0.2, top + 0.2), more, size=TINY, colour=GREY, align="right")
    page = figure.get_figheight()
    chart = figure.add_axes((left / WIDTH, 1 - (top + 0.4 + high) / page, wide / WIDTH, high / page))
    _lines(chart, frame, requests, summary.name)


def _lines(chart: Axes, frame: pd.DataFrame, requests: "pd.Series[float]", name: str) -> None:
    times = (frame["time"] - frame["time"].max()).dt.total_seconds() if len(frame) else pd.Series(dtype=float)
    chart.fill_between(times, requests.astype(float), color=tint(GREEN, 0.2), linewidth=0)
    chart.fill_between(times, frame["errors"].astype(float), color=tint(VERMILION, 0.5), linewidth=0)
    for values, colour, gid in ((requests, GREEN, "requests"), (frame["errors"], VERMILION, "errors")):
        (line,) = chart.plot(times, values.astype(float), color=colour, linewidth=1.3)
        line.set_gid(f"{gid} {name}")
    chart.set_facecolor("none")
    chart.tick_params(labelsize=TINY, length=2)
    chart.set_ylim(bottom=0)
    chart.locator_params(axis="y", nbins=3)
    chart.locator_params(axis="x", nbins=5)
    chart.set_xlabel("seconds", fontsize=TINY)
    chart.grid(axis="y", visible=True)
