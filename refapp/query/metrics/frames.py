"""What Prometheus answered, as data frames.

The results are those of https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

METRIC = "__name__"
"""The label that has the name of a metric."""

_NONE = "(none)"
_FEW = 3  # labels that all fit into a name
_TAKEN = ("time", "value")

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """The value of an expression: `vector`, `matrix`, `scalar` or `string`, and its data as JSON."""

    kind: str
    data: Any

    @classmethod
    def read(cls, data: Any) -> "Result":
        """Take it from the data of an answer."""
        return cls(data["resultType"], data["result"])

    @property
    def series(self) -> list[tuple[dict[str, str], list[tuple[float, str]]]]:
        """The labels and the samples, time and value, of each series; a scalar is one without labels."""
        if self.kind == "vector":
            return [(item["metric"], [item["value"]]) for item in self.data]
        if self.kind == "matrix":
            return [(item["metric"], item["values"]) for item in self.data]
        return [({}, [self.data])]


def instant(result: Result) -> pd.DataFrame:
    """One row a series: a column for each label, and `value`.

    Of a range vector, whose series have several samples, one row a sample with its `time`; of a string, one row.
    """
    if result.kind == "string":
        return pd.DataFrame({"value": [result.data[1]]})
    return samples(result) if result.kind == "matrix" else samples(result).drop(columns="time")


def samples(result: Result) -> pd.DataFrame:
    """One row a sample: a column for each label, its `time` (UTC) and its `value`.

    A series without a label has an empty text there, which is the same to Prometheus. A label that is called `time` or
    `value` becomes `exported_time` or `exported_value`.
    """
    series = result.series
    counts = [len(points) for _, points in series]
    columns: dict[str, Any] = {
        f"exported_{name}" if name in _TAKEN else name: np.repeat(
            np.array([labels.get(name, "") for labels, _ in series], dtype=object), counts
        )
        for name in label_names(labels for labels, _ in series)
    }
    columns["time"] = pd.to_datetime([_milliseconds(t) for _, points in series for t, _ in points], unit="ms", utc=True)
    columns["value"] = np.array([float(value) for _, points in series for _, value in points], dtype=np.float64)
    return pd.DataFrame(columns)


def over_time(result: Result, start: datetime, end: datetime, step: timedelta, *, expr: str = "") -> pd.DataFrame:
    """One row a step, from `start` to `end`, and one column a series; where a series has no sample, NaN.

    Columns are named by what tells the series apart; `attrs["series"]` has the labels of each, in the same order.
    """
    first, length = _milliseconds(start.timestamp()), round(step / timedelta(milliseconds=1))
    rows = (_milliseconds(end.timestamp()) - first) // length + 1
    values = np.full((rows, len(result.series)), np.nan)
    for column, (_, points) in enumerate(result.series):
        places = [(_milliseconds(time) - first) // length for time, _ in points]
        values[places, column] = [float(value) for _, value in points]
    index = pd.to_datetime([first + row * length for row in range(rows)], unit="ms", utc=True).rename("time")
    labels = [labels for labels, _ in result.series]
    told = telling(labels)
    columns = pd.Index(names(labels, expr), name=told[0] if len(told) == 1 else None, dtype=object)
    frame = pd.DataFrame(values, index=index, columns=columns)
    frame.attrs = {"expr": expr, "step": step.total_seconds(), "series": labels}
    return frame


def names(series: Sequence[Labels], expr: str = "") -> list[str]:
    """A short name for each series, by the labels that tell them apart; `expr` names one that has none.

    The one label that does is enough for a name: `service-a`. Of several their names are told too:
    `reporter=source, response_code=200`.
    """
    told = telling(series)
    if not told:
        return [(labels.get(METRIC) or expr or _NONE) for labels in series]
    if len(told) == 1:
        return [labels.get(told[0]) or _NONE for labels in series]
    parts = (", ".join(f"{name}={labels[name]}" for name in told if labels.get(name)) for labels in series)
    return [text or _NONE for text in parts]


def telling(series: Sequence[Labels]) -> tuple[str, ...]:
    """The labels that tell series apart; of a single series the only label that it has.

    Of many labels those are left aside that tell nothing new: the next to be taken is the one that tells most.
    """
    own = [name for name in label_names(series) if name != METRIC]
    if len(series) == 1:
        return tuple(own) if len(own) == 1 else ()
    varying = [name for name in label_names(series) if _distinct(series, (name,)) > 1]
    if len(own) <= _FEW:
        return tuple(varying)
    told: tuple[str, ...] = ()
    while varying and (reached := _distinct(series, told)) < len(series):
        best = max(varying, key=lambda name: _distinct(series, (*told, name)))
        if _distinct(series, (*told, best)) == reached:
            break
        told = (*told, best)
        varying.remove(best)
    return told


def label_names(series: Iterable[Labels]) -> list[str]:
    """The labels of all series: the name of the metric first, the others in alphabetical order."""
    found = {name for labels in series for name in labels}
    return sorted(found, key=lambda name: (name != METRIC, name))


def labels_frame(series: Iterable[Labels]) -> pd.DataFrame:
    """One row a series: a column for each label."""
    rows = list(series)
    columns = label_names(rows)
    return pd.DataFrame([[labels.get(name, "") for name in columns] for labels in rows], columns=columns, dtype=object)


def moment(text: str) -> datetime | None:
    """A time as Go writes it; None for the one that it writes when there is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if time.year == 1 else time.astimezone(UTC)


def _distinct(series: Sequence[Labels], told: Sequence[str]) -> int:
    return len({tuple(labels.get(name, "") for name in told) for labels in series})


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
