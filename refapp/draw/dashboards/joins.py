"""Frames put together into one: side by side where they agree, or in groups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refapp.draw.dashboards.frames import TIME, Column, Frame, Kind, empty, numbers
from refapp.draw.dashboards.reductions import reduce


def merged(frames: Sequence[Frame]) -> list[Frame]:
    """One frame with all columns; rows that agree in all columns that the frames share become one.

    A column of numbers is shared when frames give it the same name; only texts and times have to agree.
    """
    whole = [frame for frame in frames if frame.columns]
    if not whole:
        return []
    names = list(dict.fromkeys(column.called for frame in whole for column in frame.columns))
    kinds = {column.called: column for frame in reversed(whole) for column in frame.columns}
    shared = [
        name for name in names if all(frame.column(name) for frame in whole) and kinds[name].kind is not Kind.NUMBER
    ]
    rows: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for frame in whole:
        for record in records(frame):
            key = tuple(record[name] for name in shared)
            _put(rows.setdefault(key, []), record)
    return [_frame(names, kinds, [row for group in rows.values() for row in group], whole[0].ref)]


def _put(group: list[dict[str, Any]], record: dict[str, Any]) -> None:
    """Fill up a row that has none of the record's other values, or begin one."""
    for row in group:
        if all(name not in row or row[name] == value for name, value in record.items()):
            row.update(record)
            return
    group.append(dict(record))


def by_field(frames: Sequence[Frame], name: str, mode: str) -> list[Frame]:
    """One frame with a row for each value of a column, by default of the times, and the other columns beside it.

    With mode `inner` only values that all frames have make a row.
    """
    whole = [frame for frame in frames if _key(frame, name)]
    if not whole:
        return list(frames)
    found: dict[Any, dict[int, int]] = {}
    for place, frame in enumerate(whole):
        key = _key(frame, name)
        for row, value in enumerate(key.values.tolist() if key else []):
            found.setdefault(value, {}).setdefault(place, row)
    if mode == "inner":
        found = {value: places for value, places in found.items() if len(places) == len(whole)}
    first = _key(whole[0], name)
    keys = list(found)
    if first and first.kind is not Kind.TEXT:
        keys.sort()
    columns = [replace(first, values=_array(first, keys))] if first else []
    for place, frame in enumerate(whole):
        columns.extend(
            replace(column, values=_picked(column, [found[key].get(place) for key in keys]))
            for column in frame.columns
            if column is not _key(frame, name)
        )
    return [Frame(columns=tuple(columns), ref=whole[0].ref)]


def _key(frame: Frame, name: str) -> Column | None:
    if not name or name == TIME:
        return frame.time
    return frame.column(name)


def grouped(frame: Frame, by: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> Frame:
    """A row for each combination of values, with the calculations that are wanted of the other columns."""
    keys = [column for name in by if (column := frame.column(name))]
    if not keys:
        return frame
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row, key in enumerate(zip(*(column.values.tolist() for column in keys), strict=True)):
        groups.setdefault(key, []).append(row)
    first = np.array([rows[0] for rows in groups.values()], dtype=int)
    columns = [column.take(first) for column in keys]
    for name, calculations in wanted.items():
        column = frame.column(name)
        if column is None or column.kind is not Kind.NUMBER:
            continue
        for calculation in calculations:
            found = [reduce(column.values[rows], calculation) for rows in groups.values()]
            values = [np.nan if value is None else value for value in found]
            columns.append(numbers(f"{column.called} ({calculation})", values))
    return replace(frame, columns=tuple(columns))


def padded(column: Column, length: int) -> Column:
    """The column with nothing in its last rows, so that it is as long as that."""
    return replace(column, values=_picked(column, [row if row < len(column) else None for row in range(length)]))


def records(frame: Frame) -> list[dict[str, Any]]:
    """The rows of a frame, by the names of its columns."""
    columns = {column.called: column.values.tolist() for column in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _frame(names: Sequence[str], kinds: Mapping[str, Column], rows: Sequence[Mapping[str, Any]], ref: str) -> Frame:
    columns = []
    for name in names:
        like = kinds[name]
        columns.append(replace(like, labels={}, values=_array(like, [row.get(name, empty(like)) for row in rows])))
    return Frame(columns=tuple(columns), ref=ref)


def _array(like: Column, values: Sequence[Any]) -> NDArray[Any]:
    return np.array(values, dtype=object if like.kind is Kind.TEXT else np.float64)


def _picked(column: Column, rows: Sequence[int | None]) -> NDArray[Any]:
    values = column.values
    return _array(column, [empty(column) if row is None else values[row] for row in rows])
