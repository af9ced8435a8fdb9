"""The whole platform: its start, its answers and its memory."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import refapp
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.usage import memory
from refapp.platform import Platform

REFAPP = Path(sys.executable).with_name("refapp")
USERS = 15
Row = tuple[str, str, str]


def rows(home: Path) -> Iterator[Row]:
    """What is measured, what was asked for, what came out."""
    cold = statistics.median(_cold_start(home) for _ in range(3))
    yield "`refapp up`, cold, to the first request found in the logs and its trace", "≤ 10 s", f"{cold:.1f} s"
    _timed("up", home=home)
    attach = statistics.median(_timed("up", home=home) for _ in range(7))
    yield "`refapp up`, attaching to a running platform", "≤ 0.5 s", f"{attach:.2f} s"
    with refapp.attach(home=home) as platform:
        yield from _load(platform, "everything on", p50=16, rate=90)
        pss = memory({"all": [_supervisor(home)]})["all"]
        yield "memory of the whole platform (PSS), after that load", "≤ 1300 MB", f"{pss / 1024**2:.0f} MB"
    with refapp.up(home=home, mesh=False, monitoring=False, cloudwatch=False) as platform:
        yield from _load(platform, "without mesh and watchers", p50=8, rate=200)


def _load(platform: Platform, how: str, *, p50: int, rate: int) -> Iterator[Row]:
    platform.load(users=4, duration=5)
    one = [platform.load(users=1, duration=4).quantile(0.5) for _ in range(5)]
    yield (
        f"one request through the whole chain, {how}, one user, p50",
        f"≤ {p50} ms",
        f"{statistics.median(one):.1f} ms",
    )
    many = [platform.load(users=USERS, duration=8) for _ in range(5)]
    served = statistics.median(report.rate for report in many)
    failed, of = sum(report.failed for report in many), sum(report.requests for report in many)
    yield f"requests a second, {how}, {USERS} users", f"≥ {rate}/s", f"{served:.0f}/s, {failed} of {of:,} failed"


def _cold_start(home: Path) -> float:
    """The seconds to start a platform, which is stopped again."""
    seconds = _timed("up", home=home)
    _timed("down", home=home)
    return seconds


def _timed(command: str, *, home: Path) -> float:
    """The seconds that a command of `refapp` takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([REFAPP, command], env={**os.environ, "REFAPP_HOME": str(home)}, check=True, capture_output=True)
    return time.perf_counter() - began


def _supervisor(home: Path) -> int:
    """The process that keeps the platform, from which all others descend."""
    return int(RunDirectory(home).read_state()["supervisor"])
