"""A replay of a mesh: its graph as it changes, as Kiali's replay shows it."""

import hashlib
import html
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from refapp.draw.colours import tint
from refapp.draw.graph.figure import checked, draw_edge, label_texts, lay_out, paint
from refapp.draw.graph.labels import Label, Text, failed
from refapp.draw.graph.legend import HEIGHT, legend, looks
from refapp.draw.graph.marks import HEALTH, IDLE, Look, draw_node, edge_look, node_look
from refapp.draw.graph.placing import Placing, place
from refapp.draw.graph.player import PLAYER, STYLE
from refapp.draw.graph.units import SIZE
from refapp.draw.sheet import SMALL
from refapp.draw.style import WIDTH, panels
from refapp.query.mesh.graph import Graph
from refapp.query.mesh.replay import Replay

_POINTS = 72  # to an inch, which is SVG's unit here
_COLUMNS = 3
_MOMENTS = 6
_THICK = 0.55  # of a line where all is drawn smaller


@dataclass(frozen=True)
class Animation:
    """A replay as HTML that needs nothing else: an SVG and the script that changes it.

    A notebook shows it as it is. Where scripts do not run, it shows the last moment.
    """

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def save(self, path: Path | str) -> Path:
        """Write it as a page of its own, and return where."""
        path = Path(path)
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Replay</title>{self.html}</html>'
        path.write_text(page, encoding="utf-8")
        return path


def replay(frames: Replay, labels: Label | Sequence[Label] = "rate") -> Animation:
    """The graph over a time, with a button that starts and stops it and a slider to any moment.

    Nodes and edges keep their places; what is not there at a moment is grey and dotted.

    Args:
        frames: the graphs.
        labels: as for `graph`.

    Raises:
        ValueError: there are no nodes to draw, or a label is not known.
    """
    chosen = checked(labels)
    whole = _whole(frames)
    texts = [label_texts(graph, chosen, security=False) for graph in frames]
    widest = _widest(texts)
    sheet = lay_out(whole, widest)
    paint(sheet, whole, {})
    below, wide = sheet.placed.height - HEIGHT, sheet.placed.width
    legend(sheet.axes, below, [*frames], chosen, wide=wide, security=False)
    svg = _svg(sheet.figure)
    data = {
        "times": [f"{graph.time:%H:%M:%S}" for graph in frames],
        "labels": {name: [round(_POINTS * at, 1) for at in place.centre] for name, place in sheet.labels.items()},
        "looks": [_style(look) for look in _LOOKS],
        "edges": [_edges(graph, found) for graph, found in zip(frames, texts, strict=True)],
        "nodes": [{node.id: _number(node_look(node)) for node in graph.nodes} for graph in frames],
        "ids": {"edges": [edge.id for edge in whole.edges], "nodes": [node.id for node in whole.nodes]},
        "line": round(_POINTS * 0.125, 1),
    }
    name = "replay-" + hashlib.blake2s(json.dumps(data).encode(), digest_size=5).hexdigest()
    script = json.dumps(data).replace("</", "<\\/")
    facts = html.escape(f"{len(frames)} moments from {data['times'][0]} to {data['times'][-1]}")  # type: ignore[index]
    return Animation(
        f'<div class="refapp-replay" id="{name}"><style>{STYLE}</style>'
        f'<div class="bar"><button type="button" aria-label="play or stop">▶</button>'
        f'<input type="range" min="0" max="{len(frames) - 1}" value="{len(frames) - 1}" step="1" aria-label="moment">'
        f"<output>{facts}</output></div>{svg}<script>({PLAYER})({json.dumps(name)}, {script});</script></div>"
    )


