"""What queries return, as Grafana's data frames: named columns of equal length.

https://grafana.com/developers/plugin-tools/key-concepts/data-frames
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

TIME = "Time"
VALUE = "Value"
Numbers: TypeAlias = NDArray[np.float64]


class Kind(StrEnum):
    """What a column holds: seconds since 1970, numbers with NaN for null, or texts with None for null."""

    TIME = "time"
    NUMBER = "number"
    TEXT = "string"


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column; `title` is what it is called when not by its name, `labels` are those of the series it is of."""

    name: str
    kind: Kind
    values: NDArray[Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def called(self) -> str:
        """Its title, or its name."""
        return self.title or self.name

    def take(self, rows: NDArray[Any]) -> "Column":
        """Those of its values."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """Columns of one query, `ref`; `name` is the series' own when there is only one."""

    columns: tuple[Column, ...]
    ref: str = "A"
    name: str = ""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def of(self, kind: Kind) -> list[Column]:
        """Its columns of that kind."""
        return [column for column in self.columns if column.kind is kind]

    @property
    def time(self) -> Column | None:
        """Its first column of times."""
        return next(iter(self.of(Kind.TIME)), None)

    def column(self, name: str) -> Column | None:
        """The column that is called so, or has that name."""
        called = (column for column in self.columns if column.called == name)
        return next(called, None) or next((column for column in self.columns if column.name == name), None)

    def take(self, rows: NDArray[Any]) -> "Frame":
        """Those of its rows."""
        return replace(self, columns=tuple(column.take(rows) for column in self.columns))


def numbers(name: str, values: Iterable[float], **more: Any) -> Column:
    """A column of numbers."""
    return Column(name=name, kind=Kind.NUMBER, values=np.asarray(list(values), dtype=np.float64), **more)


def texts(name: str, values: Sequence[str | None], **more: Any) -> Column:
    """A column of texts."""
    return Column(name=name, kind=Kind.TEXT, values=np.asarray(values, dtype=object), **more)


def times(values: Iterable[float], name: str = TIME) -> Column:
    """A column of times, in seconds since 1970."""
    return Column(name=name, kind=Kind.TIME, values=np.asarray(list(values), dtype=np.float64))


def series(labels: Mapping[str, str], when: Numbers, values: Numbers, *, title: str, ref: str = "A") -> Frame:
    """One series: its times and its values."""
    column = Column(name=VALUE, kind=Kind.NUMBER, values=values, labels=labels, title=title)
    return Frame(columns=(Column(name=TIME, kind=Kind.TIME, values=when), column), ref=ref, name=title)


def empty(column: Column) -> Any:
    """What stands in a column of that kind where there is nothing."""
    return None if column.kind is Kind.TEXT else np.nan
