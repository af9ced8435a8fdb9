"""Sends what waits in the buffer, in a thread of its own, so that a slow endpoint delays nothing else."""

import logging
import random
import threading

from refapp.backends.containerinsights.buffer import Batch, Buffer
from refapp.backends.containerinsights.telemetry import Telemetry
from refapp.backends.shipper.endpoint import DeliveryError, Endpoint, RefusedError

_log = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0  # seconds


class Sender:
    """Sends batches in their order to a stream of a log group, each until it is taken.

    The first of several failures in a row is logged, and their end. A batch whose answer was lost is sent again only if
    the stream does not hold it; where the stream may not be read it is sent again.
    """

    def __init__(self, endpoint: Endpoint, group: str, stream: str, buffer: Buffer, telemetry: Telemetry) -> None:
        self.failure = ""
        self._endpoint = endpoint
        self._group = group
        self._stream = stream
        self._buffer = buffer
        self._telemetry = telemetry
        self._stop = threading.Event()
        self._given_up = False
        # An endpoint that does not answer does not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def end(self, grace: float) -> int:
        """Send what is left, in so many seconds; whoever calls this puts nothing more into the buffer.

        Returns:
            How many batches were not sent.
        """
        self._stop.set()
        self._buffer.close()
        self._thread.join(grace)
        return len(self._buffer) + (self._given_up or self._thread.is_alive())

    def _run(self) -> None:
        while not self._given_up and (batch := self._buffer.take()):
            self._deliver(batch)

    def _deliver(self, batch: Batch) -> None:
        wait, unsure = _FIRST_WAIT, False
        while True:
            try:
                self._send(batch, unsure)
            except RefusedError as error:
                self._telemetry.refused.inc(batch.events)
                _log.error("%d events are lost, as %s refuses them: %s", batch.events, self._group, error)
                self._recover()
                return
            except DeliveryError as error:
                unsure = unsure or not error.sure
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - the next time may well be better
                unsure = True
                self._fail(error)
            else:
                self._recover()
                return
            if self._stop.wait(wait * random.uniform(0.5, 1)):  # noqa: S311 - no secret
                self._given_up = True
                return
            wait = min(2 * wait, _LONGEST_WAIT)

    def _send(self, batch: Batch, unsure: bool) -> None:
        if unsure and self._holds(batch):
            self._telemetry.sent.inc(batch.events)
            return
        events = [{"timestamp": batch.timestamp, "message": message} for message in batch.messages()]
        answer = self._endpoint.put(self._group, self._stream, events)
        taken = max(0, answer.new - max(answer.old, answer.expired))
        self._telemetry.sent.inc(taken)
        if taken < batch.events:
            self._telemetry.rejected.inc(batch.events - taken)
            _log.warning("%d events are lost: %s finds them too old or too new", batch.events - taken, self._group)

    def _holds(self, batch: Batch) -> bool:
        try:
            held = self._endpoint.held(self._group, self._stream, batch.timestamp, batch.timestamp + 1)
        except DeliveryError as error:
            if error.sure:
                return False
            raise
        return held.events >= batch.before + batch.events

    def _fail(self, error: Exception) -> None:
        self._telemetry.failures.inc()
        if not self.failure:
            _log.warning("events wait until %s can be written to: %s", self._group, error)
        self.failure = str(error) or type(error).__name__

    def _recover(self) -> None:
        if self.failure:
            _log.info("%s can be written to again", self._group)
            self.failure = ""
