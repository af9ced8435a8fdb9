"""The single numbers of a panel: each series reduced to one, or each row of a table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.frames import Column, Frame, Kind, Numbers
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.mappings import Value
from refapp.draw.dashboards.picture import Content
from refapp.draw.dashboards.reductions import reduce
from refapp.draw.dashboards.values import mapping, number, string, strings

_MOST_ROWS = 25  # Grafana's own limit


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number with its name; `history` are the values it was reduced from, with their times, if there are any."""

    name: str
    value: Value
    field: Field
    history: tuple[Numbers, Numbers] | None = None

    @property
    def text(self) -> str:
        """The number as it is written."""
        return self.field.text(self.value)

    def colour(self, bounds: tuple[float, float]) -> str | None:
        """Its colour by mappings and thresholds."""
        return self.field.colour(self.value, bounds)


def cells(content: Content) -> list[Cell]:
    """One for each column that the panel's `reduceOptions` choose, or one for each row with `values`.

    Raises:
        ValueError: the panel asks for a calculation that there is not.
    """
    options = mapping(content.panel.options.get("reduceOptions"))
    if options.get("values"):
        limit = int(min(max(number(options.get("limit")) or _MOST_ROWS, 1), _MOST_ROWS))
        return list(_rows(content))[:limit]
    calculation = (strings(options.get("calcs")) or ["lastNotNull"])[0]
    wanted = string(options.get("fields"))
    return [_reduced(content, frame, column, calculation) for frame, column in _chosen(content, wanted)]


def limits(found: list[Cell]) -> tuple[float, float]:
    """The smallest and the largest number, from zero on, for those without limits of their own."""
    there = [one.value for one in found if isinstance(one.value, float) and np.isfinite(one.value)]
    histories = [one.history[1] for one in found if one.history]
    finite = [values[np.isfinite(values)] for values in histories]
    tops = [*there, *(float(values.max()) for values in finite if len(values))]
    lows = [0.0, *there]
    return min(lows), max(tops, default=100.0)


def _chosen(content: Content, wanted: str) -> Iterator[tuple[Frame, Column]]:
    for frame in content.data.frames:
        for column in frame.columns:
            if content.fields.of(column, frame).hidden():
                continue
            named = content.fields.named(column, frame)
            if _takes(wanted, column, named):
                yield frame, column


def _takes(wanted: str, column: Column, name: str) -> bool:
    """Numbers by default; by a pattern between slashes, or a name, any column."""
    if not wanted:
        return column.kind is Kind.NUMBER
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        try:
            return bool(re.search(wanted[1:-1], name))
        except re.error:
            return False
    return name == wanted


def _reduced(content: Content, frame: Frame, column: Column, calculation: str) -> Cell:
    field, name = content.fields.of(column, frame), content.fields.named(column, frame)
    if column.kind is not Kind.NUMBER:
        there = [value for value in column.values.tolist() if value is not None]
        return Cell(name=name, value=_last(column, there), field=field)
    history = None if frame.time is None or len(frame) <= 1 else (frame.time.values, column.values)
    return Cell(name=name, value=reduce(column.values, calculation), field=field, history=history)


def _last(column: Column, there: list[object]) -> Value:
    if not there:
        return None
    value = there[-1]
    return value if isinstance(value, float) and column.kind is not Kind.TIME else drawable(str(value))


def _rows(content: Content) -> Iterator[Cell]:
    """A cell for each row; its name is what is text in it, its number the last one."""
    for frame in content.data.frames:
        columns = [column for column in frame.columns if not content.fields.of(column, frame).hidden()]
        numeric = [column for column in columns if column.kind is Kind.NUMBER]
        named = [column for column in columns if column.kind is Kind.TEXT]
        if not numeric:
            continue
        field = content.fields.of(numeric[-1], frame)
        for row in range(len(frame)):
            name = " ".join(str(column.values[row]) for column in named if column.values[row] is not None)
            value = float(numeric[-1].values[row])
            yield Cell(name=drawable(name) or numeric[-1].called, value=value, field=field)
