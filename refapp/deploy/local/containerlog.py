"""A container's output as the kubelet keeps it: one file a run, in the CRI format.

Each line is `TIME STREAM TAG TEXT`: RFC 3339 with nanoseconds, `stdout` or `stderr`, `F` for a full line and `P`
for the part of one that goes on (kubernetes/design-proposals, kubelet-cri-logging.md).
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

# As containerd: a longer line is cut into parts of this size.
_MAX_LINE = 16 * 1024


class ContainerLog:
    """The log file of one run of a container.

    Text that the disk does not take is kept and tried again by `flush`; while `full` is true the writer should
    not read more from the container.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._begun = {"stdout": b"", "stderr": b""}
        self._pending = bytearray()

    @property
    def full(self) -> bool:
        """Whether text waits because the disk did not take it."""
        return bool(self._pending)

    def write(self, stream: str, data: bytes) -> None:
        """Append output of `stdout` or `stderr`, as it came."""
        *lines, rest = (self._begun[stream] + data).split(b"\n")
        prefix = f"{_timestamp()} {stream} ".encode()
        for line in lines:
            self._add(prefix, line)
        if len(rest) > _MAX_LINE:
            self._pending += prefix + b"P " + rest + b"\n"
            rest = b""
        self._begun[stream] = rest
        self.flush()

    def flush(self) -> None:
        """Try to write what is pending; what the disk does not take stays pending."""
        while self._pending:
            try:
                written = os.write(self._file, self._pending)
            except OSError:
                return
            del self._pending[:written]

    def close(self) -> None:
        """Write what there is, also a last line without an end, and close the file."""
        for stream, rest in self._begun.items():
            if rest:
                self.write(stream, b"\n")
        self.flush()
        os.close(self._file)

    def _add(self, prefix: bytes, line: bytes) -> None:
        while len(line) > _MAX_LINE:
            self._pending += prefix + b"P " + line[:_MAX_LINE] + b"\n"
            line = line[_MAX_LINE:]
        self._pending += prefix + b"F " + line + b"\n"


def _timestamp() -> str:
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
