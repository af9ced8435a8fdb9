"""The directory that holds everything which survives the end of the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DirectoryError(Exception):
    """The directory cannot be used; the text names it and says why."""


@contextmanager
def occupied(path: Path) -> Iterator[Path]:
    """A directory that this process alone uses; it is made if it is missing.

    The lock goes with the process, however that ends.

    Raises:
        DirectoryError: it cannot be used, or another process uses it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DirectoryError(f"{path}: {error.strerror}; name another directory") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryError(f"{path}: another process uses this directory; name another one") from None
        yield path
    finally:
        os.close(lock)
