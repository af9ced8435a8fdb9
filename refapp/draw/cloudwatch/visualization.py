"""A result of Logs Insights as the tab Visualization of AWS's console shows it: lines, areas, bars or a pie."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from refapp.draw.cloudwatch.charts import Kind, chart, colours_of, series_of, window_of
from refapp.draw.cloudwatch.key import Key
from refapp.draw.cloudwatch.results import written
from refapp.draw.cloudwatch.tiles import Head, written_span
from refapp.draw.colours import service_colours
from refapp.draw.dashboards import units
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.legendbox import Entry, Legend
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import Page
from refapp.draw.sheet import SMALL, box, write
from refapp.draw.style import FAINT, WIDTH
from refapp.draw.texts import width
from refapp.query.cloudwatch.frames import POINTER

Form = Literal["line", "stacked area", "bar", "pie"]

_PLOT = 2.5  # inches
_PIE = 2.4
_ROW = 0.24
_ROWS = 30
_NAME = 2.4
_BETWEEN = ", "


def visualization(
    frame: pd.DataFrame,
    kind: Form = "line",
    *,
    unit: str = "",
    title: str = "",
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """The values of a query that ends in `stats … by …`, over time where it has a `bin()`, and by group otherwise.

    Each value of each group is a series. The time is all that the query asked about, where the frame still tells it by
    its `attrs`; otherwise it goes from the first value to the last. Gids: `title`, `facts`; of series over time
    `chart`, the axes, `chart NAME`, a line, an area or a bar; by group `bar NAME` or `wedge NAME` and `value NAME`.

    Args:
        frame: as `CloudWatchLogs.query` gives it.
        kind: `line`, `stacked area` or `bar` over time; `bar` or `pie` by group.
        unit: of the values; one of `refapp.draw.dashboards.units`, such as `ms`, `bytes` or `percent`.
        title: over the figure.
        colours: of series or groups, by their names; those that are not named have one of their own.

    Raises:
        ValueError: the result cannot be shown so; the message says what is missing.
    """
    frame = frame.drop(columns=POINTER, errors="ignore")
    times = [name for name in frame.columns if is_datetime64_any_dtype(frame[name])]
    values = [name for name in frame.columns if is_numeric_dtype(frame[name])]
    groups = [name for name in frame.columns if name not in (*times, *values)]
    if frame.empty or not values:
        raise ValueError("there is nothing to draw: no numbers; end the query in stats … by …")
    title = title or _title(values, [*groups, *times])
    if kind != "pie" and times:
        asked = (frame.attrs.get("start"), frame.attrs.get("end"))
        return _over_time(_series(frame, times[0], groups, values), kind, unit, title, colours or {}, asked)
    if kind in ("bar", "pie"):
        by = [*groups, *times]
        if not by:
            raise ValueError(f"a {kind} chart needs groups: end the query in stats … by …")
        totals = _by_group(frame, by, values)
        told = service_colours(map(str, totals.index)) | dict(colours or {})
        return _pie(totals, unit, title, told) if kind == "pie" else _bars(totals, unit, title, told)
    raise ValueError(f"a {kind} chart needs times: end the query in stats … by bin(…)")


def _series(frame: pd.DataFrame, time: str, groups: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """One column a series, indexed by time, with a row for each part of the time between the first and the last."""
    names = frame[list(groups)].apply(lambda row: _BETWEEN.join(map(written, row)), axis="columns") if groups else ""
    columns = {}
    for value in values:
        for name, own in frame.assign(**{"\0": names}).groupby("\0"):
            label = value if not groups else str(name) if len(values) == 1 else f"{name}: {value}"
            columns[label] = own.groupby(time)[value].sum(min_count=1).astype("float64")
    wide = pd.DataFrame(columns).sort_index()
    if len(wide) > 1:
        step = min(later - earlier for earlier, later in zip(wide.index, wide.index[1:], strict=False))
        if len(regular := pd.date_range(wide.index[0], wide.index[-1], freq=step)) <= 20 * len(wide):
            wide = wide.reindex(wide.index.union(regular))
    return wide


def _by_group(frame: pd.DataFrame, by: Sequence[str], values: Sequence[str]) -> "pd.Series[float]":
    """The value of each group, the largest first; with several values, of each."""
    names = frame[list(by)].apply(lambda row: _BETWEEN.join(map(written, row)), axis="columns")
    parts = [
        pd.Series(frame[value].to_numpy(dtype=np.float64, na_value=np.nan), index=_labels(names, value, values))
        for value in values
    ]
    whole = pd.concat(parts).dropna()
    return whole.groupby(level=0).sum().sort_values(ascending=False, kind="stable")


def _labels(names: "pd.Series[str]", value: str, values: Sequence[str]) -> list[str]:
    return [drawable(name if len(values) == 1 else f"{name}: {value}") or "(none)" for name in names]


def _title(values: Sequence[str], by: Sequence[str]) -> str:
    """What the query asks, such as `count(*) by service, bin(5m)`."""
    return _BETWEEN.join(values) + (f" by {_BETWEEN.join(by)}" if by else "")


def _over_time(
    frame: pd.DataFrame,
    kind: Kind,
    unit: str,
    title: str,
    colours: Mapping[str, str],
    asked: tuple[datetime | None, datetime | None],
) -> Figure:
    found = series_of(frame, colours_of([frame]) | dict(colours))
    window = window_of([frame], *asked)
    key = Key([(one.name, one.colour) for one in found] if len(found) > 1 else [], WIDTH - 0.1)
    head = Head(title, (written_span(window),))
    page = Page(head.height + _PLOT + key.height + 0.08)
    head.draw(page)
    chart(page, Box(0.02, head.height, WIDTH - 0.1, _PLOT), found, window, gid="chart", unit=unit, kind=kind)
    key.draw(page, Box(0.05, head.height + _PLOT + 0.02, key.room, key.height), "chart")
    return page.figure


def _bars(totals: "pd.Series[float]", unit: str, title: str, colours: Mapping[str, str]) -> Figure:
    """A bar for each group, from the left; a negative value has none."""
    shown = totals.iloc[:_ROWS]
    left_out = len(totals) - len(shown)
    head = Head(title, (f"the first {len(shown)} of {len(totals):,} groups",) if left_out else ())
    page = Page(head.height + _ROW * len(shown) + 0.1)
    head.draw(page)
    texts = [units.text(value, unit) for value in shown]
    names = min(max(width(name, SMALL) for name in shown.index) * 1.03, _NAME)
    room = WIDTH - names - 0.3 - max(width(text, SMALL) for text in texts)
    for row, ((name, value), text) in enumerate(zip(shown.items(), texts, strict=True)):
        y = head.height + _ROW * (row + 0.5)
        write(page.sheet, (names + 0.05, y), str(name), size=SMALL, align="right", room=names)
        long = max(room * value / max(float(shown.max()), 1e-300), 0.0)
        at, size = (names + 0.13, y - 0.07), (max(long, 0.01), 0.14)
        box(page.sheet, at, size, face=colours[str(name)] if value > 0 else FAINT, radius=0.0, gid=f"bar {name}")
        write(page.sheet, (names + 0.19 + long, y), text, size=SMALL, gid=f"value {name}")
    return page.figure


def _pie(totals: "pd.Series[float]", unit: str, title: str, colours: Mapping[str, str]) -> Figure:
    positive = totals[totals > 0]
    if positive.empty:
        raise ValueError("there is nothing to draw: a pie needs positive values")
    whole = float(positive.sum())
    entries = tuple(
        Entry(name=str(name), colour=colours[str(name)], values=(units.text(value, unit), f"{value / whole:.1%}"))
        for name, value in positive.items()
    )
    legend = Legend(entries=entries, heads=("value", "share"), table=True)
    height = max(_PIE, legend.height(WIDTH - _PIE - 0.4))
    head = Head(title)
    page = Page(head.height + height + 0.1)
    head.draw(page)
    axes = page.axes(Box(0.1, head.height, _PIE, _PIE), "chart")
    shades = [colours[str(name)] for name in positive.index]
    wedges = axes.pie(positive.to_numpy(), colors=shades, startangle=90, counterclock=False, normalize=True)[0]
    for wedge, name in zip(wedges, positive.index, strict=True):
        wedge.set(edgecolor="white", linewidth=0.8, gid=f"wedge {name}")
    legend.draw(page, Box(_PIE + 0.3, head.height, WIDTH - _PIE - 0.4, height), "groups")
    return page.figure
