"""A query that runs: scheduled, carried out by a thread, ended by its time or by whoever stops it."""

import logging
import threading
from enum import StrEnum
from typing import TYPE_CHECKING

from refapp.backends.cloudwatch.events.database import Interrupted, StoreError
from refapp.backends.cloudwatch.events.store import EventStore
from refapp.backends.cloudwatch.insights.compiler import Plan
from refapp.backends.cloudwatch.insights.execution import Statistics, execute, page

if TYPE_CHECKING:
    import duckdb

_POLL = 0.01  # seconds, in which an interrupt may be lost between two statements

_log = logging.getLogger(__name__)


class Status(StrEnum):
    """The state of a query, by the names in the API."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"


class Run:
    """The run of a plan; safe to be used by many threads."""

    def __init__(self, store: EventStore, plan: Plan, timeout: float) -> None:
        """Schedule a plan, which gets so many seconds."""
        self.plan = plan
        self.status = Status.SCHEDULED
        self.statistics = Statistics()
        self._store, self._timeout = store, timeout
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._changing, self._reading = threading.Lock(), threading.Lock()
        self._ending: Status | None = None
        self._ended = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self._ended.is_set()

    def work(self) -> None:
        """Carry the plan out, unless it was ended before."""
        with self._changing:
            if self.ended:
                return
            self.status = Status.RUNNING
        timer = threading.Timer(self._timeout, self.end, [Status.TIMEOUT])
        timer.daemon = True
        timer.start()
        status = self._carried_out()
        timer.cancel()
        with self._changing:
            self.status = status
            self._ended.set()
        if status is not Status.COMPLETE:
            self.forget()

    def end(self, status: Status) -> bool:
        """End it now, with a status; False when it had ended. Returns when it has."""
        with self._changing:
            if self.ended:
                return False
            self._ending = self._ending or status
            if self.status is Status.SCHEDULED:
                self.status = status
                self._ended.set()
        while not self._ended.wait(_POLL):
            with self._changing:
                if self._connection is not None and not self.ended:
                    self._connection.interrupt()
        return self.status is status

    def rows(self, start: int, limit: int) -> list[tuple[str | None, ...]]:
        """Rows of the result from one on, at most so many.

        Raises:
            StoreError: they cannot be read, or have been forgotten.
        """
        with self._reading:
            if self._connection is None:
                raise StoreError("the result of this query has been forgotten")
            with self._store.errors():
                return page(self._connection, start, limit)

    def forget(self) -> None:
        """Forget the result."""
        with self._reading:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _carried_out(self) -> Status:
        try:
            with self._store.errors():
                self._connection = self._store.connect()
                self.statistics = execute(self.plan, self._connection, self._check)
        except Interrupted:
            return self._ending or Status.FAILED
        except Exception:  # noqa: BLE001 - whatever it is, whoever polls is to know that it has ended
            _log.exception("A query of Logs Insights failed")
            return Status.FAILED
        return Status.COMPLETE

    def _check(self) -> None:
        if self._ending is not None:
            raise Interrupted("this query is to end")
