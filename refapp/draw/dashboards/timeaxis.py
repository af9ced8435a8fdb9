"""The axis of time below a picture; in UTC."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import SMALL
from refapp.draw.dashboards.queries import Window
from refapp.draw.style import FAINT
from refapp.draw.texts import width

HEIGHT = 0.2
"""Inches that its labels take."""

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 30, 90, 365, 3650)),
)
_ROOM = 0.22  # inches between two labels


def ticks(window: Window, room: float) -> list[tuple[float, str]]:
    """Whole minutes, hours or days within the window and what is written there, so that there is room between them."""
    span = window.end - window.start
    for step in _STEPS:
        first = np.ceil(window.start / step) * step
        if span / step > 50:  # noqa: PLR2004 (more than any page has room for)
            continue
        moments = [float(moment) for moment in np.arange(first, window.end + 1e-6, step)]
        labels = [_label(moment, step) for moment in moments]
        middles = [(moment - window.start) / span * room for moment in moments]
        halves = [width(label, SMALL) / 2 for label in labels]
        gaps = (
            right - left - one - other
            for (left, right), (one, other) in zip(pairwise(middles), pairwise(halves), strict=True)
        )
        if all(gap >= _ROOM for gap in gaps):
            return list(zip(moments, labels, strict=True))
    return []


def draw(axes: Axes, window: Window, box: Box) -> None:
    """Limits, labels and lines for the time.

    A label that would pass the edge of the box begins or ends there, or is left out if it would meet the next one.
    """
    axes.set_xlim(window.start, window.end)
    found = ticks(window, box.w)
    spans = [_span(moment, label, window, box.w) for moment, label in found]
    labels = [label for _, label in found]
    for place, neighbour in ((0, 1), (-1, -2)):
        if len(spans) > 1 and max(spans[place][0], spans[neighbour][0]) < min(spans[place][1], spans[neighbour][1]):
            labels[place] = ""
    axes.set_xticks([moment for moment, _ in found], labels)
    axes.grid(visible=True, axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for (moment, label), text in zip(found, axes.get_xticklabels(), strict=True):
        at = (moment - window.start) / (window.end - window.start) * box.w
        half = width(label, SMALL) / 2
        if at + half > box.w:
            text.set_horizontalalignment("right")
        elif at < half:  # it would be below the labels of the values
            text.set_horizontalalignment("left")


def _span(moment: float, label: str, window: Window, room: float) -> tuple[float, float]:
    """Where a label begins and ends, with half of the room that there is to be between two."""
    at = (moment - window.start) / (window.end - window.start) * room
    long = width(label, SMALL)
    left = at - long if at + long / 2 > room else at if at < long / 2 else at - long / 2
    return left - _ROOM / 4, left + long + _ROOM / 4


def _label(moment: float, step: float) -> str:
    layout = "%H:%M:%S" if step < _MINUTE else "%H:%M" if step < _DAY else "%m-%d" if step < 365 * _DAY else "%Y"
    return datetime.fromtimestamp(moment, UTC).strftime(layout)
