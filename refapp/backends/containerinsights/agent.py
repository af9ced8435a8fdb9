"""Writes the events of one period after the other."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress

from refapp.backends.containerinsights.buffer import Buffer, batches
from refapp.backends.containerinsights.events import Writer
from refapp.backends.containerinsights.kubelet import Kubelet, KubeletError
from refapp.backends.containerinsights.measurements import Measurements, measured
from refapp.backends.containerinsights.rates import Rates, Restarts
from refapp.backends.containerinsights.telemetry import Telemetry
from refapp.backends.containers.inventory import InventoryFile

_log = logging.getLogger(__name__)


class Agent:
    """Asks the kubelet and the inventory, and puts what they tell into the buffer as events."""

    def __init__(
        self, kubelet: Kubelet, file: InventoryFile, writer: Writer, buffer: Buffer, telemetry: Telemetry
    ) -> None:
        self._kubelet = kubelet
        self._file = file
        self._writer = writer
        self._buffer = buffer
        self._telemetry = telemetry
        self._rates = Rates()
        self._restarts = Restarts()
        self._silent = self._dropping = False

    def write(self, timestamp: int) -> None:
        """Write the events of the period that ends at a time in milliseconds since 1970; an error is logged."""
        try:
            events = self._writer.events(self._measure(), timestamp)
            dropped = sum(self._buffer.put(batch) for batch in batches(events, timestamp))
        except Exception:  # noqa: BLE001 - the next period may well succeed
            _log.exception("the events of a period are left out")
            self._telemetry.errors.inc()
            return
        self._telemetry.periods.inc()
        self._telemetry.dropped.inc(dropped)
        if dropped and not self._dropping:
            _log.error("too many events wait to be sent: the oldest are dropped")
        self._dropping = bool(dropped)

    def _measure(self) -> Measurements:
        inventory = self._file.current()
        restarts = self._restarts.update(inventory)
        try:
            snapshot = self._kubelet.read()
        except KubeletError as error:
            self._telemetry.kubelet_errors.inc()
            if not self._silent:
                _log.warning("nothing is told of the node and its pods until the kubelet answers: %s", error)
            self._silent = True
            return Measurements(inventory, restarts)
        if self._silent:
            _log.info("the kubelet answers again")
        self._silent = False
        return Measurements(inventory, restarts, *measured(snapshot, self._rates.update(snapshot.readings)))


def boundary(now: float, period: int) -> int:
    """The first multiple of a period after a time; all in milliseconds since 1970."""
    return (math.floor(now) // period + 1) * period


async def every(
    seconds: float, write: Callable[[int], None], stop: asyncio.Event, clock: Callable[[], float] = time.time
) -> None:
    """Call with each boundary of a period, in milliseconds since 1970, when it is reached, until the event is set.

    Boundaries that went by during a call, or while the machine slept, are left out.
    """
    period = max(1, round(seconds * 1000))
    due = boundary(clock() * 1000, period)
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.0, due / 1000 - clock()))
            return
        now = clock() * 1000
        if abs(now - due) >= period:  # the machine slept, or its clock was set
            due = boundary(now, period) - period
        await asyncio.to_thread(write, due)
        now = clock() * 1000
        # A clock that woke too early must not make the same boundary come twice.
        due = due + period if due - period < now < due else boundary(now, period)
