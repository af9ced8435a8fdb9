"""What the shapes, colours and numbers of a graph mean."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes

from refapp.draw.colours import tint
from refapp.draw.graph.labels import Label
from refapp.draw.graph.marks import HEALTH, IDLE, TCP, Look, padlock, shape
from refapp.draw.graph.placing import MARGIN
from refapp.draw.sheet import TINY, write
from refapp.draw.style import FAINT, GREY, INK
from refapp.draw.texts import width
from refapp.query.mesh.graph import Edge, Graph, Node, NodeKind
from refapp.query.mesh.health import Status

HEIGHT = 0.66  # inches
_ROW = 0.17
_MARK = 0.13
_GAP = 0.16
_KINDS = {
    NodeKind.APP: "application",
    NodeKind.WORKLOAD: "workload",
    NodeKind.SERVICE: "service",
    NodeKind.UNKNOWN: "unknown",
}
_LABELS: dict[Label, str] = {
    "rate": "requests/s",
    "share": "share of the caller's requests",
    "response time": "time for 95 %",
    "throughput": "bytes/s of bodies",
}


def legend(
    axes: Axes, top: float, graphs: Sequence[Graph], labels: Sequence[Label], *, wide: float, security: bool
) -> None:
    """Three rows below a graph, or below several in turn: of shapes, of lines, and of labels; only what there is."""
    axes.plot((MARGIN, wide - MARGIN), (top + 0.06, top + 0.06), color=FAINT, linewidth=0.8)
    x, y = MARGIN, top + 0.17
    nodes = [node for graph in graphs for node in graph.nodes]
    edges = [edge for graph in graphs for edge in graph.edges]
    for kind, entry, text in _shapes(nodes):
        mark = shape(kind, (x + _MARK / 2, y), _MARK, entry=entry)
        mark.set(facecolor=tint(GREY, 0.1), edgecolor=GREY, linewidth=1)
        axes.add_artist(mark)
        x = _text(axes, x + _MARK + 0.05, y, text)
    if security and any(edge.mtls for edge in edges):
        padlock(axes, (x + _MARK / 2, y - 0.01), closed=True)
        _text(axes, x + _MARK + 0.05, y, "mutual TLS")
    x, y = MARGIN, y + _ROW
    for look, text in looks(nodes, edges):
        axes.plot((x, x + 0.24), (y, y), color=look.colour, linewidth=look.width, linestyle=look.dash)
        x = _text(axes, x + 0.29, y, text)
    texts = [_LABELS[label] for label in labels]
    if "rate" in labels and any(edge.errors > 0 for edge in edges):
        texts.append("bold: failed")
    if "rate" in labels and any(edge.protocol == "tcp" for edge in edges):
        texts.append("B/s over TCP")
    note = "at the lines: " + "; ".join(texts) if texts else ""
    write(axes, (MARGIN, y + _ROW), note, size=TINY, colour=GREY, room=wide - 2 * MARGIN, gid="note")


def looks(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[tuple[Look, str]]:
    """How what there is is drawn, and what that means."""
    requests = [edge for edge in edges if edge.protocol != "tcp" and not edge.idle]
    statuses = {edge.health.status for edge in requests} | {node.health.status for node in nodes if not node.idle}
    for status in (Status.HEALTHY, Status.DEGRADED, Status.FAILURE, Status.NOT_READY):
        if status in statuses:
            yield HEALTH[status], status.lower()
    if any(edge.protocol == "tcp" for edge in edges):
        yield TCP, "TCP"
    if any(edge.idle for edge in edges) or any(node.idle for node in nodes):
        yield IDLE, "no traffic"


def _text(axes: Axes, x: float, y: float, text: str) -> float:
    write(axes, (x, y), text, size=TINY, colour=INK)
    return x + width(text, TINY) + _GAP


def _shapes(nodes: Sequence[Node]) -> Iterator[tuple[NodeKind, bool, str]]:
    for kind, text in _KINDS.items():
        if any(node.kind is kind and not node.service_entry for node in nodes):
            yield kind, False, text
    if any(node.service_entry for node in nodes):
        yield NodeKind.SERVICE, True, "outside the mesh"
