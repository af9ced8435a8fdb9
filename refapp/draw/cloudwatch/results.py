"""What a query of Logs Insights has found: how many events when, and the rows, as AWS's console shows it."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from refapp.draw.cloudwatch.charts import Series, between, chart
from refapp.draw.cloudwatch.messages import folded, legible, letters, written_out
from refapp.draw.cloudwatch.table import OPENED, Column, Table
from refapp.draw.cloudwatch.tiles import Head, written_span
from refapp.draw.dashboards import units
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import BLUE, GREY, WIDTH
from refapp.draw.texts import counted
from refapp.query.cloudwatch.frames import POINTER

_HISTOGRAM = 1.05  # inches
_BARS = 60
_BELOW = LINE + 0.08
_INDENT = 2
_COLUMNS = 6  # that a page has room for
_STEPS = (1, 2, 5, 10, 15, 30, *(60 * n for n in (1, 2, 5, 10, 15, 30)), *(3600 * n for n in (1, 2, 6, 12, 24, 168)))


def results(
    frame: pd.DataFrame, *, histogram: pd.DataFrame | None = None, rows: int = 20, opened: Collection[int] = ()
) -> Figure:
    """The rows of a query's result, below the number of events over time.

    Gids: `title`, `facts`; `histogram`, its axes, and `histogram events`, each of its bars; `rows head COLUMN`,
    `rows cell ROW COLUMN` and `rows line ROW NUMBER`; `more` tells what is left out.

    Args:
        frame: as `CloudWatchLogs.query` gives it.
        histogram: what `CloudWatchLogs.histogram` gives for the same query; without, the rows themselves are counted,
            if they have an `@timestamp`.
        rows: how many are listed at most.
        opened: the rows, counted from 0, below which all their fields are listed.
    """
    shown = frame.drop(columns=POINTER, errors="ignore")
    listed, hidden = shown.iloc[:rows, :_COLUMNS], [str(name) for name in shown.columns[_COLUMNS:]]
    columns = [_column(str(name), listed[name]) for name in listed.columns]
    places = [place for place in sorted(set(opened)) if 0 <= place < len(listed)]
    table = Table(columns=columns, opened={place: _fields(shown, place) for place in places})
    counts, window = _counts(frame, histogram)
    head = Head("Logs Insights", (_matched(frame), _scanned(frame), _time(frame)))
    top = head.height + (_HISTOGRAM + 0.08 if counts else 0.0)
    notes = _notes(len(shown) - len(listed), hidden)
    page = Page(top + table.height + (_BELOW if notes else 0.05))
    head.draw(page)
    if counts and window:
        box = Box(0.02, head.height, WIDTH - 0.1, _HISTOGRAM)
        chart(page, box, [counts], window, gid="histogram", kind="bar")
    if columns:
        table.draw(page, top, "rows")
    else:
        write(page.sheet, (0.18, top + LINE / 2), "no results", size=SMALL, colour=GREY, gid="nothing")
    if notes:
        write(
            page.sheet, (0.18, page.height - _BELOW / 2), notes, size=SMALL, colour=GREY, room=WIDTH - 0.3, gid="more"
        )
    return page.figure


def written(value: Any) -> str:
    """A value as the console writes it; nothing where there is none."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:g}"  # noqa: PLR2004
    return str(value)


def _column(name: str, values: "pd.Series[Any]") -> Column:
    numeric = is_numeric_dtype(values)
    mono = not numeric and not is_datetime64_any_dtype(values)
    return Column(name=name, texts=[written(value) for value in values], numeric=numeric, mono=mono)


def _fields(frame: pd.DataFrame, place: int) -> list[str]:
    """All fields of a row, one below the other; those of a message that is JSON, too."""
    lines: list[str] = []
    for name, value in frame.iloc[place].items():
        if not (text := written(value)):
            continue
        parts = written_out(text, OPENED - _INDENT / letters(1.0))
        if len(parts) == 1:
            lines += folded(f"{name}  {text}", OPENED)
        else:
            lines += [legible(str(name)), *(" " * _INDENT + part for part in parts)]
    return lines


def _counts(frame: pd.DataFrame, histogram: pd.DataFrame | None) -> tuple[Series | None, Window | None]:
    """How many events there were in each part of the time that was asked about."""
    if histogram is not None and len(histogram):
        times = np.array([moment.timestamp() for moment in histogram.iloc[:, 0]])
        order = np.argsort(times)
        values = histogram.iloc[:, 1].to_numpy(dtype=np.float64)
        return _bars(times[order], values[order], _asked(frame) or _asked(histogram))
    if "@timestamp" not in frame or not frame["@timestamp"].notna().any():
        return None, None
    moments = np.array([moment.timestamp() for moment in frame["@timestamp"].dropna()])
    asked = _asked(frame) or (float(moments.min()), float(moments.max()))
    step = next((step for step in _STEPS if (asked[1] - asked[0]) / step <= _BARS), _STEPS[-1])
    places, values = np.unique(np.floor(moments / step), return_counts=True)
    return _bars(places * step, values.astype(np.float64), asked, step)


def _bars(
    times: np.ndarray[Any, np.dtype[np.float64]],
    values: np.ndarray[Any, np.dtype[np.float64]],
    asked: tuple[float, float] | None,
    step: float | None = None,
) -> tuple[Series, Window]:
    """A bar for each part of the time, those without events included, as many as belong to what was asked."""
    gaps = np.diff(times)
    step = step or (float(gaps.min()) if len(gaps) else 60.0)
    start, end = asked or (float(times[0]), float(times[-1]))
    first, last = min(times[0], math.floor(start / step) * step), max(times[-1], math.floor(end / step) * step)
    grid = np.arange(first, last + step / 2, step)
    counted_ = np.zeros(len(grid))
    counted_[np.rint((times - first) / step).astype(int)] = values
    return Series(name="events", colour=BLUE, times=grid, numbers=counted_), between(float(grid[0]), float(grid[-1]))


def _asked(frame: pd.DataFrame) -> tuple[float, float] | None:
    if "start" not in frame.attrs:
        return None
    return frame.attrs["start"].timestamp(), frame.attrs["end"].timestamp()


def _matched(frame: pd.DataFrame) -> str:
    statistics: Mapping[str, float] = frame.attrs.get("statistics", {})
    if "recordsMatched" not in statistics:
        return counted(len(frame), "row")
    return f"showing {len(frame):,} of {counted(int(statistics['recordsMatched']), 'record')} matched"


def _scanned(frame: pd.DataFrame) -> str:
    statistics: Mapping[str, float] = frame.attrs.get("statistics", {})
    if "recordsScanned" not in statistics:
        return ""
    read = units.text(float(statistics.get("bytesScanned", 0.0)), "decbytes")
    took = f" in {units.text(frame.attrs['elapsed'], 's')}" if "elapsed" in frame.attrs else ""
    return f"{counted(int(statistics['recordsScanned']), 'record')} ({read}) scanned{took}"


def _time(frame: pd.DataFrame) -> str:
    asked = _asked(frame)
    return written_span(between(*asked)) if asked else ""


def _notes(rows: int, hidden: list[str]) -> str:
    more = f"and {counted(rows, 'row')} more" if rows else ""
    left = f"no room for {', '.join(hidden)}" if hidden else ""
    return "; ".join(text for text in (more, left) if text)
