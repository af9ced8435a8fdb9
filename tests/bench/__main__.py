"""Measures what the README states, and writes it there: `make bench`.

Nothing is asserted: a machine that does other things meanwhile gives other numbers. Each is the median of its
repeats, all of one run.
"""

import os
import platform as machine
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

import refapp
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.usage import memory

README = Path(__file__).parents[1] / "README.md"
REFAPP = Path(sys.executable).with_name("refapp")
USERS = 15


def main() -> None:
    """Measure, print, and write into the README."""
    with tempfile.TemporaryDirectory(prefix="bench") as home:
        rows = list(measure(Path(home)))
    lines = ["| what | goal | measured |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows), ""]
    lines += [f"On {this_machine()}, by `make bench`, which runs the load generator on the same machine."]
    text = "\n".join(lines)
    print(text)
    marked = re.compile(r"(<!-- bench:start -->\n).*?(<!-- bench:end -->)", re.DOTALL)
    README.write_text(marked.sub(lambda match: f"{match[1]}{text}\n{match[2]}", README.read_text()))


def measure(home: Path) -> Iterable[tuple[str, str, str]]:
    """The rows of the table: what is measured, what was asked for, what came out."""
    cold = statistics.median(cold_start(home) for _ in range(3))
    yield "`refapp up`, cold, to the first request found in the logs", "≤ 8 s", f"{cold:.1f} s"
    timed("up", home=home)
    attach = statistics.median(timed("up", home=home) for _ in range(7))
    yield "`refapp up`, attaching to a running platform", "≤ 0.5 s", f"{attach:.2f} s"
    with refapp.attach(home=home) as platform:
        platform.load(users=4, duration=5)
        one = [platform.load(users=1, duration=4) for _ in range(5)]
        p50 = statistics.median(report.quantile(0.5) for report in one)
        yield "one request through the whole chain, one user, p50", "≤ 8 ms", f"{p50:.1f} ms"
        many = [platform.load(users=USERS, duration=8) for _ in range(5)]
        rate = statistics.median(report.rate for report in many)
        failed = sum(report.failed for report in many)
        of = sum(report.requests for report in many)
        yield f"requests a second, {USERS} users", "≥ 200/s", f"{rate:.0f}/s, {failed} of {of:,} failed"
        pss = memory({"all": [supervisor(home)]})["all"]
        yield "memory of the whole platform (PSS), after that load", "≤ 900 MB", f"{pss / 1024**2:.0f} MB"


def cold_start(home: Path) -> float:
    """The seconds to start a platform, which is stopped again."""
    seconds = timed("up", home=home)
    timed("down", home=home)
    return seconds


def timed(command: str, *, home: Path) -> float:
    """The seconds that a command of `refapp` takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([REFAPP, command], env={**os.environ, "REFAPP_HOME": str(home)}, check=True, capture_output=True)
    return time.perf_counter() - began


def supervisor(home: Path) -> int:
    """The process that keeps the platform, from which all others descend."""
    return int(RunDirectory(home).read_state()["supervisor"])


def this_machine() -> str:
    """The machine, in words."""
    cpu = "unknown processor"
    if (info := Path("/proc/cpuinfo")).exists() and (match := re.search(r"model name\s*: (.*)", info.read_text())):
        cpu = match[1].strip()
    memory_gib = psutil.virtual_memory().total / 1024**3
    return (
        f"{os.cpu_count()} cores of a virtual machine ({cpu}), {memory_gib:.0f} GiB, {machine.system()} "
        f"{machine.release().split('-')[0]}, Python {machine.python_version()}"
    )


if __name__ == "__main__":
    main()
