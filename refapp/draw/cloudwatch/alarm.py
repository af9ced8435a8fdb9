"""An alarm as AWS's console shows it: the metric, its threshold, and below that how its state has been."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from refapp.draw.cloudwatch.charts import chart, series_of, window_of
from refapp.draw.cloudwatch.states import STATES, badge
from refapp.draw.cloudwatch.tiles import Head, written_span
from refapp.draw.dashboards import units
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import BLUE, INK, WIDTH
from refapp.draw.texts import width, wrap
from refapp.query.cloudwatch.alarms import Alarm

_PLOT = 1.9  # inches
_BAND = 0.14
_KEY = 0.2
_LINES = 4  # of the reason


def alarm(found: Alarm) -> Figure:
    """The values that an alarm watches with its threshold, the band of its states, and why it is as it is.

    Gids: `title`, `facts`, `state`, `reason 0` and so on are texts; `values`, the axes; `values NAME`, a line;
    `values threshold`; `band STATE`, each part of the band.

    Raises:
        ValueError: the alarm has watched no value in that time.
    """
    window = window_of([found.measured], found.start, found.end)
    reason = wrap(drawable(" ".join(found.reason.split())), WIDTH - 0.2, SMALL)[:_LINES]
    head = Head(found.name, (condition(found), written_span(window)))
    page = Page(head.height + _PLOT + _KEY + LINE * len(reason) + 0.12)
    head.draw(page, badge(page.sheet, WIDTH - 0.04, 0.14, found.state, gid="state"))
    plot = Box(0.02, head.height, WIDTH - 0.1, _PLOT)
    draw(page, plot, found, window, "values")
    below = Box(0.02, plot.bottom + 0.04, WIDTH - 0.1, _KEY)
    key(page, below, [str(state) for state in found.states["state"]])
    y = below.bottom + 0.04 + LINE / 2
    for number, line in enumerate(reason):
        write(page.sheet, (0.04, y), line, size=SMALL, colour=INK, gid=f"reason {number}")
        y += LINE
    return page.figure


def draw(page: Page, box: Box, found: Alarm, window: Window, gid: str) -> None:
    """Draw the values, the threshold, and the band of the states into a box, as wide as the plot."""
    colours = {str(name): BLUE for name in found.measured.columns}
    threshold = None if np.isnan(found.threshold) else found.threshold
    upper = box.inner(bottom=_BAND + 0.05)
    lines = series_of(found.measured, colours)
    axes = chart(page, upper, lines, window, gid=gid, unit=unit_of(found.watches), threshold=threshold)
    left = axes.get_position().x0 * WIDTH
    span = window.end - window.start
    for row in found.states.to_dict("records"):
        start, end = (min(max((row[edge].timestamp() - window.start) / span, 0.0), 1.0) for edge in ("start", "end"))
        wide = box.right - left
        at = (left + start * wide, box.bottom - _BAND)
        state = str(row["state"])
        part = Rectangle(
            at, (end - start) * wide, _BAND, facecolor=STATES[state].colour, edgecolor="white", linewidth=0.5, zorder=3
        )
        part.set_gid(f"band {state}")
        page.sheet.add_artist(part)


def key(page: Page, box: Box, states: Sequence[str]) -> None:
    """What the colours of the band are, from the left of a box, in the height of one line."""
    x, y = box.x + 0.02, box.y + box.h / 2
    for name, state in STATES.items():
        if name in states:
            swatch = Rectangle((x, y - 0.045), 0.13, 0.09, facecolor=state.colour, edgecolor="none", zorder=4)
            page.sheet.add_artist(swatch)
            write(page.sheet, (x + 0.18, y), state.text, size=SMALL, gid=f"key {name}")
            x += 0.18 + width(state.text, SMALL) + 0.18


def condition(found: Alarm) -> str:
    """When it is in alarm, such as `pod_network_tx_bytes (Average, 60 s) > 1.5 kB/s`."""
    if found.period is None:
        return found.watches
    of = f"{found.statistic or 'expression'}, {found.period.total_seconds():g} s"
    return f"{found.watches} ({of}) {found.comparison} {units.text(found.threshold, unit_of(found.watches))}"


def unit_of(metric: str) -> str:
    """The unit of a metric of Container Insights, as `refapp.draw.dashboards.units` calls it; none for others."""
    if metric.endswith(("_utilization", "_reserved_capacity")) or "_utilization_over_" in metric:
        return "percent"
    if "_network_" in metric and metric.endswith("_bytes"):
        return "Bps"
    return "bytes" if "_memory_" in metric else ""
