"""What each layer of the platform costs: one added to those before, each on a platform of its own."""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

import refapp
from refapp.deploy.local import orphans
from refapp.deploy.local.options import LAYERS
from refapp.deploy.local.rundir import RunDirectory

HEADER = ("layer", "p50", "p50 added", "CPU a request", "CPU added")
ROUNDS = 3
_UNSEEN = {"monitoring": False, "cloudwatch": False}
_ORDER = ("mtls", "metrics", "traces", "access-log")


def rows(home: Path) -> Iterator[tuple[str, ...]]:
    """A row a layer: milliseconds and CPU milliseconds of a request, and what of them is the layer's own."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in _stages()}
    for _ in range(ROUNDS):
        for name, options in _stages().items():
            taken[name].append(_measure(home, options))
    before = (0.0, 0.0)
    for name, results in taken.items():
        p50, cpu = (statistics.median(column) for column in zip(*results, strict=True))
        added = [f"{now - then:+.1f} ms" if any(before) else "" for now, then in ((p50, before[0]), (cpu, before[1]))]
        yield name, f"{p50:.1f} ms", added[0], f"{cpu:.1f} ms", added[1]
        before = p50, cpu


def _stages() -> dict[str, dict[str, Any]]:
    stages: dict[str, dict[str, Any]] = {
        "bare": {"mesh": False, "log_level": "fatal", **_UNSEEN},
        "+ logs of the services": {"mesh": False, **_UNSEEN},
        "+ proxies": {"without": LAYERS, **_UNSEEN},
    }
    titles = {"mtls": "mutual TLS", "metrics": "metrics", "traces": "traces", "access-log": "logs of the proxies"}
    for number, layer in enumerate(_ORDER, 1):
        stages[f"+ {titles[layer]}"] = {"without": _ORDER[number:], **_UNSEEN}
    stages["+ Prometheus"] = {"cloudwatch": False}
    stages["+ CloudWatch"] = {}
    stages["+ traces of messages and writes"] = {"trace_messages": "parent"}
    return stages


def _measure(home: Path, options: dict[str, Any]) -> tuple[float, float]:
    """The median duration of a request, and the CPU time that all processes of the platform spend on one; in ms."""
    with refapp.up(home=home, **options) as platform:
        platform.load(users=2, duration=3)
        platform_id = RunDirectory(home).read_state()["platform"]
        before = cpu_seconds(platform_id)
        report = platform.load(users=1, duration=5)
        spent = cpu_seconds(platform_id) - before
    return report.quantile(0.5), 1000 * spent / report.requests


def cpu_seconds(platform_id: str) -> float:
    """The CPU time that the processes of a platform have used so far."""
    seconds = 0.0
    for process in orphans.processes(platform_id):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        seconds += times.user + times.system
    return seconds
