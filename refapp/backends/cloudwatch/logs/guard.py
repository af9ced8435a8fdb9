"""A lock that many may hold to use something, or one alone to take it away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Guard:
    """A lock held by many, or by one alone. Who waits to hold it alone keeps others from beginning."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._alone = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it when nobody else does."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            self._changed.wait_for(lambda: not self._users)
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
