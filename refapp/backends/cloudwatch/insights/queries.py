"""Queries as the API of CloudWatch Logs knows them: started, polled, stopped, listed.

What they take and give is that of botocore's model of `logs` (StartQuery, GetQueryResults, StopQuery, DescribeQueries,
GetLogRecord). What the API's reference leaves open, and what is chosen here: rows of events end with `@ptr`, and groups
have none; what a row lacks is left out of it; a query has no rows before it is complete; a page has 10,000 rows unless
fewer are asked for, or when they are large; its token is good for as long as the query is known; a query of several
groups is listed with the first; GetLogRecord shows times as results do.
"""

import binascii
import threading
import time
import uuid
from base64 import b64decode
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from refapp.backends.cloudwatch.errors import InvalidParameter, LimitExceeded, ResourceNotFound, ServiceUnavailable
from refapp.backends.cloudwatch.events.database import MIB, StoreError
from refapp.backends.cloudwatch.events.fields import discover
from refapp.backends.cloudwatch.events.store import EventStore
from refapp.backends.cloudwatch.insights.arguments import Clock
from refapp.backends.cloudwatch.insights.compiler import Selection, compile_query
from refapp.backends.cloudwatch.insights.parser import parse
from refapp.backends.cloudwatch.insights.runs import Run, Status
from refapp.backends.cloudwatch.insights.sources import chosen

ACCOUNT = "123456789012"  # moto's
_MOST_ROWS = 100_000  # of a result, by the model
_MOST_ROWS_OF_PAGE = 10_000
_MOST_LISTED = 1000
_LATEST = 2**53 // 1000  # seconds; DuckDB knows more, JavaScript does not
_POINTER = "event/"
_RECORD = """
    SELECT strftime(epoch_ms(timestamp), $format), strftime(epoch_ms(ingestion), $format), log_group, stream, message
    FROM events JOIN sources ON source = no WHERE id = $id
"""


@dataclass(frozen=True, slots=True)
class QueryResults:
    """What GetQueryResults gives: rows of fields and values, statistics by their names in the API, and the status.

    `token` asks for the next page, and is None when there is none.
    """

    rows: list[list[dict[str, str]]]
    statistics: dict[str, float]
    status: Status
    token: str | None


@dataclass(frozen=True, slots=True)
class QueryInfo:
    """A query in a list: its text, status, log groups, and when it was started, in milliseconds since 1970."""

    id: str
    text: str
    status: Status
    groups: tuple[str, ...]
    created: int


@dataclass(frozen=True, slots=True)
class _Known:
    text: str
    groups: tuple[str, ...]
    created: int
    run: Run


