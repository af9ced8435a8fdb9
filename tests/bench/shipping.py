"""The log shipper: how fast it ships lines, how soon, and what it costs when there are none."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import orjson
import psutil

from refapp.deploy.local.containerlog import ContainerLog, Rotation
from refapp.deploy.local.ports import LOOPBACK, Ports

LINES = 400_000
RATE = 1000
_CONTAINERS = 8
_FILES = 60
_SECONDS = 20
_TICK = 0.05
_REST = 10


def rows(home: Path) -> Iterator[tuple[str, str, str]]:
    """What is measured, what was asked for, what came out."""
    with _sink() as sink, _shipper(home / "many", sink) as process:
        rate, memory = _many(home / "many", sink, process)
    yield "lines shipped a second of one core", "≥ 20,000/s", f"{rate:,.0f}/s"
    yield f"memory of its own while {LINES:,} lines wait", "bounded", f"{memory / 1024**2:.0f} MB"
    with _sink() as sink, _shipper(home / "steady", sink) as process:
        before = _cpu(process)
        delays = _steady(home / "steady", sink)
        share = (_cpu(process) - before) / _SECONDS
    yield f"CPU at {RATE:,} lines/s from {_FILES} files", "-", f"{100 * share:.0f} %"
    p50, p99 = np.percentile(delays, [50, 99])
    what = f"delay of a line until it was taken, at {RATE:,}/s from {_FILES} files"
    yield what, "p99 ≤ 2 s", f"median {p50:.2f} s, p99 {p99:.2f} s"
    with _sink() as sink, _shipper(home / "rest", sink) as process:
        _say([_log(home / "rest", number) for number in range(_FILES)], 1)
        sink.wait_for(_FILES)
        before = _cpu(process)
        time.sleep(_REST)
        share = (_cpu(process) - before) / _REST
    yield f"CPU without lines, {_FILES} files", "< 0.5 % of a core", f"{100 * share:.2f} %"


class _Sink(ThreadingHTTPServer):
    """Takes whatever comes, and notes when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Requests)
        self.taken = 0
        self.delays: list[float] = []
        self.lock = threading.Lock()

    def take(self, body: bytes) -> None:
        now = time.time()
        times = [int(found) / 1000 for found in re.findall(rb'"timestamp": (\d+)', body)]
        with self.lock:
            self.taken += len(times)
            self.delays += [now - one for one in times]

    def wait_for(self, events: int) -> None:
        while self.taken < events:
            time.sleep(0.01)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.take(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _sink() -> Iterator[_Sink]:
    with _Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever)
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()


@contextmanager
def _shipper(home: Path, sink: _Sink) -> Iterator[subprocess.Popen[bytes]]:
    address = f"{LOOPBACK}:{Ports().take()}"
    (home / "pods").mkdir(parents=True)
    environment = os.environ | {
        "PORT": address,
        "LOGS": str(home / "pods"),
        "STATE": str(home / "state"),
        "ENDPOINT": f"http://{LOOPBACK}:{sink.server_port}",
        "REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }
    with subprocess.Popen([sys.executable, "-m", "refapp.backends.shipper.server"], env=environment) as process:
        try:
            while not _answers(f"http://{address}/health"):
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()


def _many(home: Path, sink: _Sink, process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """All lines at once: so many a second of CPU time, and the most memory."""
    before = _cpu(process)
    elsewhere = home / "written"
    _say([_log(home / "written", number) for number in range(_CONTAINERS)], LINES // _CONTAINERS)
    for directory in (elsewhere / "pods").iterdir():
        directory.rename(home / "pods" / directory.name)
    memory = 0
    while sink.taken < LINES:
        memory = max(memory, psutil.Process(process.pid).memory_full_info().uss)
        time.sleep(0.1)
    return LINES / (_cpu(process) - before), memory


def _steady(home: Path, sink: _Sink) -> list[float]:
    """The delays of lines that come at a steady rate, in seconds."""
    logs = [_log(home, number) for number in range(_FILES)]
    due, written = time.monotonic(), 0
    end = due + _SECONDS
    while due < end:
        for _ in range(int(RATE * _TICK)):
            logs[written % _FILES].write("stdout", _line(written))
            written += 1
        due += _TICK
        time.sleep(max(0.0, due - time.monotonic()))
    sink.wait_for(written)
    return sink.delays


def _log(home: Path, number: int) -> ContainerLog:
    path = home / "pods" / f"dev_service-{number}-69d7469cbf-ts4t7_uid-{number}" / "service" / "0.log"
    return ContainerLog(path, Rotation(files=1000))


def _say(logs: list[ContainerLog], lines: int) -> None:
    for log in logs:
        for first in range(0, lines, 1000):
            log.write("stdout", b"".join(_line(number) for number in range(first, min(lines, first + 1000))))
        log.close()


def _line(number: int) -> bytes:
    """A line as a service writes it."""
    line = {
        "time": "2026-11-23T05:00:00.123456Z",
        "level": "info",
        "msg": "greeting sent",
        "function": "Greeting",
        "line": 120,
        "service": "service-a",
        "pod": "service-a-69d7469cbf-ts4t7",
        "request_id": f"0f6a1b2c-1111-2222-3333-{number:012}",
        "duration_ms": number % 50 / 10,
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _cpu(process: subprocess.Popen[bytes]) -> float:
    return sum(psutil.Process(process.pid).cpu_times()[:2])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
