"""A container's output as the kubelet keeps it: one file a run, in the CRI format, rotated by its size.

Each line is `TIME STREAM TAG TEXT`: RFC 3339 with nanoseconds, `stdout` or `stderr`, `F` for a full line and `P`
for the part of one that goes on (kubernetes/design-proposals, kubelet-cri-logging.md). Where the files are and what
they are called: `refapp.backends.shipper.layout`.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from refapp.backends.shipper.layout import log_files, rotated_path
from refapp.topology import MIB

# As containerd: a longer line is cut into parts of this size.
_MAX_LINE = 16 * 1024
_NEWLINE = b"\n"
_FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """When a log is rotated, and how much of it is kept.

    A file has at most `size` bytes, unless more than that is written at once. Of a run there are at most `files`, the
    one that is written to among them: the oldest is removed. The kubelet calls these `containerLogMaxSize` and
    `containerLogMaxFiles`; the defaults are its own.

    Raises:
        ValueError: no byte, or fewer than two files.
    """

    size: int = 10 * MIB
    files: int = 5

    def __post_init__(self) -> None:
        if self.size < 1 or self.files < _FEWEST:
            raise ValueError(f"a log has 2 files or more of 1 byte or more, not {self.files} of {self.size}")


class ContainerLog:
    """The log of one run of a container.

    Text that the disk does not take is kept and tried again by `flush`; while `full` is true the writer should
    not read more from the container.
    """

    def __init__(self, path: Path, rotation: Rotation | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._rotation = rotation or Rotation()
        self._file = self._open()
        self._torn = False
        self._begun = {"stdout": b"", "stderr": b""}
        self._pending = bytearray()

    @property
    def full(self) -> bool:
        """Whether text waits because the disk did not take it."""
        return bool(self._pending)

    def write(self, stream: str, data: bytes) -> None:
        """Append output of `stdout` or `stderr`, as it came."""
        *lines, rest = (self._begun[stream] + data).split(_NEWLINE)
        prefix = f"{_timestamp()} {stream} ".encode()
        for line in lines:
            self._add(prefix, line)
        if len(rest) > _MAX_LINE:
            self._pending += prefix + b"P " + rest + _NEWLINE
            rest = b""
        self._begun[stream] = rest
        self.flush()

    def flush(self) -> None:
        """Try to write what is pending; what the disk does not take stays pending."""
        if self._pending and not self._torn and self._is_due():
            self._rotate()
        while self._pending:
            try:
                written = os.write(self._file, self._pending)
            except OSError:
                return
            # Half a line: its other half belongs into the same file.
            self._torn = self._pending[written - 1 : written] != _NEWLINE
            del self._pending[:written]

    def close(self) -> None:
        """Write what there is, also a last line without an end, and close the file."""
        for stream, rest in self._begun.items():
            if rest:
                self.write(stream, _NEWLINE)
        self.flush()
        os.close(self._file)

    def _add(self, prefix: bytes, line: bytes) -> None:
        while len(line) > _MAX_LINE:
            self._pending += prefix + b"P " + line[:_MAX_LINE] + _NEWLINE
            line = line[_MAX_LINE:]
        self._pending += prefix + b"F " + line + _NEWLINE

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _is_due(self) -> bool:
        size = os.fstat(self._file).st_size
        return size > 0 and size + len(self._pending) > self._rotation.size

    def _rotate(self) -> None:
        """Go on in a new file; where that cannot be, in the old one."""
        rotated = rotated_path(self.path, datetime.now(UTC))
        try:
            with contextlib.suppress(FileNotFoundError):  # somebody has removed it
                self.path.rename(rotated)
            file = self._open()
        except OSError:
            # Nothing was written to it meanwhile, so this is as if it had never been renamed.
            with contextlib.suppress(OSError):
                rotated.rename(self.path)
            return
        os.close(self._file)
        self._file = file
        of_this_run = [one for one in log_files(self.path.parent) if self.path.name == f"{one.run}.log"]
        for excess in of_this_run[: -self._rotation.files]:
            with contextlib.suppress(OSError):
                excess.path.unlink()


def _timestamp() -> str:
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