class Queries:
    """The queries over an event store; safe to be used by many threads.

    `groups` tells which log groups there are. `at_once` queries run at a time, and `waiting` may run or wait to. The
    last `known` are remembered with their results, as long as these have no more than `kept` bytes; DuckDB keeps them
    within its memory, and beyond it on disk.
    """

    def __init__(
        self,
        store: EventStore,
        groups: Callable[[], Collection[str]],
        *,
        account: str = ACCOUNT,
        at_once: int = 4,
        waiting: int = 30,
        known: int = 300,
        kept: int = 1024 * MIB,
        timeout: float = 3600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with no query; `timeout` is in seconds, as what `clock` tells."""
        self._store, self._groups, self._account, self._clock = store, groups, account, clock
        self._waiting, self._most_known, self._most_kept, self._timeout = waiting, known, kept, timeout
        self._changing = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._workers = ThreadPoolExecutor(at_once, "insights")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all queries, and forget their results."""
        with self._changing:
            known, self._known = self._known, {}
        for query in known.values():
            query.run.end(Status.CANCELLED)
        self._workers.shutdown()
        for query in known.values():
            query.run.forget()

    def start(self, text: str, start: int, end: int, *, groups: Sequence[str] = (), limit: int | None = None) -> str:
        """Start a query over the events from one time to another, both included, in seconds since 1970: its id.

        Raises:
            InvalidParameter: a time or the limit is wrong, or log groups are named twice, or not at all.
            LimitExceeded: too many queries are running.
            MalformedQuery: the text is no query, or has something that is not supported.
            ResourceNotFound: a log group does not exist.
        """
        if not 0 <= start <= end <= _LATEST:
            raise InvalidParameter("The time of a query begins in or after 1970, and not after its end.")
        if limit is not None and not 1 <= limit <= _MOST_ROWS:
            raise InvalidParameter(f"A limit is a number from 1 to {_MOST_ROWS}.")
        query = parse(text)
        names = chosen(groups, query.source, self._groups(), self._account)
        now = int(self._clock() * 1000)
        clock = Clock(start * 1000, end * 1000 + 999, now)
        plan = compile_query(query, Selection(names, self._account, clock), limit)
        known = _Known(text, names, now, Run(self._store, plan, self._timeout))
        number = str(uuid.uuid4())
        with self._changing:
            if sum(not other.run.ended for other in self._known.values()) >= self._waiting:
                raise LimitExceeded(f"There are {self._waiting} queries that have not ended.")
            self._known[number] = known
            forgotten = self._beyond()
            self._workers.submit(known.run.work)
        for query_of_old in forgotten:
            query_of_old.run.forget()
        return number

    def results(self, number: str, *, limit: int = _MOST_ROWS_OF_PAGE, token: str | None = None) -> QueryResults:
        """The status of a query, and rows of its result: the first, or those after a page, whose token is given.

        Raises:
            InvalidParameter: the limit or the token is wrong.
            ResourceNotFound: the query is not known.
            ServiceUnavailable: the result cannot be read.
        """
        if not 1 <= limit <= _MOST_ROWS_OF_PAGE:
            raise InvalidParameter(f"A page has 1 to {_MOST_ROWS_OF_PAGE} rows.")
        query, start = self._get(number), _place(token)
        run, status, statistics = query.run, query.run.status, query.run.statistics
        rows = self._rows(run, start, limit) if status is Status.COMPLETE else []
        after = start + len(rows)
        return QueryResults(
            rows,
            {
                "recordsMatched": float(statistics.matched),
                "recordsScanned": float(statistics.scanned),
                "estimatedRecordsSkipped": 0.0,
                "bytesScanned": float(statistics.bytes),
                "estimatedBytesSkipped": 0.0,
                "logGroupsScanned": float(len(query.groups)),
            },
            status,
            str(after) if rows and after < statistics.rows else None,
        )

    def stop(self, number: str) -> bool:
        """End a query; whether it was ended by this.

        Raises:
            InvalidParameter: it had ended.
            ResourceNotFound: the query is not known.
        """
        run = self._get(number).run
        if run.ended:
            raise InvalidParameter(f"The query has ended; its status is {run.status}.")
        return run.end(Status.CANCELLED)

    def describe(
        self,
        *,
        group: str | None = None,
        status: str | None = None,
        limit: int = _MOST_LISTED,
        token: str | None = None,
    ) -> tuple[list[QueryInfo], str | None]:
        """Queries, the newest first, and a token for those that follow: of a log group, and of a status, if given.

        Raises:
            InvalidParameter: the limit, the status or the token is wrong.
        """
        if not 1 <= limit <= _MOST_LISTED:
            raise InvalidParameter(f"A list has 1 to {_MOST_LISTED} queries.")
        if status is not None and status not in set(Status):
            raise InvalidParameter(f"No query has the status {status}.")
        with self._changing:
            known = list(reversed(self._known.items()))
        numbers = [number for number, _ in known]
        if token is not None and token not in numbers:
            raise InvalidParameter("This token is not known.")
        found = [
            QueryInfo(number, query.text, query.run.status, query.groups, query.created)
            for number, query in known[numbers.index(token) + 1 if token else 0 :]
            if (group is None or group in query.groups) and (status is None or query.run.status == status)
        ]
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def record(self, pointer: str) -> dict[str, str]:
        """All fields of the event that an `@ptr` points at, those that were discovered included.

        Raises:
            InvalidParameter: this is no pointer.
            ResourceNotFound: the event has gone.
            ServiceUnavailable: it cannot be read.
        """
        values = {"id": _event(pointer), "format": "%Y-%m-%d %H:%M:%S.%g"}
        try:
            with self._store.cursor() as cursor:
                row = cursor.execute(_RECORD, values).fetchone()
        except StoreError as error:
            raise ServiceUnavailable(str(error)) from error
        if row is None:
            raise ResourceNotFound("There is no such event any more.")
        timestamp, ingestion, group, stream, message = row
        own = {
            "@timestamp": timestamp,
            "@ingestionTime": ingestion,
            "@log": f"{self._account}:{group}",
            "@logStream": stream,
            "@message": message,
            "@ptr": pointer,
        }
        return own | discover(message)

    def _get(self, number: str) -> _Known:
        with self._changing:
            known = self._known.get(number)
        if known is None:
            raise ResourceNotFound(f"The query {number} does not exist.")
        return known

    def _beyond(self) -> list[_Known]:
        """Take out the oldest queries that have ended, until neither they nor their results are too many."""
        kept = sum(query.run.statistics.size for query in self._known.values())
        beyond: list[_Known] = []
        for number, query in list(self._known.items()):
            if len(self._known) <= self._most_known and kept <= self._most_kept:
                break
            if query.run.ended:
                kept -= query.run.statistics.size
                beyond.append(self._known.pop(number))
        return beyond

    @staticmethod
    def _rows(run: Run, start: int, limit: int) -> list[list[dict[str, str]]]:
        try:
            rows = run.rows(start, limit)
        except StoreError as error:
            raise ServiceUnavailable(str(error)) from error
        named = [zip(run.plan.columns, row, strict=True) for row in rows]
        return [[{"field": name, "value": value} for name, value in row if value is not None] for row in named]


def _place(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isascii() or not token.isdigit() or int(token) > _MOST_ROWS:
        raise InvalidParameter("This token is not known.")
    return int(token)


def _event(pointer: str) -> int:
    try:
        said = b64decode(pointer, validate=True).decode()
        return int(said.removeprefix(_POINTER)) if said.startswith(_POINTER) else -1
    except (binascii.Error, ValueError):
        raise InvalidParameter("This is no pointer to an event.") from None
