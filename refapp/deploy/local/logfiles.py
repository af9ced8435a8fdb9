"""The log files of a run directory, read as one stream of lines."""

import time
from collections.abc import Iterator
from pathlib import Path

from refapp.deploy.target import ContainerLine

_POLL = 0.1
_POD_SUFFIXES = 2  # the hash of the template and the random suffix


class LogReader:
    """Reads `NAMESPACE_POD_UID/CONTAINER/N.log` under a directory; each container's lines in their order."""

    def __init__(self, root: Path, *, of: str | None = None) -> None:
        """Read the pods under `root`: all, or those of the workload or of the one pod that `of` names."""
        self._root = root
        self._of = of
        self._files: dict[Path, _LogFile] = {}

    def lines(self, *, follow: bool = False) -> Iterator[ContainerLine | None]:
        """The lines that there are; with `follow` also those that come, and None when none has."""
        while True:
            yield from self._new_lines()
            if not follow:
                return
            yield None
            time.sleep(_POLL)

    def pods(self) -> dict[str, str]:
        """The pods that have logged, and the workload of each."""
        names = [directory.name.split("_")[1] for directory in self._root.glob("*_*_*")]
        return {name: _workload(name) for name in names}

    def _new_lines(self) -> Iterator[ContainerLine]:
        for path in sorted(self._root.glob("*/*/*.log"), key=lambda path: (path.parent, int(path.stem))):
            file = self._files.setdefault(path, _LogFile(path))
            if self._of in (None, file.pod, file.workload):
                yield from file.new_lines()


class _LogFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        _, self.pod, _ = path.parent.parent.name.split("_")
        self.workload = _workload(self.pod)
        self._offset = 0
        self._parts = {"stdout": "", "stderr": ""}

    def new_lines(self) -> Iterator[ContainerLine]:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        complete = data[: data.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.decode(errors="replace").split("\n")[:-1]:
            when, stream, tag, text = line.split(" ", 3)
            text = self._parts[stream] + text
            self._parts[stream] = text if tag == "P" else ""
            if tag == "F":
                yield ContainerLine(
                    pod=self.pod,
                    workload=self.workload,
                    container=self._path.parent.name,
                    time=when,
                    stream=stream,
                    text=text,
                )


def _workload(pod: str) -> str:
    return pod.rsplit("-", _POD_SUFFIXES)[0]
