"""Where the kubelet keeps what containers log: `NAMESPACE_POD_UID/CONTAINER/RUN.log`.

A file that was rotated is named `RUN.log.YYYYMMDD-HHMMSS`. The names are those of pkg/kubelet/kuberuntime/helpers.go
and pkg/kubelet/logs/container_log_manager.go in kubernetes/kubernetes. The kubelet also packs rotated files (`.gz`),
which nobody does here: they are few, and small.
"""

import os
import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

_STAMP = "%Y%m%d-%H%M%S"
_FILE = re.compile(r"(\d+)\.log(?:\.(\d{8}-\d{6}))?")
_LAST = "~"  # sorts after any stamp


class PodDirectory(NamedTuple):
    """What the name of a pod's directory tells of the pod."""

    namespace: str
    pod: str
    uid: str

    @property
    def workload(self) -> str:
        """The workload: the pod's name without the hash of the template and the random suffix."""
        return self.pod.rsplit("-", 2)[0]


class LogFile(NamedTuple):
    """One file of a container: which run of it wrote it, and when it was rotated; empty while it is written to."""

    run: int
    rotated: str
    inode: int
    path: Path


def pod_directory(name: str) -> PodDirectory | None:
    """What the name of a directory tells of the pod; None when it is no pod's."""
    parts = name.split("_")
    return PodDirectory(*parts) if len(parts) == len(PodDirectory._fields) and all(parts) else None


def log_files(directory: Path) -> list[LogFile]:
    """The log files of a container in the order in which they were written; none when there is no such directory.

    It looks until it sees the same twice: a look during a rotation may miss the file that is renamed. A rotation may
    still come before a file is opened: then another inode is found under its name.
    """
    files, before = _look(directory), None
    while files != before:
        files, before = _look(directory), files
    return files


def rotated_path(path: Path, now: datetime) -> Path:
    """The name under which `path` is kept when it is rotated: later than those that were rotated before.

    Two rotations in one second, or a clock that was put back, would give a name that is taken or sorts before an older
    file: the next second is taken instead.
    """
    run = path.name.partition(".")[0]
    stamps = [file.rotated for file in log_files(path.parent) if f"{file.run}" == run and file.rotated]
    stamp = now.strftime(_STAMP)
    if stamps and stamp <= stamps[-1]:
        stamp = (datetime.strptime(stamps[-1], _STAMP) + timedelta(seconds=1)).strftime(_STAMP)  # noqa: DTZ007 - as named
    return path.with_name(f"{path.name}.{stamp}")


def _look(directory: Path) -> list[LogFile]:
    found = []
    try:
        names = os.listdir(directory)  # noqa: PTH208 - names are what is looked at
    except (FileNotFoundError, NotADirectoryError):
        return []
    for name in names:
        if match := _FILE.fullmatch(name):
            with suppress(FileNotFoundError):
                path = directory / name
                found.append(LogFile(int(match[1]), match[2] or "", path.stat().st_ino, path))
    return sorted(found, key=lambda file: (file.run, file.rotated or _LAST))
