"""Start and end of a service process."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from refapp.services import logs
from refapp.services.settings import ProcessSettings, SettingsError

T = TypeVar("T", bound=ProcessSettings)

log = logs.get_logger()


class StartError(Exception):
    """The process cannot do its work: its address is taken, for example."""


def run(read: Callable[[Mapping[str, str]], T], main: Callable[[T], Coroutine[Any, Any, None]]) -> int:
    """Run a service process as its environment says.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    try:
        settings = read(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(service=settings.slug, pod=settings.pod, level=settings.log_level)
    try:
        _loop_runner()(main(settings))
    except StartError as error:
        log.fatal("not started", detail=str(error))
        return 1
    return 0


@contextlib.asynccontextmanager
async def background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work beside the block, and cancel it where the block ends; a failure of it is logged."""
    task = asyncio.ensure_future(_logged(work))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:
        log.error("background work failed", exc_info=error)  # noqa: TRY400 - our logger


@contextlib.asynccontextmanager
async def within(seconds: float, doing: str) -> AsyncIterator[None]:
    """Leave the block after so many seconds, saying in the log what was not done by then."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        log.warning("given up", detail=doing, seconds=seconds)


def _loop_runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    try:
        import uvloop  # noqa: PLC0415 - not to be had on every system
    except ImportError:
        return asyncio.run
    return uvloop.run
