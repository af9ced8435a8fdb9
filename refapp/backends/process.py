"""A backend as a process: it listens until it is told to end, and its exit code says how that went."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from refapp.services.settings import SettingsError

SHUTDOWN = 5.0
"""Seconds that requests under way have when the process is told to end; for the runner of a server."""


def run(main: Callable[[], Coroutine[Any, Any, None]], *cannot_start: type[Exception]) -> int:
    """Run a process; an error that keeps it from its work is one line.

    Args:
        main: reads the settings, and does the work.
        cannot_start: what it raises when it cannot start, beside OSError.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    expected: tuple[type[Exception], ...] = (SettingsError, OSError, *cannot_start)
    try:
        asyncio.run(main())
    except expected as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1
    return 0


async def listen(server: web.AppRunner, address: tuple[str, int], stop: asyncio.Event) -> None:
    """Serve at an address until the event is set; an empty host is every interface.

    Raises:
        OSError: the address cannot be had.
    """
    await server.setup()
    try:
        host, port = address
        await web.TCPSite(server, host or None, port).start()
        await stop.wait()
    finally:
        await server.cleanup()
