"""The threads that evaluate alarms, and send what they tell."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Self

from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel

_LOG = logging.getLogger(__name__)


class AlarmEvaluator:
    """Evaluates the alarms of some panels every so many seconds while it is open, and sends their notifications.

    CloudWatch evaluates an alarm every 10 seconds or every minute; more often shows sooner what has been published.
    A subscriber that is slow holds up other subscribers, but not the evaluation. An evaluation that fails, because the
    disk is full for example, is logged and tried again.
    """

    def __init__(self, panels: Callable[[], Iterable[AlarmPanel]], every: float = 1.0) -> None:
        self._panels, self._every = panels, every
        self._ending, self._evaluated = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._evaluate, name="alarms", daemon=True),
            threading.Thread(target=self._notify, name="alarm notifications", daemon=True),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads, after what they are at."""
        self._ending.set()
        self._evaluated.set()
        for thread in self._threads:
            thread.join()

    def _evaluate(self) -> None:
        while not self._ending.wait(self._every):
            for panel in self._panels():
                _logging(panel.evaluate)
            self._evaluated.set()

    def _notify(self) -> None:
        while not self._ending.is_set():
            self._evaluated.wait()
            self._evaluated.clear()
            for panel in self._panels():
                _logging(panel.notify)


def _logging(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 - the thread has to go on, whatever happened
        _LOG.exception("Alarms are evaluated again soon.")
