"""Where the numbers of a dashboard come from, asked the way panels and variables ask."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import numpy as np
import pandas as pd

from refapp.draw.dashboards.frames import Numbers
from refapp.draw.dashboards.legends import series

_LABEL_VALUES = re.compile(r"label_values\((?:(?P<match>.+),)?\s*(?P<label>[a-zA-Z_][\w.]*)\s*\)", re.DOTALL)
_LABEL_NAMES = re.compile(r"label_names\((?P<match>.*)\)", re.DOTALL)
_METRICS = re.compile(r"metrics\((?P<pattern>.*)\)", re.DOTALL)
_RESULT = re.compile(r"query_result\((?P<query>.+)\)", re.DOTALL)
_NAME = "__name__"
_NO_LABELS = frozenset({"time", "value"})


class Source(Protocol):
    """A Prometheus; `refapp.query.metrics.PanelSource` is one.

    What cannot be answered raises an exception whose text is Prometheus' own message.
    """

    def instant(self, query: str, *, at: datetime) -> pd.DataFrame:
        """A row for each series: a column for each label, and `value`."""

    def range(self, query: str, *, start: datetime, end: datetime, step: timedelta) -> pd.DataFrame:
        """A row for each point: a column for each label, `time` (UTC) and `value`."""

    def label_values(self, label: str, *, match: str | None = None) -> list[str]:
        """The values of a label, of the series that a selector takes."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series: its labels, its moments in seconds since 1970, and its values."""

    labels: Mapping[str, str]
    times: Numbers
    values: Numbers


class Asker:
    """Asks a source about a span of time, and the same question only once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._answers: dict[Hashable, Any] = {}

    def instant(self, query: str, at: float) -> list[Line]:
        """Each series of an expression at that moment."""
        moment = _moment(at)
        frame = self._once(("instant", query, at), lambda: self._source.instant(query, at=moment))
        return [
            Line(labels=labels, times=np.full(len(values), at), values=values) for labels, _, values in _series(frame)
        ]

    def range(self, query: str, start: float, end: float, step: float) -> list[Line]:
        """Each series of an expression, from start to end, in seconds."""
        key = ("range", query, start, end, step)
        span = timedelta(seconds=step)
        frame = self._once(key, lambda: self._source.range(query, start=_moment(start), end=_moment(end), step=span))
        return [Line(labels=labels, times=times, values=values) for labels, times, values in _series(frame)]

    def lookup(self, at: float) -> Callable[[str], list[str]]:
        """Answers the queries of variables: `label_values`, `label_names`, `metrics`, `query_result` or a selector.

        https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
        """
        return lambda query: self._once(("variable", query, at), lambda: self._lookup(query.strip(), at))

    def _lookup(self, query: str, at: float) -> list[str]:
        if match := _LABEL_VALUES.fullmatch(query):
            return self._source.label_values(match["label"], match=(match["match"] or "").strip() or None)
        if match := _METRICS.fullmatch(query):
            names = self._source.label_values(_NAME)
            return [name for name in names if re.search(match["pattern"].strip() or ".*", name)]
        if match := _LABEL_NAMES.fullmatch(query):
            lines = self.instant(match["match"].strip() or '{__name__=~".+"}', at)
            return sorted({label for line in lines for label in line.labels})
        if match := _RESULT.fullmatch(query):
            lines = self.instant(match["query"], at)
            return [f"{series(line.labels)} {float(line.values[-1]):g} {at * 1000:.0f}" for line in lines]  # noqa: PD011
        return [series(line.labels) for line in self.instant(query, at)] if query else []

    def _once(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        if key not in self._answers:
            self._answers[key] = ask()
        return self._answers[key]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _series(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], Numbers, Numbers]]:
    """The rows of each series, in the order in which the series first appear."""
    if frame.empty:
        return
    names = [str(name) for name in frame.columns if name not in _NO_LABELS]
    seconds = np.full(len(frame), np.nan)
    if "time" in frame:
        seconds = pd.to_datetime(frame["time"], utc=True).astype("datetime64[ns, UTC]").astype("int64").to_numpy() / 1e9
    values = frame["value"].to_numpy(dtype=np.float64)
    for labels, rows in _groups(frame, names):
        yield labels, seconds[rows], values[rows]


def _groups(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[dict[str, str], Any]]:
    if not names:
        yield {}, np.arange(len(frame))
        return
    numbers = frame.groupby(list(names), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(numbers, return_index=True)
    ends = np.split(np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(numbers))[:-1])
    for place, rows in zip(first, ends, strict=True):
        own = {name: frame[name].iloc[place] for name in names}
        yield {name: str(value) for name, value in own.items() if value and not pd.isna(value)}, rows
