"""The performance dashboard of a namespace, as Container Insights shows it in AWS's console."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from refapp.draw.cloudwatch.alarm import condition, draw
from refapp.draw.cloudwatch.charts import OTHERS, chart, colours_of, series_of, window_of
from refapp.draw.cloudwatch.key import Key
from refapp.draw.cloudwatch.states import badge
from refapp.draw.cloudwatch.tiles import PAD, Head, tile, written_span
from refapp.draw.dashboards.layout import GAP, Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import BLUE, GREEN, GREY, WIDTH
from refapp.draw.texts import counted, width
from refapp.query.cloudwatch.alarms import Alarm
from refapp.query.cloudwatch.containers import Performance

_TILE = 1.85  # inches
_COLUMNS, _ROWS = 2, 3
_COUNTS = {"pods": BLUE, "containers": GREEN}


class _Tile(NamedTuple):
    name: str
    title: str
    frame: pd.DataFrame
    unit: str


def performance(found: Performance, alarm: Alarm | None = None) -> Figure:
    """CPU, memory, network, and the numbers of pods and containers of a namespace; beside them the state of an alarm.

    Each workload has its colour. Gids: `title`, `facts`; of the tiles `cpu`, `memory`, `received`, `sent`, `running`
    their axes, `cpu title` and so on their titles, `cpu NAME` their lines; `workloads key 0` and so on; `alarm`, the
    axes of the alarm, `alarm state` and the `band STATE` of its states.

    Raises:
        ValueError: there are no values.
    """
    tiles = [
        _Tile("cpu", "CPU utilisation", found.cpu, "percent"),
        _Tile("memory", "Memory utilisation", found.memory, "percent"),
        _Tile("received", "Network RX", found.received, "Bps"),
        _Tile("sent", "Network TX", found.sent, "Bps"),
    ]
    end = max(found.end, alarm.end) if alarm else found.end
    window = window_of([*(one.frame for one in tiles), found.running], found.start, end)
    colours = colours_of([one.frame for one in tiles])
    key = _key(colours, [one.frame for one in tiles])
    title = f"Container Insights: namespace {found.namespace}"
    head = Head(title, (written_span(window), "by workload, per cent of the nodes"))
    room = Box(0, head.height, WIDTH + GAP, _ROWS * (_TILE + GAP))
    page = Page(room.bottom + key.height + 0.04)
    head.draw(page)
    boxes = list(room.cells(_COLUMNS * _ROWS, _COLUMNS))
    boxes = [where.inner(right=GAP, bottom=GAP) for where in boxes]
    for one, where in zip(tiles, boxes, strict=False):
        _draw(page, where, one, colours, window)
    last = boxes[4] if alarm else Box(boxes[4].x, boxes[4].y, boxes[5].right - boxes[4].x, boxes[4].h)
    _counts(page, last, found.running, window)
    if alarm:
        _alarm(page, boxes[5], alarm, window)
    key.draw(page, Box(0.05, room.bottom, key.room, key.height), "workloads")
    return page.figure


def _draw(page: Page, where: Box, one: _Tile, colours: dict[str, str], window: Window) -> None:
    inner = tile(page, where, one.title, one.name)
    series = series_of(one.frame, colours)
    if series:
        chart(page, inner, series, window, gid=one.name, unit=one.unit)
    else:
        _nothing(page, inner, one.name)


def _counts(page: Page, where: Box, running: pd.DataFrame, window: Window) -> None:
    inner = tile(page, where, "Number of pods", "running")
    series = series_of(running, _COUNTS)
    if not series:
        _nothing(page, inner, "running")
        return
    chart(page, inner, series, window, gid="running")
    x = where.right - PAD
    for one in reversed(series):
        write(page.sheet, (x, where.y + PAD + 0.1), one.name, size=SMALL, align="right", gid=f"running key {one.name}")
        x -= width(one.name, SMALL) + 0.2
        page.sheet.plot((x, x + 0.14), (where.y + PAD + 0.1,) * 2, color=one.colour, linewidth=2, zorder=4)
        x -= 0.12


def _alarm(page: Page, where: Box, found: Alarm, window: Window) -> None:
    inner = tile(page, where, "Alarm", "alarm")
    badge(page.sheet, where.right - PAD, where.y + PAD + 0.1, found.state, gid="alarm state")
    at = (inner.x, inner.y + LINE / 2)
    write(page.sheet, at, drawable(found.name), size=SMALL, bold=True, room=inner.w, gid="alarm name")
    at = (inner.x, inner.y + 1.5 * LINE)
    text = drawable(condition(found))
    write(page.sheet, at, text, size=SMALL, colour=GREY, room=inner.w, gid="alarm condition")
    inner = inner.inner(top=2 * LINE)
    if found.measured.empty:
        _nothing(page, inner, "alarm")
    else:
        draw(page, inner, found, window, "alarm")


def _key(colours: dict[str, str], frames: Sequence[pd.DataFrame]) -> Key:
    entries = [(drawable(name), colour) for name, colour in colours.items()]
    others = {str(name) for frame in frames for name in frame.columns} - set(colours)
    if others:
        entries.append((counted(len(others), "other"), OTHERS))
    return Key(entries, WIDTH - 0.1)


def _nothing(page: Page, where: Box, gid: str) -> None:
    at = (where.x + where.w / 2, where.y + where.h / 2)
    write(page.sheet, at, "no data available", size=SMALL, colour=GREY, align="center", gid=f"{gid} nothing")
