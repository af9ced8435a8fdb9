"""What the HTTP servers of the platform's workloads have in common: how they are made, listen, and are asked."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from refapp.services.hops import reason
from refapp.services.lifecycle import StartError

MAX_LINE = 60 * 2**10
"""The longest request line and the longest header, in bytes: as in Envoy, which stands in front of every server."""

GRACE_SECONDS = 8.0
"""For requests that run at SIGTERM; with what closes afterwards it is under the 10 s of a pod."""


def runner_of(
    handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], grace: float, **options: Any
) -> web.ServerRunner:
    """A server that answers by `handler`. A client that goes away cancels what is done for it.

    Its `cleanup` stops it; requests that run have `grace` seconds to end. `options` are more of aiohttp's.
    """
    server = web.Server(
        handler,
        handler_cancellation=True,
        access_log=None,
        max_line_size=MAX_LINE,
        max_field_size=MAX_LINE,
        **options,
    )
    return web.ServerRunner(server, shutdown_timeout=grace / 2)  # aiohttp waits twice as long before it cancels


async def listen_at(runner: web.ServerRunner, address: tuple[str, int], *, shared: bool = False) -> None:
    """Listen at an address, an empty host being every interface; `shared` when other processes listen there, too.

    Raises:
        StartError: the address is taken, or not one of this machine.
    """
    host, port = address
    try:
        await web.TCPSite(runner, host or None, port, reuse_port=shared).start()
    except OSError as error:
        raise StartError(f"cannot listen at {host}:{port}: {reason(error)}") from None


def target(request: web.BaseRequest) -> str:
    """The path and query as they were sent; a proxy's request line may have the scheme and host before them."""
    return request.raw_path if request.raw_path.startswith("/") else request.rel_url.raw_path_qs
