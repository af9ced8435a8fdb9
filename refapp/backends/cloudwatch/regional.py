"""What each region has of its own, in a directory of its name."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Self, TypeVar

from refapp.backends.cloudwatch.errors import InvalidParameter

_NAME = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
T = TypeVar("T")


class Regional(Generic[T]):
    """One thing for each region, made when it is first asked for; safe to be used by many threads."""

    def __init__(self, make: Callable[[str], T], close: Callable[[T], None]) -> None:
        """`make` makes that of a region, and `close` ends it."""
        self._make, self._close = make, close
        self._opening = threading.Lock()
        self._parts: dict[str, T] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open of all regions."""
        with self._opening:
            for part in self._parts.values():
                self._close(part)
            self._parts = {}

    def restore(self, directory: Path, file: str) -> None:
        """Open that of each region that has a file of a name already; all or none.

        Raises:
            Exception: one of them cannot be made.
        """
        try:
            for path in sorted(directory.iterdir()):
                if _NAME.fullmatch(path.name) and (path / file).exists():
                    self.get(path.name)
        except BaseException:
            self.close()
            raise

    def get(self, name: str) -> T:
        """That of the region of a name.

        Raises:
            InvalidParameter: it is no name of a region.
            Exception: it cannot be made.
        """
        part = self.known(name)
        if part is not None:
            return part
        if not _NAME.fullmatch(name):
            raise InvalidParameter(f"{name!r} is no name of a region, such as us-east-1")
        with self._opening:
            if name not in self._parts:
                self._parts[name] = self._make(name)
            return self._parts[name]

    def known(self, name: str) -> T | None:
        """That of the region of a name, if it has been made."""
        return self._parts.get(name)

    def opened(self) -> list[T]:
        """Those of the regions that are in use."""
        with self._opening:
            return list(self._parts.values())
