"""The sources of lines: the runs of all containers under a directory, and single files.

They are looked at with `stat`, a few times a second. That costs next to nothing for some hundred files; inotify would
cost one of the instances that a user has few of (128 by default).
"""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from refapp.backends.shipper.files import HeldFile, KeptFile, Shelf
from refapp.backends.shipper.layout import LogFile, PodDirectory, log_files, pod_directory
from refapp.backends.shipper.origins import ContainerRun

# Nanoseconds after which a change of a directory has another time than the one before: some file systems count seconds.
_SETTLED = 2_000_000_000

_log = logging.getLogger(__name__)


class Extent(NamedTuple):
    """How far the files of a source go: the number of the last one, its size, and whether nothing comes any more."""

    number: int
    size: int
    finished: bool


class Source:
    """The files of one log stream, in the order in which they were written.

    `finished` tells that nothing is added to them any more, `gone` that they have been removed. `gaps` counts how often
    a file may have come and gone unseen, with its lines. `start` is where the first file is read from.
    """

    def __init__(self, key: str, files: Sequence[KeptFile] = ()) -> None:
        self.key = key
        self.files = list(files)
        self.finished = False
        self.gone = False
        self.gaps = 0
        self.start = 0

    def extent(self) -> Extent:
        """How far the files go: it changes when there is something new."""
        last = self.files[-1]
        return Extent(last.number, last.size(), self.finished)

    def pending(self, number: int, offset: int) -> int:
        """The bytes behind an offset in the file of a number."""
        return max(0, sum(file.size() for file in self.files if file.number >= number) - offset)

    def release(self, before: int) -> None:
        """Let go of the files of a lower number; never of the last one, by which new ones are known."""
        while len(self.files) > 1 and self.files[0].number < before:
            self.files.pop(0).release()


class ContainerSource(Source):
    """The files of one run of a container."""

    def __init__(self, run: ContainerRun, shelf: Shelf) -> None:
        super().__init__(f"{'_'.join(run.directory)}/{run.container}/{run.run}", shelf.files(run))
        self.run = run
        self._shelf = shelf
        self._complained = False

    def find(self, listed: Sequence[LogFile], *, ended: bool) -> bool:
        """Take up the files of the run that are new among those listed; `ended` tells that another run has begun.

        Returns:
            Whether all could be had; where not, the directory is to be listed again.
        """
        last = self.files[-1] if self.files else None
        known = [place for place, file in enumerate(listed) if last and file.inode == last.inode]
        if last and listed and not known:
            self.gaps += 1
            _log.warning("%s: files that were rotated meanwhile may have been removed before they were seen", self.key)
        # The oldest file is removed first: where the last known one is gone, all that are there are newer.
        for file in listed[known[0] + 1 :] if known else listed:
            if not self._keep(file):
                return False
        self.finished, self.gone = ended or not listed, not listed
        return True

    def forget(self) -> None:
        """Remove what is left of a run that is gone and shipped."""
        self._shelf.clear(self.run)

    def _keep(self, file: LogFile) -> bool:
        number = self.files[-1].number + 1 if self.files else 1
        try:
            kept = self._shelf.keep(self.run, file, number)
        except OSError as error:
            if not self._complained:
                _log.warning("%s waits, as no link to it can be made: %s", file.path, error)
            self._complained = True
            return False
        if kept:
            self.files.append(kept)
        return kept is not None


class FileSource(Source):
    """One file that is read where it is; a rotation gives its name to another one.

    A file that cannot be read is complained of once.
    """

    def __init__(self, path: Path, *, number: int = 1, inode: int | None = None, from_end: bool = False) -> None:
        """Begin with the file of that number if it still is the one of that inode, and with the next if not."""
        super().__init__(str(path))
        self._path = path
        self._number, self._inode = number, inode
        self._from_end = from_end and inode is None
        self._complaint = ""

    def look(self) -> None:
        """Take up the file if it is a new one."""
        try:
            inode = os.stat(self._path).st_ino  # noqa: PTH116 - four times a second
            if not self.files or inode != self.files[-1].inode:
                self._take_up()
        except OSError as error:
            if self._complaint != str(error):
                _log.warning("not shipped: %s", error)
            self._complaint = str(error)

    def _take_up(self) -> None:
        if self.files:
            self.files.append(HeldFile(self.files[-1].number + 1, self._path))
            return
        file = HeldFile(self._number, self._path)
        if self._inode not in (None, file.inode):
            file.number += 1
        self.files.append(file)
        self.start = file.size() if self._from_end else 0


class PodLogs:
    """Finds the logs of containers under a directory (see `refapp.backends.shipper.layout`), and what becomes of them.

    `sources` are the runs of containers that are not both gone and forgotten. `whole` tells that the last look took
    up all files that it found.
    """

    def __init__(self, root: Path, shelf: Shelf) -> None:
        self.sources = {run: ContainerSource(run, shelf) for run in shelf.runs()}
        self.whole = True
        self._shelf = shelf
        self._gaps_before = 0
        self._root = _Directory(root)
        self._pods: dict[Path, _Directory] = {}
        places = {root / "_".join(run.directory) / run.container for run in self.sources}
        self._containers = {path: _Directory(path) for path in places}

    @property
    def gaps(self) -> int:
        """How often files may have come and gone unseen."""
        return self._gaps_before + sum(source.gaps for source in self.sources.values())

    def look(self) -> None:
        """See what has come, what was rotated, and what is gone."""
        if self._root.changed():
            self._pods = {path: self._pods.get(path) or _Directory(path) for path in self._root.directories()}
        for pod in self._pods.values():
            if pod_directory(pod.path.name) and pod.changed():
                for path in pod.directories():
                    self._containers.setdefault(path, _Directory(path))
        self.whole = True
        for path, container in list(self._containers.items()):
            if container.changed() and not self._list(path, log_files(path)):
                container.again()
                self.whole = False
            if container.gone:
                del self._containers[path]

    def forget(self, source: ContainerSource) -> None:
        """Forget a source that is gone and shipped."""
        self._gaps_before += source.gaps
        source.forget()
        del self.sources[source.run]

    def _list(self, path: Path, files: Sequence[LogFile]) -> bool:
        directory = pod_directory(path.parent.name) or PodDirectory("", "", "")
        present = {ContainerRun(directory, path.name, file.run) for file in files}
        known = {run for run in self.sources if run[:2] == (directory, path.name)}
        whole = True
        for run in sorted(present | known):
            source = self.sources.get(run) or ContainerSource(run, self._shelf)
            listed = [file for file in files if file.run == run.run]
            whole &= source.find(listed, ended=run.run < max((file.run for file in files), default=0))
            if source.files:
                self.sources[run] = source
        return whole


class _Directory:
    """A directory, and whether it has changed since it was looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.gone = False
        self._text = str(path)
        self._seen: int | None = None

    def changed(self) -> bool:
        """Whether something may have come or gone since the last call."""
        try:
            changed = os.stat(self._text).st_mtime_ns  # noqa: PTH116 - four times a second
        except OSError:
            self.gone = True
            return True
        self.gone = False
        if changed == self._seen:
            return False
        self._seen = changed if time.time_ns() - changed > _SETTLED else None
        return True

    def again(self) -> None:
        """Count as changed at the next call."""
        self._seen = None

    def directories(self) -> Iterator[Path]:
        """The directories in it."""
        try:
            with os.scandir(self._text) as entries:
                yield from [Path(entry.path) for entry in entries if entry.is_dir()]
        except OSError:
            return
