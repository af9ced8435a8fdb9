"""A greeting service: one program, told by its environment which of the platform's services it is.

`python -m refapp.services.greeting` answers `Greeting` with a greeting of its own and those of the services behind it.
With a database it stores the greeting it was sent, with a queue it publishes its own, and with both it moves greetings
from the queue into the database.
"""

import asyncio
import gc
import sys
from contextlib import AsyncExitStack

from refapp.services import logs, metrics
from refapp.services.downstream import Callee, Fanout
from refapp.services.lifecycle import background, run, within
from refapp.services.roles import Role, open_role
from refapp.services.server import Server
from refapp.services.servicer import GreetingService
from refapp.services.settings import Settings
from refapp.services.signals import stop_signal
from refapp.services.tracing import open_tracer

_GRACE_SECONDS = 8.0
_CLOSE_SECONDS = 1.0

log = logs.get_logger()


async def serve(settings: Settings) -> None:
    """Run a service until SIGTERM or SIGINT, then finish what runs.

    Raises:
        StartError: the address is taken, or the URL of the database or of the broker cannot be understood.
    """
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        if settings.log_level_file:
            await stack.enter_async_context(background(logs.follow_level_file(settings.log_level_file)))
        metrics.serve(settings.metrics_address)
        tracer = open_tracer(settings)
        stack.push_async_callback(tracer.close)
        role = open_role(settings, tracer)
        stack.push_async_callback(_close, role)
        gc.freeze()  # what is loaded stays: the garbage collector need not look at it again and again
        callees = [Callee(settings.slug, downstream) for downstream in settings.downstreams]
        fanout = Fanout(callees, concurrent=settings.fanout == "concurrent")
        stack.push_async_callback(fanout.close)
        server = Server(GreetingService(settings, role, fanout), settings.address)
        log.info("listening", address=await server.start())
        async with background(_become_ready(role, server)):
            await stop.wait()
        log.info("draining")
        await asyncio.gather(server.drain(_GRACE_SECONDS), _drain(role))
    log.info("stopped")


async def _become_ready(role: Role, server: Server) -> None:
    await role.connect()
    server.serve()
    log.info("serving")


async def _drain(role: Role) -> None:
    async with within(_GRACE_SECONDS, "the write that ran at the end"):
        await role.drain()


async def _close(role: Role) -> None:
    async with within(_CLOSE_SECONDS, "closing the connections"):
        await role.close()


def main() -> int:
    """Run the service that the environment describes, and return the exit code."""
    return run(Settings.from_environ, serve)


if __name__ == "__main__":
    sys.exit(main())
