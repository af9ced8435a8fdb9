"""What it costs to watch the platform, and to look at what was seen."""

import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from layers import cpu_seconds

import refapp
from refapp.deploy.local.binaries import prometheus
from refapp.deploy.local.ports import Ports
from refapp.deploy.local.rundir import RunDirectory
from refapp.draw.dashboards import dashboard
from refapp.platform import Platform
from refapp.query.mesh import Console
from refapp.query.metrics import Metrics, PanelSource, Samples

_DASHBOARD = "Istio Service"
_QUIET = 30  # seconds
_HOUR = timedelta(hours=1)
_SCRAPE = 2  # seconds
_TIMES = 5
Row = tuple[str, str, str]


def rows(home: Path) -> Iterator[Row]:
    """What is measured, what was asked for, what came out."""
    with refapp.up(home=home, monitoring=False, cloudwatch=False) as platform:
        alone = _at_rest(platform, home)
    with refapp.up(home=home, cloudwatch=False) as platform:
        watched = _at_rest(platform, home)
        yield "CPU that scrapes and rules add to the platform at rest, of one core", "≤ 5 %", f"{watched - alone:.1f} %"
        platform.load(users=4, duration=20)
        source = PanelSource(platform.metrics)
        drawn = _median(lambda: dashboard(_DASHBOARD, source, last=timedelta(minutes=5)))
        yield f"*{_DASHBOARD}*, a dashboard of 20 panels, asked and drawn", "≤ 3 s", f"{drawn:.1f} s"
        with _an_hour_of(platform, home) as console:
            graph = _median(lambda: console.graph(_HOUR))
        yield "the mesh's graph, from an hour of series", "≤ 0.5 s", f"{graph:.2f} s"


def _at_rest(platform: Platform, home: Path) -> float:
    """The per cent of one core that the platform uses when nothing is asked of it."""
    platform.load(users=2, duration=3)
    time.sleep(_QUIET / 3)  # what the load has left to be done
    platform_id = RunDirectory(home).read_state()["platform"]
    before = cpu_seconds(platform_id)
    time.sleep(_QUIET)  # the time that is measured
    return 100 * (cpu_seconds(platform_id) - before) / _QUIET


def _median(work: Any) -> float:
    def seconds() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return statistics.median(seconds() for _ in range(_TIMES))


@contextmanager
def _an_hour_of(platform: Platform, home: Path) -> Iterator[Console]:
    """A console that asks a Prometheus of its own, which has the platform's series as if it had run for an hour."""
    directory = home / "hour"
    directory.mkdir()
    metrics = directory / "metrics"
    metrics.write_text("\n".join(_exposition(platform)))
    blocks = ["promtool", "tsdb", "create-blocks-from", "openmetrics", metrics, directory / "tsdb"]
    subprocess.run(blocks, check=True, capture_output=True)
    (directory / "prometheus.yml").write_text("{}")
    url = f"127.0.0.1:{Ports().take()}"
    command = [prometheus(), f"--config.file={directory / 'prometheus.yml'}", f"--web.listen-address={url}"]
    process = subprocess.Popen(
        [*command, f"--storage.tsdb.path={directory / 'tsdb'}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _ready(url):
            time.sleep(0.05)
        yield Console(Samples(Metrics(lambda: {"prometheus": f"http://{url}"})), platform.topology)
    finally:
        process.terminate()
        process.wait(30)


def _exposition(platform: Platform) -> Iterable[str]:
    """All series of Istio, each growing evenly over the last hour to the value that it has, in OpenMetrics' format."""
    now = time.time()
    found = platform.metrics.instant('{__name__=~"istio_.+"}')
    for name, series in found.groupby("__name__"):
        yield f"# TYPE {name} unknown"
        for row in series.drop(columns="__name__").to_dict("records"):
            value = float(row.pop("value"))
            labels = ",".join(f'{key}="{text}"' for key, text in row.items() if isinstance(text, str) and text)
            steps = int(_HOUR.total_seconds()) // _SCRAPE
            for step in range(steps):
                yield f"{name}{{{labels}}} {value * step / steps:.3f} {now - _SCRAPE * (steps - step):.3f}"
    yield "# EOF"
    yield ""


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"http://{url}/-/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False
