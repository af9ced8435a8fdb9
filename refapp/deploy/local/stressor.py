"""The process that uses memory and CPU in a container on purpose."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping

from refapp.deploy.stress import Stress


class Stressor:
    """Stresses a container: for as long as it is told to, and whenever the container's own process runs."""

    def __init__(self) -> None:
        self._stress: Stress | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pids(self) -> list[int]:
        """Its process, if there is one at the moment."""
        return [self._process.pid] if self._process and self._process.returncode is None else []

    def ask(self, stress: Stress | None) -> None:
        """Say what the container is to be stressed with from its next start on."""
        self._stress = stress

    async def start(self, env: Mapping[str, str]) -> None:
        """Begin, if there is anything to be done; what ran before has ended."""
        if self._stress is None:
            return
        amounts = ("--memory", str(self._stress.memory), "--cpus", str(self._stress.cpus))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "refapp.services.stressor", *amounts, env=env, start_new_session=True
        )

    async def stop(self) -> None:
        """End; returns when its memory is free again."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
