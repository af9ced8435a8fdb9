"""The files that are read, kept until they have been shipped.

A file lives as long as one of its names does. So each file of a container gets a second name, a hard link on a shelf of
the shipper's own: the kubelet, or whoever stands for it, may rename a file or remove it whenever it likes, and the
lines that are not shipped yet are still there, also after the shipper was killed. That is the whole of the buffer:
nothing is copied, and what waits for an endpoint that is down waits in the files themselves.

A link also keeps the number of the file (its inode) from being given to another one, by which it is known again.
"""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from refapp.backends.shipper.layout import LogFile, pod_directory
from refapp.backends.shipper.origins import ContainerRun


class KeptFile(ABC):
    """One file that is being shipped; of the files of one source a later one has a higher number."""

    number: int
    inode: int

    @abstractmethod
    def size(self) -> int:
        """Its size in bytes."""

    @abstractmethod
    def opened(self) -> AbstractContextManager[int]:
        """Its descriptor, for a block."""

    @abstractmethod
    def release(self) -> None:
        """Let go of it: it was shipped."""


class LinkedFile(KeptFile):
    """A file that is kept by a name of its own."""

    def __init__(self, path: Path) -> None:
        self.number = int(path.name)
        self.inode = path.stat().st_ino
        self._path = str(path)

    def size(self) -> int:
        """Its size in bytes; 0 when somebody has removed the name."""
        try:
            return os.stat(self._path).st_size  # noqa: PTH116 - four times a second
        except FileNotFoundError:
            return 0

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Its descriptor, for a block."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Remove the name."""
        Path(self._path).unlink(missing_ok=True)


class HeldFile(KeptFile):
    """A file that is kept by being open: one of the host, to which no name can be added."""

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.inode = os.fstat(self._descriptor).st_ino

    def size(self) -> int:
        """Its size in bytes."""
        return os.fstat(self._descriptor).st_size

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Its descriptor, for a block."""
        yield self._descriptor

    def release(self) -> None:
        """Close it."""
        os.close(self._descriptor)


class Shelf:
    """The directory of the links: `NAMESPACE_POD_UID/CONTAINER/RUN/NUMBER`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[ContainerRun]:
        """The runs of containers of which files are kept."""
        for path in sorted(self._root.glob("*_*_*/*/*/")):
            directory = pod_directory(path.parent.parent.name)
            if directory and path.name.isdigit():
                yield ContainerRun(directory, path.parent.name, int(path.name))

    def files(self, run: ContainerRun) -> list[LinkedFile]:
        """The files that are kept of a run, in their order."""
        return [LinkedFile(path) for path in sorted(self._place(run).glob("[0-9]*"), key=lambda path: int(path.name))]

    def keep(self, run: ContainerRun, file: LogFile, number: int) -> LinkedFile | None:
        """Keep a file; None when another one has its name by now.

        Raises:
            OSError: no link can be made.
        """
        place = self._place(run)
        place.mkdir(parents=True, exist_ok=True)
        link = place / str(number)
        try:
            os.link(file.path, link)
        except FileNotFoundError:
            return None
        kept = LinkedFile(link)
        if kept.inode != file.inode:
            kept.release()
            return None
        return kept

    def clear(self, run: ContainerRun) -> None:
        """Forget a run all of which was shipped."""
        place = self._place(run)
        shutil.rmtree(place, ignore_errors=True)
        for directory in (place.parent, place.parent.parent):
            with suppress(OSError):
                directory.rmdir()  # as long as it is empty

    def _place(self, run: ContainerRun) -> Path:
        return self._root / "_".join(run.directory) / run.container / str(run.run)