def strip(frames: Replay, moments: int = _MOMENTS) -> Figure:
    """Some moments of a replay side by side, without letters: for print, and to see at one glance when something began.

    Lines grow with their traffic. Gids: `moment N` is the time of the Nth graph, from 0.

    Args:
        frames: the graphs.
        moments: how many of them, spread evenly from the first to the last.

    Raises:
        ValueError: there are no nodes to draw, or fewer moments than one.
    """
    whole = _whole(frames)
    if moments < 1 or not whole.nodes:
        raise ValueError("there is nothing to draw: no moments, or none with traffic")
    count = min(moments, len(frames))
    chosen = [frames[round(number * (len(frames) - 1) / max(1, count - 1))] for number in range(count)]
    placed = place(whole, 0.1, 0.1)
    columns = min(_COLUMNS, count)
    rows = -(-count // columns)
    high = placed.height * WIDTH / columns / placed.width
    figure, grid = panels(rows * (high + 0.24) + 0.3, rows, columns)
    axes = [one for row in grid for one in row]
    for number, (one, graph) in enumerate(zip(axes, chosen, strict=False)):
        title = one.set_title(f"{graph.time:%H:%M:%S}", fontsize=SMALL, fontweight="normal")
        title.set_gid(f"moment {number}")
        _small(one, graph, whole, placed, _most(frames))
    for one in axes:
        one.set_axis_off()
    nodes = [node for graph in frames for node in graph.nodes]
    entries = [
        Line2D([], [], color=look.colour, linewidth=look.width, linestyle=look.dash, label=text)
        for look, text in looks(nodes, [edge for graph in frames for edge in graph.edges])
    ]
    figure.legend(handles=entries, loc="outside lower left", ncols=len(entries), fontsize=SMALL)
    return figure


def _small(axes: Axes, graph: Graph, whole: Graph, placed: Placing, most: Mapping[str, float]) -> None:
    """One moment without letters, in the places of the whole."""
    axes.set(xlim=(0, placed.width), ylim=(placed.height, 0), aspect="equal")
    there = {edge.id: edge for edge in graph.edges}
    for edge in whole.edges:
        shown = there.get(edge.id, replace(edge, rate=0.0, errors=0.0))
        arrow = draw_edge(axes, shown, placed.lines[edge.id])
        arrow.set(linewidth=edge_look(shown).width * _THICK * (0.6 + shown.rate / most[edge.protocol]))
    for node in whole.nodes:
        known = graph.by_id.get(node.id, replace(node, idle=True))
        draw_node(axes, known, placed.centres[node.id], SIZE * 1.2, sign=False)


def _most(frames: Replay) -> dict[str, float]:
    """The largest rate of each protocol at any time."""
    found: dict[str, float] = defaultdict(lambda: 1.0)
    for protocol in {edge.protocol for edge in frames.edges}:
        rates = [edge.rate for graph in frames for edge in graph.edges if edge.protocol == protocol]
        found[protocol] = max([*rates, 1e-9])
    return found


_LOOKS: tuple[Look, ...] = (IDLE, *HEALTH.values())


def _whole(frames: Replay) -> Graph:
    """All that there is at any time, as it is last, over the time of all."""
    if not frames:
        raise ValueError("there is nothing to draw: the replay has no moments")
    last = frames[-1]
    time = last.time - frames[0].time + last.duration
    return replace(last, nodes=frames.nodes, edges=frames.edges, duration=time)


def _widest(texts: Sequence[Mapping[str, Text]]) -> dict[str, Text]:
    """For each edge a text with room for all that it will have."""
    found: dict[str, Text] = {}
    for one in texts:
        for name, text in one.items():
            known = found.get(name)
            if known is None or text.size > known.size:
                longer = known.lines[len(text.lines) :] if known else ()
                found[name] = Text((*text.lines, *longer))
    return found


def _edges(graph: Graph, texts: Mapping[str, Text]) -> dict[str, list[object]]:
    """For each edge that is there the number of its look, the lines of its label, and which of them is bold."""
    found: dict[str, list[object]] = {}
    for edge in graph.edges:
        lines = list(texts[edge.id].lines) if edge.id in texts else []
        look = edge_look(edge)
        share = failed(edge)
        bold = lines.index(share) if edge.errors > 0 and share in lines else -1
        found[edge.id] = [_number(look) if edge.protocol != "tcp" or edge.idle else -1, lines, bold]
    return found


def _number(look: Look) -> int:
    """Which of the looks it is, by its colour; a node has the colour of its health, and a width of its own."""
    if look == IDLE:
        return 0
    return next(number for number, other in enumerate(_LOOKS) if number and other.colour == look.colour)


def _style(look: Look) -> dict[str, object]:
    dash = "none"
    if look.dash == ":":
        dash = "1 2"
    elif isinstance(look.dash, tuple):
        dash = " ".join(f"{part * look.width:g}" for part in look.dash[1])
    return {"colour": look.colour, "width": look.width, "dash": dash, "fill": tint(look.colour, 0.16)}


def _svg(figure: Figure) -> str:
    """The figure as an SVG element, with letters as letters."""
    target = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "refapp", "font.family": "sans-serif"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.getvalue()
    return text[text.index("<svg") :]
