"""Processes that have lost their supervisor.

Every process of a platform carries the platform's id in its environment and hands it on to its children, so all
of them are found, also those that made themselves daemons.

Run as a program (`python orphans.py ID`) this module is the guardian: it waits until its standard input
closes, which the kernel does when the supervisor ends in whatever way, and then kills what is left. It imports
nothing from the package, and psutil only in the end, to stay small while it waits.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MARK = "REFAPP_PLATFORM_ID"


def processes(platform_id: str) -> "list[psutil.Process]":
    """The processes that carry the id, but this one."""
    import psutil  # noqa: PLC0415

    def carries(process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == platform_id
        except (psutil.Error, OSError):  # gone meanwhile, or of another user
            return False

    return [process for process in psutil.process_iter() if process.pid != os.getpid() and carries(process)]


def kill_orphans(platform_id: str) -> list[int]:
    """Kill every process that carries the id, but this one, and wait for their end.

    Returns:
        The ids of the killed processes.
    """
    import psutil  # noqa: PLC0415

    killed: list[int] = []
    while left := processes(platform_id):
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
            killed.append(process.pid)
        psutil.wait_procs(left, timeout=5)
    return killed


def _guard() -> None:
    # The guardian outlives its supervisor's terminal.
    os.setsid()
    platform_id = sys.argv[1]
    while os.read(0, 1024):
        pass
    kill_orphans(platform_id)


if __name__ == "__main__":
    _guard()
