"""What the queries of a panel return: frames for its picture, and what went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import starmap
from typing import Any

import numpy as np

from refapp.draw.dashboards import joins, legends
from refapp.draw.dashboards.documents import Panel, Target
from refapp.draw.dashboards.frames import TIME, VALUE, Column, Frame, Kind, Numbers, numbers, series, texts, times
from refapp.draw.dashboards.interpolation import Chosen, interpolate, plain, promql
from refapp.draw.dashboards.intervals import Intervals, intervals, seconds
from refapp.draw.dashboards.source import Asker, Line
from refapp.draw.dashboards.transformations import UnsupportedTransformationError, transform
from refapp.draw.dashboards.values import string

_PIXELS = 100  # that an inch of the page stands for, when a step is chosen
_OF_TABLES = ("table", "barchart")
_OVER_TIME = ("timeseries", "heatmap")
_NO_SERIES = ("labelsToFields",)


@dataclass(frozen=True, kw_only=True)
class Window:
    """From when to when, in seconds since 1970, and how often its series are scraped."""

    start: float
    end: float
    scrape: float

    @property
    def span(self) -> timedelta:
        """How long it is."""
        return timedelta(seconds=self.end - self.start)


@dataclass(frozen=True, kw_only=True)
class Data:
    """The frames of a panel, the time that they are of, the errors of its queries, and what is not done here."""

    frames: tuple[Frame, ...] = ()
    window: Window
    errors: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def run(panel: Panel, asker: Asker, chosen: Mapping[str, Chosen], window: Window, width: float) -> Data:
    """Ask the queries of a panel and transform what they return.

    Args:
        panel: whose queries.
        asker: who is asked.
        chosen: the variables of the dashboard.
        window: the time of the dashboard, which the panel may change for itself.
        width: of the panel, in inches; it decides how fine the step is.
    """
    own = window_of(panel, window)
    frames: list[Frame] = []
    errors: list[str] = []
    missing: list[str] = []
    for target in panel.targets:
        if target.trouble:
            missing.append(target.trouble)
            continue
        expression, spans = expression_of(target, panel, chosen, own, width)
        try:
            lines = _asked(target, panel, asker, expression, own, spans)
        except Exception as error:  # noqa: BLE001 (whatever the source of metrics raises is shown)
            errors.append(str(error) or type(error).__name__)
            continue
        legend = interpolate(target.legend, {**chosen, **panel.scope}, promql)
        frames.extend(_frames(target, panel, lines, legend or target.legend, expression))
    try:
        frames = transform(_numbered(frames, panel), _interpolated(panel, chosen))
    except UnsupportedTransformationError as error:
        missing.append(str(error))
    except ValueError as error:
        errors.append(str(error))
    unique = dict.fromkeys
    return Data(frames=tuple(frames), window=own, errors=tuple(unique(errors)), missing=tuple(unique(missing)))


def window_of(panel: Panel, window: Window) -> Window:
    """The time of a panel, which may have a length of its own, or be earlier."""
    span, shift = seconds(panel.recent) if panel.recent else None, seconds(panel.shift) if panel.shift else None
    start = window.start if span is None else window.end - span
    return replace(window, start=start - (shift or 0), end=window.end - (shift or 0))


def expression_of(
    target: Target, panel: Panel, chosen: Mapping[str, Chosen], window: Window, width: float
) -> tuple[str, Intervals]:
    """The expression of a query with all variables replaced, and its step and windows."""
    known = {**chosen, **panel.scope}
    own = string(target.interval) or panel.interval
    least = seconds(interpolate(own, known, promql)) if own else None
    points = panel.points or max(int(width * _PIXELS), 1)
    spans = intervals(window.span, points, scrape=window.scrape, least=least, factor=target.factor)
    return interpolate(target.expr, {**known, **plain(spans.variables())}, promql), spans


def _asked(target: Target, panel: Panel, asker: Asker, expression: str, window: Window, spans: Intervals) -> list[Line]:
    if target.instant:
        return asker.instant(expression, window.end)
    # Aligned to the step, so that two panels of the same query ask the same question, and a later one can be compared.
    start, end = (spans.step * np.floor(moment / spans.step) for moment in (window.start, window.end))
    lines = asker.range(expression, float(start), float(end), spans.step)
    grid = np.arange(round((end - start) / spans.step) + 1) * spans.step + start
    return lines if _as_table(target, panel) else [_filled(line, grid, spans.step) for line in lines]


def _filled(line: Line, grid: Numbers, step: float) -> Line:
    """The series with NaN at each step that it has no value for, so that a gap is one in the picture."""
    places = np.rint((line.times - grid[0]) / step).astype(int)
    there = (places >= 0) & (places < len(grid))
    values = np.full(len(grid), np.nan)
    values[places[there]] = line.values[there]
    return replace(line, times=grid, values=values)


def _as_table(target: Target, panel: Panel) -> bool:
    return target.table and panel.kind not in _OVER_TIME


def _frames(target: Target, panel: Panel, lines: Sequence[Line], legend: str, expression: str) -> list[Frame]:
    if not lines:
        return []
    if _as_table(target, panel):
        return [_table(lines, target.ref)]
    names = legends.names([line.labels for line in lines], legend, expression)
    found = list(starmap(lambda line, name: _named(line, name, target.ref), zip(lines, names, strict=True)))
    if target.instant and panel.kind in _OF_TABLES and not any(_needs_series(one) for one in panel.transformations):
        return [_table(lines, target.ref)]
    return found


def _needs_series(transformation: Mapping[str, Any]) -> bool:
    return string(transformation.get("id")) in _NO_SERIES


def _named(line: Line, name: str, ref: str) -> Frame:
    return series(line.labels, line.times, line.values, title=name, ref=ref)


def _table(lines: Sequence[Line], ref: str) -> Frame:
    """A row for each point: its time, its labels in alphabetical order, its value."""
    labels = sorted({label for line in lines for label in line.labels})
    when = np.concatenate([line.times for line in lines])
    values = np.concatenate([line.values for line in lines])
    columns = [texts(name, [line.labels.get(name) for line in lines for _ in line.times]) for name in labels]
    return Frame(columns=(times(when), *columns, numbers(VALUE, values)), ref=ref)


def _numbered(frames: Sequence[Frame], panel: Panel) -> list[Frame]:
    """Of several queries that are tables, each has its letter at its value: `Value #A`."""
    if len(panel.targets) < 2:  # noqa: PLR2004 (one needs no letter)
        return list(frames)
    return [replace(frame, columns=tuple(_lettered(column, frame.ref) for column in frame.columns)) for frame in frames]


def _lettered(column: Column, ref: str) -> Column:
    of_table = column.kind is Kind.NUMBER and column.name == VALUE and not column.title
    return replace(column, name=f"{VALUE} #{ref}") if of_table else column


def _interpolated(panel: Panel, chosen: Mapping[str, Chosen]) -> list[Mapping[str, Any]]:
    """The transformations, whose texts may have variables."""
    known = {**chosen, **panel.scope}

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return interpolate(value, known, promql)
        if isinstance(value, dict):
            return {name: changed(one) for name, one in value.items()}
        return [changed(one) for one in value] if isinstance(value, list) else value

    return [changed(one) for one in panel.transformations]


def one_table(frames: Sequence[Frame]) -> Frame | None:
    """What a table shows of the frames: the only one, or series joined by their times, or the first."""
    whole = [frame for frame in frames if frame.columns]
    if len(whole) > 1 and all(frame.name and frame.column(TIME) for frame in whole):
        return joins.by_field(whole, TIME, "outer")[0]
    return whole[0] if whole else None
