"""Operations that are not to be cut short.

The drivers of the database and of the broker suffer when an operation is cancelled in the middle: a connection is lost,
or a lock is kept. Requests, on the other hand, are cancelled all the time, whenever a sibling fails.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Uncancelled:
    """Runs operations to their end, also those whose caller is cancelled meanwhile."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[Any]] = set()

    async def run(self, operation: Coroutine[Any, Any, T]) -> T:
        """Await an operation; it goes on when the awaiting is cancelled, and then nobody learns what comes of it."""
        task = asyncio.ensure_future(operation)
        self._running.add(task)
        task.add_done_callback(self._end)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until no operation runs any more."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _end(self, task: asyncio.Future[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, though nobody may be left to see it: asyncio would log it otherwise
