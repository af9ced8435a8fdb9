"""How the supervisor is spoken to: JSON over HTTP on a unix socket, which only its owner can open."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from refapp.deploy.autoscaling import Autoscaler
from refapp.deploy.errors import DeployError
from refapp.deploy.stress import Stress
from refapp.mesh.envoy.routes import Fault
from refapp.topology import TopologyError

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
    api = _Api(supervisor)
    application = web.Application()
    application.add_routes(
        [
            web.get("/status", api.status),
            web.get("/urls", api.urls),
            web.post("/stop", api.stop),
            web.post("/pods/{pod}/kill", api.kill),
            web.post("/pods/{pod}/stress", api.stress),
            web.post("/scale", api.scale),
            web.post("/autoscale", api.autoscale),
            web.post("/fault", api.fault),
        ],
    )
    return application


class _Api:
    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor

    async def status(self, request: web.Request) -> web.Response:
        # Whoever only looks, as a shell prompt might, does not keep the platform alive.
        if request.query.get("use") == "1":
            self._supervisor.touch()
        return web.json_response(self._supervisor.status().to_dict())

    async def urls(self, _: web.Request) -> web.Response:
        self._supervisor.touch()
        return web.json_response(self._supervisor.urls)

    async def stop(self, _: web.Request) -> web.Response:
        self._supervisor.stop()
        return web.json_response({}, status=202)

    async def kill(self, request: web.Request) -> web.Response:
        self._supervisor.touch()
        try:
            runner = self._supervisor.runner(request.match_info["pod"])
            runner.kill(signal.Signals[request.query["signal"]])
        except DeployError as error:
            return _refused(str(error), status=404)
        except KeyError:
            return _refused(f"no signal is named {request.query['signal']!r}")
        return web.json_response({}, status=202)

    async def stress(self, request: web.Request) -> web.Response:
        self._supervisor.touch()
        asked = await request.json()
        stress = Stress(**asked["stress"]) if asked["stress"] else None
        return await _done(self._supervisor.stress(request.match_info["pod"], stress))

    async def scale(self, request: web.Request) -> web.Response:
        self._supervisor.touch()
        asked = await request.json()
        return await _done(self._supervisor.scale(asked["workload"], asked["replicas"]))

    async def autoscale(self, request: web.Request) -> web.Response:
        self._supervisor.touch()
        asked = await request.json()
        autoscaler = Autoscaler(**asked["autoscaler"]) if asked["autoscaler"] else None
        return await _done(self._supervisor.autoscale(asked["workload"], autoscaler))

    async def fault(self, request: web.Request) -> web.Response:
        self._supervisor.touch()
        control_plane = self._supervisor.control_plane
        if control_plane is None:
            return _refused("faults are injected by the mesh, and the platform runs without")
        asked = await request.json()
        fault = Fault(**asked["fault"]) if asked["fault"] else None
        return await _done(control_plane.inject(asked["caller"], asked["callee"], fault))


async def _done(work: Coroutine[None, None, None]) -> web.Response:
    try:
        await work
    except (DeployError, TopologyError) as error:
        return _refused(str(error))
    return web.json_response({})


def _refused(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error}, status=status)
