"""The plan of a query, carried out in DuckDB."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from refapp.backends.cloudwatch.insights.compiler import Clustering, Plan
from refapp.backends.cloudwatch.insights.patterns import clustered
from refapp.backends.cloudwatch.insights.rows import Parameter, Statement

_LARGEST_PAGE = 16 * 2**20  # characters
_AT_ONCE = 100  # rows


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many events, and bytes of text, a query read, and how many events its filters left.

    Also how many rows its result has, and how many bytes of text are in it.
    """

    matched: int = 0
    scanned: int = 0
    bytes: int = 0
    rows: int = 0
    size: int = 0


def execute(plan: Plan, connection: duckdb.DuckDBPyConnection, check: Callable[[], None]) -> Statistics:
    """Keep the result of a plan in the table `result` of a connection, in its order.

    All of it sees the events that there are now. `check` is called now and then, and ends it by an exception; a
    statement that runs is ended by interrupting the connection.
    """
    connection.begin()
    scanned, size = _row(connection, plan.scanned)
    check()
    matched = _row(connection, plan.matched)[0] if plan.matched is not None else scanned
    check()
    parameters = dict(plan.result.parameters)
    if plan.clustering is not None:
        parameters |= _patterns(plan.clustering, connection, check)
    used = {name: value for name, value in parameters.items() if name in plan.result.parameters}
    connection.execute(f"CREATE TEMP TABLE result AS {plan.result.sql}", used)
    check()
    lengths = " + ".join(f"coalesce(sum(strlen(r{place})), 0)" for place in range(len(plan.columns)))
    rows, kept = _row(connection, Statement(f"SELECT count(*), ({lengths})::BIGINT FROM result", {}))  # noqa: S608
    connection.commit()
    return Statistics(matched, scanned, size, rows, kept)


def page(connection: duckdb.DuckDBPyConnection, start: int, limit: int) -> list[tuple[str | None, ...]]:
    """Rows of a result from one on, at most so many, and fewer when their texts are large."""
    result = connection.execute("FROM result ORDER BY rowid LIMIT ? OFFSET ?", [limit, start])
    rows: list[tuple[str | None, ...]] = []
    size = 0
    while size < _LARGEST_PAGE and (more := result.fetchmany(_AT_ONCE)):
        rows += more
        size += sum(len(value) for row in more for value in row if value is not None)
    return rows


def _row(connection: duckdb.DuckDBPyConnection, statement: Statement) -> tuple[int, ...]:
    row: tuple[int, ...] | None = connection.execute(statement.sql, statement.parameters).fetchone()
    return row or (0, 0)


def _patterns(
    clustering: Clustering, connection: duckdb.DuckDBPyConnection, check: Callable[[], None]
) -> dict[str, Parameter]:
    texts = connection.execute(clustering.texts.sql, clustering.texts.parameters).fetchall()

    def checked() -> Iterator[tuple[str, int]]:
        for text in texts:
            check()
            yield text

    found = clustered(checked())
    columns: tuple[list[Any], ...] = (
        [pattern.text for pattern in found],
        [pattern.ratio for pattern in found],
        [pattern.count for pattern in found],
        [pattern.severity for pattern in found],
    )
    return dict(zip((name.removeprefix("$") for name in clustering.parameters), columns, strict=True))
