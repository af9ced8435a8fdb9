"""The AWS endpoint as a process: `python -m refapp.backends.cloudwatch.endpoint.server`.

Its environment: PORT (`127.0.0.1:4566`), STORE (the path of a directory, `cloudwatch`), which holds log groups and
their events, metrics and alarms, and MAX_BYTES (4 GiB), which the events of a region may take of the disk before the
oldest go. What moto emulates is forgotten when the process ends. It connects to this machine alone, and starts no other
process.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, Self

from waitress.server import create_server

from refapp.backends.cloudwatch.endpoint import docdb
from refapp.backends.cloudwatch.endpoint.application import Endpoint
from refapp.backends.cloudwatch.endpoint.calls import MAX_BODY
from refapp.backends.cloudwatch.endpoint.directory import DirectoryError, occupied
from refapp.backends.cloudwatch.endpoint.emulation import MOTO_SETTINGS, Emulation
from refapp.backends.cloudwatch.endpoint.seclusion import seclude
from refapp.backends.cloudwatch.endpoint.subscriptions import deliver
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs.catalogue import CatalogueError
from refapp.backends.cloudwatch.logs.filters import Publisher
from refapp.backends.cloudwatch.logs.livetail import Tails
from refapp.backends.cloudwatch.logs.regions import Regions
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBookError
from refapp.backends.cloudwatch.metrics.alarms.evaluator import AlarmEvaluator
from refapp.backends.cloudwatch.metrics.regions import MetricRegions
from refapp.backends.cloudwatch.metrics.store import MetricStoreError
from refapp.services.settings import SettingsError, listen_address, whole_number

THREADS: Final = 16
"""Requests that are answered at a time; each session of Live Tail is one."""

_CONNECTIONS = 500
_CANNOT_START = (
    *(SettingsError, DirectoryError, OSError),
    *(CatalogueError, StoreError, MetricStoreError, AlarmBookError),
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class EndpointSettings:
    """What the endpoint is told by its environment."""

    address: tuple[str, int]
    store: Path
    max_bytes: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:4566"),
            store=Path(environ.get("STORE") or "cloudwatch"),
            max_bytes=whole_number("MAX_BYTES", environ.get("MAX_BYTES") or "4294967296", digits=15),
        )


class Upkeep:
    """Takes away events now and then: those whose retention is over, which reading never shows, and the oldest of many.

    `most` is what the events of a region may take of the disk, in bytes.
    """

    def __init__(self, regions: Regions, most: int, period: float = 60.0) -> None:
        self._regions, self._most, self._period = regions, most, period
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._period):
            for region in self._regions.opened():
                try:
                    region.expire()
                    if forgotten := region.bound(self._most):
                        _log.warning(
                            "%s: the oldest %d events have gone, to keep within MAX_BYTES", region.name, forgotten
                        )
                except StoreError:
                    _log.exception("%s: old events are left for another time", region.name)


def serve(settings: EndpointSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        DirectoryError: the directory cannot be used.
        CatalogueError, StoreError, MetricStoreError, AlarmBookError: a file in it cannot be opened.
        OSError: the address cannot be had.
    """
    tails = Tails()
    _end_by_signals(tails)
    with (
        _listening(*settings.address) as listener,
        occupied(settings.store) as directory,
        MetricRegions(directory, publish=_publish) as metrics,
        Regions(directory, (tails, Publisher(metrics.put), deliver)) as regions,
        AlarmEvaluator(metrics.panels),
        Upkeep(regions, settings.max_bytes),
    ):
        emulation = Emulation(lambda: _amend(regions, metrics), {"rds": docdb.amend})
        _run(Endpoint(regions, tails, emulation), listener)


def main() -> int:
    """Run the endpoint that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a request that waits is no news
    os.environ.update(MOTO_SETTINGS)
    try:
        serve(EndpointSettings.from_environ(os.environ))
    except _CANNOT_START as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections; they wait until they are served. From here on, the process is secluded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    seclude()  # only now: to listen at an address, the address has to be resolved
    return listener


def _end_by_signals(tails: Tails) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT)

    def end(_: int, __: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)  # one is enough; what is being closed is closed
        tails.end()
        raise SystemExit

    for number in numbers:
        signal.signal(number, end)


def _run(endpoint: Endpoint, listener: socket.socket) -> None:
    """Serve until SystemExit, and then answer the requests that are under way."""
    create_server(
        endpoint,
        sockets=[listener],
        threads=THREADS,
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,
        max_request_body_size=MAX_BODY,
        inbuf_overflow=MAX_BODY,  # a body is in memory, not in a file: a full disk is no reason to refuse it
        ident=None,
    ).run()


def _amend(regions: Regions, metrics: MetricRegions) -> None:
    from refapp.backends.cloudwatch.endpoint import loggroups  # noqa: PLC0415 - they import moto
    from refapp.backends.cloudwatch.metrics import adapter  # noqa: PLC0415

    loggroups.amend(regions)
    adapter.install(metrics.get)


def _publish(topic: str, subject: str, message: str) -> None:
    from refapp.backends.cloudwatch.metrics import topics  # noqa: PLC0415 - it imports moto

    topics.publish(topic, subject, message)


if __name__ == "__main__":
    sys.exit(main())
