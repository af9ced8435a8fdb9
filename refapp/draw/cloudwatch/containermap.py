"""The container map: cluster, namespaces, services and workloads, coloured by the CPU or the memory that they use."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from refapp.draw.cloudwatch.states import STATES, warning
from refapp.draw.cloudwatch.tiles import Head
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import Page
from refapp.draw.sheet import SMALL, TINY, write
from refapp.draw.style import FAINT, GREY, INK, WIDTH
from refapp.draw.texts import counted, width, wrap
from refapp.query.cloudwatch.objects import KINDS

Mode = Literal["cpu", "memory"]

_SHOWN = ("cluster", "namespace", "service", "workload")
_HEADS = {"cluster": "cluster", "namespace": "namespace", "service": "service", "workload": "deployment"}
_X = {"cluster": 0.45, "namespace": 1.17, "service": 2.87, "workload": 4.74}  # inches: the middles of the discs
_ROOM = {"namespace": 1.3, "service": 1.48, "workload": 1.66}  # inches for what is written beside them
_ROW = 0.36
_CLUSTER = 0.86  # for what is written below the cluster
_LINE = 0.15
_RADIUS = {"cluster": 0.15, "namespace": 0.14, "service": 0.115, "workload": 0.115}
_HEADS_HEIGHT = 0.28
_KEY = 0.42
_NICE = (1, 2, 5, 10, 20, 50, 100)
_SCALE = LinearSegmentedColormap.from_list("load", ["#eaf3fa", "#56b4e9", "#0072b2", "#332288"])
_TITLES = {"cpu": "CPU mode", "memory": "memory mode"}
_NAMES = {"cpu": "CPU", "memory": "memory"}


@dataclass(frozen=True)
class _Object:
    """An object of the map: its row of the frame, and where its middle is, in inches."""

    row: Mapping[str, object]
    parent: tuple[str, ...] | None
    y: float

    @property
    def kind(self) -> str:
        return str(self.row["kind"])

    @property
    def middle(self) -> tuple[float, float]:
        return _X[self.kind], self.y

    @property
    def gid(self) -> str:
        return f"{self.kind} {self.row['name']}" if self.kind == "cluster" else " ".join(_place(self.row))


def container_map(objects: pd.DataFrame, mode: Mode = "cpu", *, highest: float | None = None) -> Figure:
    """The objects of a cluster from left to right, each the darker the more it uses, with a sign where an alarm is on.

    Gids: the disc of an object is `cluster NAME`, `namespace NAME`, `service NAMESPACE NAME` or
    `workload NAMESPACE SERVICE NAME`; with `label`, `load` or `alarm` before it, the texts beside it and the sign of
    an alarm. A line is called by the object it leads to, with `line` before it.

    Args:
        objects: as `refapp.query.cloudwatch.objects.objects` gives them; pods are counted only.
        mode: what colours show.
        highest: the per cent that have the darkest colour; a round number above all values without.

    Raises:
        ValueError: there are no objects, or there is no such mode.
    """
    if mode not in _TITLES:
        raise ValueError(f"the modes are cpu and memory, not {mode!r}")
    shown = objects[objects["kind"].isin(_SHOWN)]
    if not (shown["kind"] == "cluster").any() or len(shown) == 1:
        raise ValueError("there is nothing to draw: no objects")
    # The nodes do more than the pods alone: a scale for both would make all pods look the same.
    highest = highest or _nice(float(shown.loc[shown["kind"] != "cluster", mode].max()))
    cluster = shown[shown["kind"] == "cluster"].iloc[0]
    head = Head(f"Container map: {_TITLES[mode]}", (f"cluster {cluster['name']}", counted(int(cluster["pods"]), "pod")))
    placed, bottom = _placed(shown, head.height + _HEADS_HEIGHT)
    lines = _cluster_lines(str(cluster["name"]))
    bottom = max(bottom, placed["cluster",].y + _RADIUS["cluster"] + _LINE * (len(lines) + 1.5))
    page = Page(bottom + _KEY)
    head.draw(page)
    for kind, text in _HEADS.items():
        write(page.sheet, (_X[kind] - _RADIUS[kind], head.height + 0.1), text, size=TINY, colour=GREY)
    for one in placed.values():
        if one.parent is not None:
            _line(page.sheet, placed[one.parent], one)
    for one in placed.values():
        _draw(page.sheet, one, mode, highest)
    states = [state for state in STATES if (shown["alarm"] == state).any()]
    _key(page.sheet, page.height - _KEY / 2 + 0.02, f"0 to {highest:g} % of {_NAMES[mode]}, or more", states)
    return page.figure


def _placed(shown: pd.DataFrame, top: float) -> tuple[dict[tuple[str, ...], _Object], float]:
    """The objects by kind and place, from a height down, and where they end; each is at the middle of its own."""
    rows = {_place(row): row for row in _records(shown)}
    parents = {place: _parent(row, rows) for place, row in rows.items()}
    children: dict[tuple[str, ...] | None, list[tuple[str, ...]]] = defaultdict(list)
    for place, parent in sorted(parents.items(), key=lambda item: item[0][1:]):
        children[parent].append(place)
    placed: dict[tuple[str, ...], _Object] = {}
    free = 0.0

    def put(place: tuple[str, ...]) -> float:
        nonlocal free
        middles = [put(child) for child in children[place]]
        if middles:
            y = (middles[0] + middles[-1]) / 2
        else:
            y, free = top + (free + 0.5) * _ROW, free + 1
        placed[place] = _Object(rows[place], parents[place], y)
        if place[0] == "namespace":
            free += 0.25  # a little room between namespaces
        return y

    for place in children[None]:
        put(place)
    return placed, top + free * _ROW


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _place(row: Mapping[str, object]) -> tuple[str, ...]:
    kind = str(row["kind"])
    return kind, *(str(row[column]) for column in KINDS[kind])


def _parent(row: Mapping[str, object], rows: Mapping[tuple[str, ...], object]) -> tuple[str, ...] | None:
    """The nearest object above that there is: of a workload without a service, its namespace."""
    kinds = _SHOWN[: _SHOWN.index(str(row["kind"]))]
    candidates = ((kind, *(str(row[column]) for column in KINDS[kind])) for kind in reversed(kinds))
    return next((place for place in candidates if place in rows), None)


def _line(axes: Axes, start: _Object, end: _Object) -> None:
    """From the end of what is written beside an object to the next one, bent half way."""
    x0 = _X[end.kind] - _RADIUS[end.kind] - 0.12
    left = start.middle[0] + _RADIUS[start.kind]
    xs, ys = (left, x0, x0, end.middle[0]), (start.y, start.y, end.y, end.y)
    (line,) = axes.plot(xs, ys, color=FAINT, linewidth=1.1, solid_joinstyle="round", zorder=1)
    line.set_gid(f"line {end.gid}")


def _draw(axes: Axes, one: _Object, mode: Mode, highest: float) -> None:
    (x, y), radius = one.middle, _RADIUS[one.kind]
    value = float(str(one.row[mode]))
    face = "white" if math.isnan(value) else to_hex(_SCALE(min(value / highest, 1.0)))
    disc = axes.scatter([x], [y], s=(2 * radius * 72) ** 2 * 0.9, c=[face], edgecolors=[GREY], linewidths=0.8, zorder=4)
    disc.set_gid(one.gid)
    left = x + radius + 0.06
    if state := str(one.row["alarm"]):
        _sign(axes, (x - 0.8 * radius, y - 0.75 * radius), state, f"alarm {one.gid}")
    name = drawable(str(one.row["name"]))
    load = "no data" if math.isnan(value) else f"{value:.1f} %" if value >= 1 else f"{value:.2f} %"
    if one.kind == "cluster":
        for number, line in enumerate([*_cluster_lines(name), load]):
            last = line is load
            at, size = (x, y + radius + _LINE * (number + 0.75)), TINY if last else SMALL
            what = f"load {one.gid}" if last else f"label {one.gid}" if number == 0 else None
            colour = GREY if last else INK
            write(axes, at, line, size=size, bold=not last, colour=colour, align="center", gid=what)
        return
    pods = "" if one.kind == "service" else f" · {counted(int(str(one.row['pods'])), 'pod')}"
    left, room = x + radius + 0.06, _ROOM[one.kind]
    title = write(axes, (left, y - 0.065), name, size=SMALL, bold=True, room=room, gid=f"label {one.gid}")
    below = write(axes, (left, y + 0.085), load + pods, size=TINY, colour=GREY, room=room, gid=f"load {one.gid}")
    _ground(axes, (left, y - 0.065), width(title.get_text(), SMALL, bold=True))
    _ground(axes, (left, y + 0.085), width(below.get_text(), TINY))


def _cluster_lines(name: str) -> list[str]:
    return wrap(drawable(name), _CLUSTER * 0.9, SMALL)


def _ground(axes: Axes, at: tuple[float, float], wide: float) -> None:
    """White below a text, so that no line runs through it."""
    ground = Rectangle((at[0] - 0.02, at[1] - 0.08), wide + 0.06, 0.16, facecolor="white", edgecolor="none", zorder=2)
    axes.add_artist(ground)


def _sign(axes: Axes, at: tuple[float, float], state: str, gid: str) -> None:
    """The sign of the state of an object's alarms: a warning, or a dot."""
    if state == "ALARM":
        warning(axes, at, gid=gid)
        return
    (dot,) = axes.plot(*at, "o", color=STATES[state].colour, markersize=6, markeredgecolor="white", zorder=6)
    dot.set_gid(gid)


def _key(axes: Axes, y: float, scale: str, states: Sequence[str]) -> None:
    """The colours and the loads they stand for, and the signs of the states of alarms."""
    left, long, parts = 0.08, 1.2, 40
    for part in range(parts):
        at = (left + long * part / parts, y - 0.05)
        face = to_hex(_SCALE((part + 0.5) / parts))
        axes.add_artist(Rectangle(at, long / parts + 0.005, 0.1, facecolor=face, edgecolor="none", zorder=2))
    write(axes, (left + long + 0.08, y), scale, size=SMALL, gid="key")
    x = WIDTH - 0.08
    for state in reversed(states):
        text = f"alarm: {STATES[state].text.lower()}" if state == "OK" else STATES[state].text.lower()
        write(axes, (x, y), text, size=SMALL, align="right", gid=f"key {state}")
        x -= width(text, SMALL) + 0.17
        _sign(axes, (x, y), state, f"key sign {state}")
        x -= 0.32


def _nice(value: float) -> float:
    """A round number of per cent above a value."""
    if math.isnan(value):
        return float(_NICE[-1])
    return next((float(nice) for nice in _NICE if nice >= value), math.ceil(value / 100) * 100.0)
