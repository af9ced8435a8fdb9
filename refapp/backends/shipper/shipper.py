"""Has the lines of all sources delivered: several streams at a time, but each by one request at a time.

Nothing waits in memory. A stream that has its turn reads one batch from its files, sends it, and forgets it, whatever
became of it; when it is to be tried again, it is read again. So no more memory is used than for as many batches as
there are connections, however long the endpoint is down, and what waits is on disk already.
"""

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from refapp.backends.shipper.discovery import Discovery
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.sources import Extent
from refapp.backends.shipper.stream import Services, Stream

# Bytes that are sent at once, and not only when the time has come: about a batch.
_PLENTY = 256 * 1024
_SOON = 0.02
# Directories change far less often than files: they are looked at once in so many looks.
_LOOKS = 4

_log = logging.getLogger(__name__)


class Shipper:
    """Ships all that `settings` name. `failure` says why nothing can be delivered, and is empty when it can."""

    def __init__(self, settings: ShipperSettings, services: Services) -> None:
        self.streams: dict[str, Stream] = {}
        self.failure = ""
        self._settings = settings
        self._services = services
        self._discovery = Discovery(settings, services)
        self._slots = asyncio.Semaphore(settings.connections)
        self._pool = ThreadPoolExecutor(settings.connections, thread_name_prefix="stream")
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ending = False
        self._awaited = 0  # so many wait until all is delivered
        self._looks = 0
        self._tell()

    def pending(self) -> int:
        """The bytes of files that are not delivered yet."""
        return sum(stream.pending() for stream in self.streams.values())

    async def run(self) -> None:
        """Ship until cancelled."""
        while True:
            self._look()
            await asyncio.sleep(self._settings.poll)

    async def settle(self) -> None:
        """Return when all lines are delivered that the files held at the time of the call; nothing waits for its time.

        A line without its end is none, unless nothing is added to its file any more.
        """
        self._awaited += 1
        try:
            while not self._discover():
                await asyncio.sleep(_SOON)
            goals = self._discovery.extents()
            while goals := {key: extent for key, extent in goals.items() if not self._has_passed(key, extent)}:
                await asyncio.sleep(_SOON)
        finally:
            self._awaited -= 1

    async def end(self) -> None:
        """Ship what is there, for as long as there is time, and write down how far that went."""
        self._ending = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.grace):
                while self._look():
                    await asyncio.sleep(_SOON)
        tasks = list(self._running.values())
        for key, stream in self.streams.items():
            stream.close(busy=key in self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _tell(self) -> None:
        """Have the counters show what is known here."""
        tell, checkpoints = self._services.counters.tell, self._services.checkpoints
        tell(GaugeMetricFamily, "refapp_shipper_streams", "Streams written to.", lambda: len(self.streams))
        tell(GaugeMetricFamily, "refapp_shipper_pending_bytes", "Bytes of files not delivered yet.", self.pending)
        text = "How often files that were rotated may have been removed before they were seen."
        tell(CounterMetricFamily, "refapp_shipper_gaps", text, lambda: self._discovery.gaps)
        text = "How often a checkpoint could not be written."
        tell(CounterMetricFamily, "refapp_shipper_checkpoint_errors", text, lambda: checkpoints.errors)

    def _look(self) -> bool:
        """Start what is due; whether anything is left to be done."""
        if self._looks % _LOOKS == 0 or self._ending:
            self._discover()
        self._looks += 1
        self._bound()
        return self._start_due()

    def _discover(self) -> bool:
        """Look for new files; whether all that there are could be taken up."""
        try:
            self.streams |= {stream.source.key: stream for stream in self._discovery.look(last=self._ending)}
        except Exception:  # noqa: BLE001 - what is known is shipped, and the next look may well succeed
            _log.exception("a look for new files is given up")
            return False
        return self._discovery.whole

    def _has_passed(self, key: str, extent: Extent) -> bool:
        """Whether a source is delivered so far; one that has no stream is if it is gone, and not still to be opened."""
        stream = self.streams.get(key)
        return stream.has_passed(extent) if stream else key not in self._discovery.extents()

    def _start_due(self) -> bool:
        now = time.monotonic()
        left = False
        for key, stream in list(self.streams.items()):
            if key in self._running:
                left = True
            elif stream.has_new():
                left = True
                if self._is_due(stream, now):
                    self._running[key] = asyncio.create_task(self._ship(key, stream))
            elif stream.is_done():
                self._discovery.forget(stream)
                del self.streams[key]
        self._note_failure()
        return left

    def _is_due(self, stream: Stream, now: float) -> bool:
        if stream.gives_up:
            return True
        if now < stream.ready_at:
            return False
        at_once = self._ending or self._awaited > 0 or stream.pending() >= _PLENTY
        return at_once or now >= stream.sent_at + self._settings.flush

    async def _ship(self, key: str, stream: Stream) -> None:
        """Deliver what a stream has, in turn with the others."""
        loop = asyncio.get_running_loop()
        try:
            more = True
            while more:
                async with self._slots:
                    more = await loop.run_in_executor(self._pool, stream.turn)
                stream.release()
        except Exception as error:  # noqa: BLE001 - a defect must not lose the lines of the others
            _log.exception("%s is tried again", key)
            stream.fail(error)
        finally:
            del self._running[key]

    def _bound(self) -> None:
        """Give up the oldest file of whoever has the most, where more waits than there may.

        Only files that were rotated count: the kubelet bounds the others.
        """
        waiting = {key: backlog for key, stream in self.streams.items() if (backlog := stream.backlog())}
        dropping = any(stream.gives_up for stream in self.streams.values())
        if sum(waiting.values()) > self._settings.backlog and not dropping:
            largest = max(waiting, key=lambda key: waiting[key])
            _log.warning("more than %d bytes wait: lines of %s are dropped", self._settings.backlog, largest)
            self.streams[largest].give_up()

    def _note_failure(self) -> None:
        failure = next((stream.failure for stream in self.streams.values() if stream.failure), "")
        if failure != self.failure:
            _log.warning("not delivered, and tried again: %s", failure) if failure else _log.info("delivered again")
        self.failure = failure
