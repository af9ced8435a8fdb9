"""Rows of a query as SQL that is built up: layers of computed columns and conditions over a table, and their order.

No text of a query gets into the SQL: names of columns are made here, and whatever a query says is a parameter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as member
from itertools import count
from typing import Any

from refapp.backends.cloudwatch.insights.tree import Field
from refapp.backends.cloudwatch.insights.values import Value

Parameter = str | float | int | list[Any]

# What costs nothing to be asked for twice: a column, a parameter, a discovered field, a part of what a pattern matched.
_CHEAP = re.compile(r"\w+|NULL::\w+|\$p\d+(::\w+)?|variant_extract\(fields, \$p\d+\)::VARCHAR|c\d+\.g\d+")
_COLUMN = re.compile(r"\bc\d+\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the values of its parameters by their names."""

    sql: str
    parameters: dict[str, Parameter]


class Parameters:
    """Values that SQL refers to, and numbers for columns that are made."""

    def __init__(self) -> None:
        self._values: dict[str, Parameter] = {}
        self._names: dict[tuple[type, str], str] = {}
        self._numbers = count(1)

    def add(self, value: Parameter) -> str:
        """What stands for a value in SQL; the same for the same value, so that DuckDB knows equal terms as equal."""
        key = (type(value), str(value))
        name = self._names.setdefault(key, f"p{len(self._names) + 1}")
        self._values[name] = value
        return f"${name}"

    def reserve(self) -> str:
        """What stands for a value that is not known yet."""
        name = f"p{len(self._names) + 1}"
        self._names[object, name] = name
        self._values[name] = []
        return f"${name}"

    def new_column(self) -> str:
        """The name of a column that no other has."""
        return f"c{next(self._numbers)}"

    def statement(self, sql: str) -> Statement:
        """A statement with the parameters that it has; DuckDB refuses others."""
        return Statement(sql, {name: self._values[name] for name in set(re.findall(r"\$(p\d+)", sql))})


@dataclass
class _Layer:
    """Columns that are computed from those below, or a condition on them."""

    columns: dict[str, str] = member(default_factory=dict)
    condition: str = ""


class Rows:
    """The rows that a command leaves to the next.

    `names` are the fields that the query may use by now. While the rows are `open`, they are events, and any other name
    is a field that CloudWatch discovered. `order` are terms of ORDER BY.
    """

    def __init__(self, parameters: Parameters, table: str, names: dict[str, Value], order: list[str]) -> None:
        self.parameters = parameters
        self.table = table
        self.names = names
        self.order = order
        self.open = False
        self.single = False  # whether a row is one event, known by its id
        self._layers: list[_Layer] = []

    @property
    def filtered(self) -> bool:
        """Whether there are conditions."""
        return any(layer.condition for layer in self._layers)

    def knows(self, field: Field) -> bool:
        """Whether a name, or the map before its first dots, is one of a field that the query may use."""
        return any(".".join(field.parts[:length]) in self.names for length in range(1, len(field.parts) + 1))

    def let(self, sql: str) -> str:
        """Compute a term once for all that use it: the column that has it."""
        if _CHEAP.fullmatch(sql):
            return sql
        last = self._layers[-1] if self._layers else None
        if last is not None:
            for column, known in last.columns.items():
                if known == sql:
                    return column
        if last is None or last.condition or not last.columns.keys().isdisjoint(_COLUMN.findall(sql)):
            last = _Layer()
            self._layers.append(last)
        column = self.parameters.new_column()
        last.columns[column] = sql
        return column

    def where(self, condition: str) -> None:
        """Keep the rows for which a condition holds."""
        self._layers.append(_Layer(condition=condition))

    def relation(self) -> str:
        """The rows, for FROM; their order is to be asked for."""
        return self._over(self.table, self._layers)

    def count(self) -> str:
        """A query for their number."""
        return f"SELECT count(*) FROM {self.relation()}"  # noqa: S608 - no text of a query, see above

    def head(self, limit: int, *, ordered: bool = True) -> None:
        """Keep the first rows."""
        self._keep(f"{self._order() if ordered else ''} LIMIT {limit:d}")

    def distinct(self, columns: Sequence[str]) -> None:
        """Keep the first row of those that have the same values, and all that lack one."""
        values = ", ".join(columns)
        place = f"row_number() OVER (PARTITION BY {values} {self._order()})"
        self._keep(f"QUALIFY {place} = 1 OR {' OR '.join(f'{column} IS NULL' for column in columns)}")

    def expand(self, elements: str) -> str:
        """Make a row of each element of a list: the column that has it. Where there is no list, no row is left."""
        elements = self.let(elements)
        element, place = self.parameters.new_column(), self.parameters.new_column()
        added = f"unnest({elements}) AS {element}, generate_subscripts({elements}, 1) AS {place}"
        self.settle(f"(SELECT *, {added} FROM {self.relation()})")  # noqa: S608
        self.order = [*self.order, place]
        return element

    def settle(self, table: str) -> None:
        """Go on from a table, which has all that was computed before."""
        self.table, self._layers, self.single = table, [], False

    def select(self, columns: Sequence[str], limit: int) -> str:
        """A query for columns of the first rows, in their order."""
        self.head(limit)
        return f"SELECT {', '.join(columns)} FROM {self.relation()} {self._order()}"  # noqa: S608

    def _order(self) -> str:
        return f"ORDER BY {', '.join(self.order)}" if self.order else ""

    def _keep(self, clause: str) -> None:
        if not self.single:
            self.settle(f"(SELECT * FROM {self.relation()} {clause})")  # noqa: S608
            return
        # First the ids, then all columns of those alone: DuckDB would carry every column through the sorting.
        ids = f"SELECT id FROM {self.relation()} {clause}"  # noqa: S608
        self.table = f"(SELECT * FROM events WHERE id IN ({ids}))"  # noqa: S608
        self._layers = [layer for layer in self._layers if not layer.condition]

    @staticmethod
    def _over(table: str, layers: Sequence[_Layer]) -> str:
        for layer in layers:
            if layer.condition:
                table = f"(SELECT * FROM {table} WHERE {layer.condition})"  # noqa: S608
            else:
                columns = ", ".join(f"{sql} AS {column}" for column, sql in layer.columns.items())
                table = f"(SELECT *, {columns} FROM {table})"  # noqa: S608
        return table
