"""How the supervisor is spoken to: JSON over HTTP on a unix socket, which only its owner can open."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from refapp.deploy.local.supervisor import Supervisor


@contextlib.asynccontextmanager
async def serve(supervisor: "Supervisor", socket: Path) -> AsyncIterator[None]:
    """Answer requests about `supervisor` while the context lasts."""
    runner = web.AppRunner(_application(supervisor), access_log=None)
    await runner.setup()
    mask = os.umask(0o077)
    try:
        await web.UnixSite(runner, str(socket)).start()
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        await runner.cleanup()


def _application(supervisor: "Supervisor") -> web.Application:
    async def status(request: web.Request) -> web.Response:
        # Whoever only looks, as a shell prompt might, does not keep the platform alive.
        if request.query.get("use") == "1":
            supervisor.touch()
        return web.json_response(supervisor.status().to_dict())

    async def urls(_: web.Request) -> web.Response:
        supervisor.touch()
        return web.json_response(supervisor.urls)

    async def stop(_: web.Request) -> web.Response:
        supervisor.stop()
        return web.json_response({}, status=202)

    async def kill(request: web.Request) -> web.Response:
        supervisor.touch()
        runner = supervisor.runner(request.match_info["pod"])
        if runner is None:
            names = ", ".join(runner.spec.name for runner in supervisor.runners)
            error = f"no pod named {request.match_info['pod']!r}; there are {names}"
            return web.json_response({"error": error}, status=404)
        try:
            runner.kill(signal.Signals[request.query["signal"]])
        except KeyError:
            return web.json_response({"error": f"no signal is named {request.query['signal']!r}"}, status=400)
        return web.json_response({}, status=202)

    application = web.Application()
    application.add_routes(
        [
            web.get("/status", status),
            web.get("/urls", urls),
            web.post("/stop", stop),
            web.post("/pods/{pod}/kill", kill),
        ],
    )
    return application
