"""What CloudWatch Logs answered, as data frames."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

POINTER = "@ptr"
"""The column that `CloudWatchLogs.record` takes its values from."""

# Texts, whatever they look like.
_TEXTS = frozenset((POINTER, "@message", "@log", "@logStream"))
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", re.ASCII)
# A number as it is calculated; 007 is a name, and so is an integer that 64 bits cannot hold.
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_REAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST = 18  # digits before the point


def results(rows: Sequence[Sequence[Mapping[str, str]]]) -> pd.DataFrame:
    """The rows of a query, in their order and with the columns in the order in which CloudWatch sends them.

    CloudWatch tells no types. A column is of times (UTC) when all its values are written as times, of numbers when all
    are written as numbers, and of texts otherwise. What a row lacks is NaT, NaN or NA.
    """
    found = [{cell["field"]: cell["value"] for cell in row if "value" in cell} for row in rows]
    return pd.DataFrame(
        {name: _typed(name, [row.get(name) for row in found]) for name in _columns(found)},
        index=pd.RangeIndex(len(found)),
    )


def moments(times: Iterable[int | None]) -> "pd.Series[pd.Timestamp]":
    """Times in milliseconds since 1970 as a column, in UTC."""
    return pd.Series(pd.to_datetime(pd.Series(list(times), dtype="Int64"), unit="ms", utc=True))


def events(found: Sequence[Mapping[str, Any]], stream: str | None = None) -> pd.DataFrame:
    """One row an event: `timestamp`, `stream`, `message`, `ingestion`, and its `id` where there is one."""
    columns: dict[str, Any] = {
        "timestamp": moments(event["timestamp"] for event in found),
        "stream": [event.get("logStreamName", stream) for event in found],
        "message": [event["message"] for event in found],
        "ingestion": moments(event.get("ingestionTime") for event in found),
    }
    if stream is None:
        columns["id"] = [event["eventId"] for event in found]
    return pd.DataFrame(columns).astype({name: "str" for name in columns if name in ("stream", "message", "id")})


def _columns(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The columns of all rows; one that earlier rows lack stands behind the one that it follows in its own."""
    names: list[str] = []
    for row in dict.fromkeys(map(tuple, rows)):  # most rows have the same ones
        place = 0
        for name in row:
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    return names


def _typed(name: str, values: Sequence[str | None]) -> "pd.Series[Any]":
    texts = pd.Series(list(values), dtype="str")
    there = [value for value in values if value is not None]
    if name in _TEXTS or not there:
        return texts
    if all(map(_TIME.fullmatch, there)):
        return pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S.%f", utc=True, errors="coerce")
    if all(map(_WHOLE.fullmatch, there)):
        whole = pd.Series([None if value is None else int(value) for value in values], dtype="Int64")
        return whole if whole.hasnans else whole.astype("int64")
    if all(map(_is_real, there)):
        return pd.Series([float("nan") if value is None else float(value) for value in values], dtype="float64")
    return texts


def _is_real(text: str) -> bool:
    return bool(_REAL.fullmatch(text)) and len(re.split("[.eE]", text)[0]) <= _LONGEST
