"""The one directory that holds all state of a local platform."""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from refapp.deploy.errors import RunDirectoryError

# MongoDB's journal and files (300 MB when new), RabbitMQ's low-water mark and the logs.
NEEDED_BYTES = 600 * 1024**2

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the final zero.
_SOCKET_PATH_BYTES = 103

_LOCK = "supervisor.lock"


def default_path() -> Path:
    """`REFAPP_HOME`, or `refapp` in the user's state directory (XDG Base Directory Specification)."""
    if home := os.environ.get("REFAPP_HOME"):
        return Path(home).expanduser().absolute()
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "refapp"


class RunDirectory:
    """Paths and locks of a run directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = path / "control.sock"
        self.state = path / "state.json"
        self.supervisor_log = path / "supervisor.log"
        self.logs = path / "pods"
        self.data = path / "data"
        self.config = path / "config"
        self.mesh = path / "mesh"

    def prepare(self) -> None:
        """Create the directory and check that a platform fits into it.

        Raises:
            RunDirectoryError: it cannot be written, has too little space left, or its path is too long for a socket.
        """
        # The longest: that of the administration of an Envoy, `refapp.mesh.Mesh.admin`.
        if len(os.fsencode(self.mesh / "admin" / "0123456789.sock")) > _SOCKET_PATH_BYTES:
            raise RunDirectoryError(f"{self.path} is too long a path for a socket; set REFAPP_HOME to a shorter one")
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.path) as probe:
                probe.write(b"x")
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise RunDirectoryError(f"{self.path} cannot be written: {error.strerror}; set REFAPP_HOME") from error
        if free < NEEDED_BYTES:
            raise RunDirectoryError(
                f"{self.path} has {free // 1024**2} MB left and the platform needs {NEEDED_BYTES // 1024**2} MB; "
                "free some space or set REFAPP_HOME to another directory"
            )

    def clear(self) -> None:
        """Remove what an earlier platform left; only for whoever holds the supervisor's lock."""
        for directory in (self.logs, self.data, self.config, self.mesh):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(mode=0o700)
        for file in (self.socket, self.state):
            file.unlink(missing_ok=True)

    def remove_data(self) -> None:
        """Remove databases, queue, traces and the mesh with its keys; logs and the last state stay to be read."""
        for directory in (self.data, self.mesh):
            shutil.rmtree(directory, ignore_errors=True)
        self.socket.unlink(missing_ok=True)

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state file in one step."""
        draft = self.state.with_suffix(".tmp")
        draft.write_text(json.dumps(state, indent=1))
        draft.replace(self.state)

    def read_state(self) -> dict[str, Any]:
        """The state that the last platform wrote; empty when there is none or it is damaged."""
        try:
            state = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Hold the lock under which a supervisor is started, waiting for whoever holds it now."""
        with (self.path / "up.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def lock_supervisor(self) -> IO[str]:
        """Take the lock that a supervisor holds as long as it lives; only under `starting`, when there is none.

        The kernel gives the lock back however its holder ends, also by a crash of the machine.
        """
        file = (self.path / _LOCK).open("w")
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def is_supervised(self) -> bool:
        """Whether a supervisor lives in this directory."""
        try:
            file = (self.path / _LOCK).open()
        except FileNotFoundError:
            return False
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
