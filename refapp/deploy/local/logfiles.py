"""The log files of a run directory, read as one stream of lines."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from refapp.backends.shipper.layout import LogFile, PodDirectory, log_files, pod_directory
from refapp.deploy.target import ContainerLine

_POLL = 0.1


class LogReader:
    """Reads the logs of all containers under a directory (see `refapp.backends.shipper.layout`), each in its order."""

    def __init__(self, root: Path, *, of: str | None = None) -> None:
        """Read the pods under `root`: all, or those of the workload or of the one pod that `of` names."""
        self._root = root
        self._of = of

    def lines(self, *, follow: bool = False) -> Iterator[ContainerLine | None]:
        """The lines that there are; with `follow` also those that come, and None when none has.

        A file that is rotated meanwhile is read to its end, and so is the one at hand when it is removed.
        """
        with ExitStack() as closing:
            cursors: dict[Path, _Cursor] = {}
            while True:
                for directory in sorted(self._root.glob("*_*_*/*/")):
                    if directory not in cursors:
                        cursors[directory] = _Cursor(directory)
                        closing.callback(cursors[directory].close)
                    if self._of in (None, cursors[directory].pod.pod, cursors[directory].pod.workload):
                        yield from cursors[directory].new_lines()
                if not follow:
                    return
                yield None
                time.sleep(_POLL)

    def pods(self) -> dict[str, str]:
        """The pods that have logged, and the workload of each."""
        found = [pod_directory(directory.name) for directory in self._root.glob("*_*_*")]
        return {pod.pod: pod.workload for pod in found if pod}


class _Cursor:
    """A place in the files of one container. The file is held open: so nobody else gets its inode."""

    def __init__(self, directory: Path) -> None:
        self.pod = pod_directory(directory.parent.name) or PodDirectory("", "", "")
        self._directory = directory
        self._file: BinaryIO | None = None
        self._run = 0
        self._offset = 0
        self._parts = {b"stdout": b"", b"stderr": b""}

    def new_lines(self) -> Iterator[ContainerLine]:
        following = self._following()
        yield from self._rest()
        while following:
            self._move_to(following[0])
            # Whatever is listed from here on is newer, so what is read now was written before.
            following = self._following()
            yield from self._rest()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _following(self) -> list[LogFile]:
        """The files that were begun after the one at hand; all, when that was removed: the oldest goes first."""
        files = log_files(self._directory)
        if self._file is None:
            return files
        inode = os.fstat(self._file.fileno()).st_ino
        places = [place for place, file in enumerate(files) if file.inode == inode]
        return files[places[0] + 1 :] if places else files

    def _move_to(self, listed: LogFile) -> None:
        try:
            file = listed.path.open("rb")
        except FileNotFoundError:
            return
        if os.fstat(file.fileno()).st_ino != listed.inode:
            file.close()  # rotated since it was listed
            return
        self.close()
        self._file, self._offset = file, 0
        if listed.run != self._run:
            self._run, self._parts = listed.run, dict.fromkeys(self._parts, b"")

    def _rest(self) -> Iterator[ContainerLine]:
        """The lines from here to the end of the file at hand."""
        if self._file is None:
            return
        if os.fstat(self._file.fileno()).st_size < self._offset:
            self._offset = 0  # truncated
        self._file.seek(self._offset)
        data = self._file.read()
        complete = data[: data.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.split(b"\n")[:-1]:
            when, stream, tag, text = line.split(b" ", 3)
            text = self._parts[stream] + text
            self._parts[stream] = text if tag == b"P" else b""
            if tag == b"F":
                yield ContainerLine(
                    pod=self.pod.pod,
                    workload=self.pod.workload,
                    container=self._directory.name,
                    time=when.decode(),
                    stream=stream.decode(),
                    text=text.decode(errors="replace"),
                )
