"""The node's metrics as a process: `python -m refapp.backends.containers.server`.

Its environment: PORT (`127.0.0.1:10250`), INVENTORY (the path of the file, `inventory.json`), PERIOD (seconds from one
sample to the next, 1) and WINDOW (seconds over which the use of CPU is averaged for `kubectl top`, 10).
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from refapp.backends.containers import cadvisor, containerinfo, kubelet, resources, state
from refapp.backends.containers.inventory import Inventory, InventoryFile
from refapp.backends.containers.sampler import WINDOW, Sampler, sampler
from refapp.backends.process import SHUTDOWN, listen, run
from refapp.backends.settings import seconds
from refapp.services.settings import listen_address
from refapp.services.signals import stop_signal

_API = f"/apis/{resources.GROUP}"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """What the server is told by its environment."""

    address: tuple[str, int]
    inventory: Path
    period: float = 1.0
    window: float = WINDOW

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:10250"),
            inventory=Path(environ.get("INVENTORY") or "inventory.json"),
            period=seconds("PERIOD", environ.get("PERIOD") or "1"),
            window=seconds("WINDOW", environ.get("WINDOW") or f"{WINDOW:g}"),
        )


class Exposition(Collector):
    """Metrics that are collected anew for each scrape."""

    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        """The metrics of now."""
        return self._collect()

    def text(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        return generate_latest(self)


class StateExposition:
    """The metrics of the inventory, which need not be written anew before the inventory is."""

    def __init__(self, measuring: Sampler) -> None:
        self._sampler = measuring
        self._of: Inventory | None = None
        self._text = b""

    def text(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        inventory = self._sampler.inventory
        if self._of is not inventory:
            self._of = inventory
            self._text = Exposition(lambda: state.families(inventory, self._sampler.machine)).text()
        return self._text


def application(measuring: Sampler, period: float) -> web.Application:
    """The server: it takes samples as long as it runs."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "UP", "pods": len(measuring.inventory.pods)})

    def scrape(text: Callable[[], bytes]) -> Callable[[web.Request], Any]:
        async def handler(_: web.Request) -> web.Response:
            return web.Response(body=text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

        return handler

    def answer(tell: Callable[[Sampler], Any]) -> Callable[[web.Request], Any]:
        async def handler(_: web.Request) -> web.Response:
            return web.json_response(tell(measuring), dumps=_dumps)

        return handler

    async def pods(request: web.Request) -> web.Response:
        return web.json_response(resources.pods(measuring, request.match_info["namespace"]))

    async def sampling(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_sample_for_ever(measuring, period))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app = web.Application()
    app.cleanup_ctx.append(sampling)
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/metrics", scrape(Exposition(lambda: kubelet.families(measuring)).text)),
            web.get("/metrics/cadvisor", scrape(Exposition(lambda: cadvisor.families(measuring)).text)),
            web.get("/metrics/state", scrape(StateExposition(measuring).text)),
            web.get(f"{_API}/pods", answer(resources.pods)),
            web.get(f"{_API}/namespaces/{{namespace}}/pods", pods),
            web.get(f"{_API}/nodes", answer(resources.nodes)),
            web.get("/api/v1/nodes", answer(resources.capacity)),
            web.get(f"{containerinfo.API}/subcontainers/", answer(containerinfo.subcontainers)),
            web.get(f"{containerinfo.API}/machine", answer(containerinfo.machine_info)),
        ]
    )
    return app


async def serve(settings: NodeSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        OSError: the address cannot be had.
    """
    stop = stop_signal()
    measuring = sampler(InventoryFile(settings.inventory), settings.window)
    app = application(measuring, settings.period)
    server = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
    await listen(server, settings.address, stop)


def main() -> int:
    """Run the server that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return run(lambda: serve(NodeSettings.from_environ(os.environ)))


def _dumps(content: Any) -> str:
    return orjson.dumps(content).decode()


async def _sample_for_ever(measuring: Sampler, period: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            measuring.sample()
        except Exception:  # noqa: BLE001 - the next sample may well succeed
            _log.exception("a sample is left out")
        # A sample that is late does not make those after it come faster.
        due = max(due + period, loop.time())
        await asyncio.sleep(due - loop.time())


if __name__ == "__main__":
    sys.exit(main())
