"""The log shipper as a process: `python -m refapp.backends.shipper.server`.

It does what Fluent Bit's DaemonSet does on a node. Its environment:

- LOGS (`pods`): the directory of the containers' logs, see `refapp.backends.shipper.layout`; INVENTORY (none): the
  file that tells of the pods, as `refapp.backends.containers` reads it; without, their paths tell enough.
- UNITS (none): files of what stands for a systemd unit, as `supervisor.service=PATH`, and HOST_FILES (none): paths of
  files of the host, such as `/var/log/messages`; both with commas between.
- CLUSTER (`istio-observe-demo`), NODE (`ip-127-0-0-1`), NAMESPACE (`dev`): names; LABELS (off): `on` to put the labels
  of a pod into its records.
- ENDPOINT and REGION (where boto3 looks for them): without an endpoint, AWS itself. Credentials are boto3's affair.
- STATE (`shipper`): the directory of what must survive, on the file system of LOGS.
- PORT (`127.0.0.1:2020`): metrics at `/metrics`, health, and `/settled?within=SECONDS`, which answers when all that the
  files held is delivered.
- In seconds: FLUSH (1) from one batch of a stream to the next, POLL (0.25) from one look at the files to the next
  (every fourth look is for new files, too), TIMEOUT (30) for an answer, SETTLE (2) before the endpoint is asked what
  became of a batch whose answer was lost, GRACE (5) for the last lines when the process is told to end.
- BACKLOG (1073741824): bytes of rotated files that may wait for the endpoint; then the oldest lines are dropped.
- CONNECTIONS (8): as many requests at a time.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from refapp.backends.process import SHUTDOWN, listen, run
from refapp.backends.settings import seconds
from refapp.backends.shipper.checkpoints import CheckpointError, Checkpoints
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.endpoint import open_endpoint
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.shipper import Shipper
from refapp.backends.shipper.stream import Services
from refapp.services.settings import SettingsError
from refapp.services.signals import stop_signal

_LONGEST = 300.0


def application(shipper: Shipper, counters: Counters) -> web.Application:
    """The server: it ships as long as it runs. `/health` says what it does, `/api/v1/health` is Fluent Bit's.

    `/settled` waits until all is delivered that the files held when it was asked, for `within` seconds, 10 without and
    300 at most; its answer tells whether that is so.
    """

    def state() -> dict[str, Any]:
        return {"streams": len(shipper.streams), "pending": shipper.pending(), "failure": shipper.failure}

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "UP", **state()})

    async def settled(request: web.Request) -> web.Response:
        within = _within(request.query.get("within", "10"))
        try:
            await asyncio.wait_for(shipper.settle(), within)
        except TimeoutError:
            return web.json_response({"settled": False, **state()})
        return web.json_response({"settled": True, **state()})

    async def fluent_bit_health(_: web.Request) -> web.Response:
        return web.Response(text="error", status=500) if shipper.failure else web.Response(text="ok")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=counters.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def shipping(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(shipper.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await shipper.end()

    app = web.Application()
    app.cleanup_ctx.append(shipping)
    app.add_routes([web.get("/health", health), web.get("/settled", settled)])
    app.add_routes([web.get("/api/v1/health", fluent_bit_health)])
    paths = ("/metrics", "/api/v1/metrics/prometheus", "/api/v2/metrics/prometheus")
    app.add_routes([web.get(path, metrics) for path in paths])
    return app


def _within(text: str) -> float:
    try:
        return min(seconds("within", text), _LONGEST)
    except SettingsError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


async def serve(settings: ShipperSettings) -> None:
    """Ship and serve until SIGTERM or SIGINT.

    Raises:
        SettingsError: there is no region, the endpoint's address is none, or STATE cannot be where it is.
        CheckpointError: the checkpoints cannot be opened.
        OSError: the address cannot be had.
    """
    stop = stop_signal()
    settings.check_state()
    counters = Counters()
    opened = open_endpoint(
        settings.endpoint, settings.region, connections=settings.connections, timeout=settings.timeout
    )
    with (
        closing(opened) as endpoint,
        Checkpoints(settings.state / "checkpoints.db") as checkpoints,
    ):
        services = Services(endpoint, checkpoints, counters, settings.cluster, settings.settle)
        app = application(Shipper(settings, services), counters)
        server = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
        await listen(server, settings.address, stop)


def main() -> int:
    """Run the shipper that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)  # else it tells where it has found credentials
    return run(lambda: serve(ShipperSettings.from_environ(os.environ)), CheckpointError)


if __name__ == "__main__":
    sys.exit(main())
