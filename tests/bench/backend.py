"""The trace backend: how fast it takes spans, how fast it finds them, how much memory it needs."""

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import psutil

from refapp.deploy.local.ports import LOOPBACK, Ports

SPANS = 1_000_000
_BATCH = 500  # spans in a request; an Envoy sends about so many at that rate
_TRACE = 16
_SERVICES = [f"service-{letter}.dev" for letter in "abcdefgh"]
_REPEATS = 5


def rows(home: Path) -> Iterator[tuple[str, str, str]]:
    """What is measured, what was asked for, what came out."""
    url = f"http://{LOOPBACK}:{Ports().take()}"
    environment = os.environ | {"PORT": url.removeprefix("http://"), "STORE": str(home / "bench.db")}
    command = [sys.executable, "-m", "refapp.backends.tracing.server"]
    with subprocess.Popen(command, env=environment) as process, httpx.Client(base_url=url, timeout=60) as client:
        try:
            while not _answers(client):
                time.sleep(0.05)
            yield "spans accepted a second of one core", "≥ 20,000/s", f"{_fill(client, process.pid):,.0f}/s"
            for what, query in _searches().items():
                took = statistics.median(_timed(client, query) for _ in range(_REPEATS))
                yield f"search among {SPANS:,} spans by {what}", "< 100 ms", f"{took:.1f} ms"
            memory = psutil.Process(process.pid).memory_full_info().uss
            yield f"memory of its own with {SPANS:,} spans", "bounded", f"{memory / 1024**2:.0f} MB"
        finally:
            process.terminate()


def _fill(client: httpx.Client, pid: int) -> float:
    """Send all spans; the number that a second of CPU time takes."""
    batches = (_batch(number) for number in range(SPANS // _BATCH))
    before = sum(psutil.Process(pid).cpu_times()[:2])
    for batch in batches:
        client.post("/api/v2/spans", content=batch, headers={"content-type": "application/json"}).raise_for_status()
    return SPANS / (sum(psutil.Process(pid).cpu_times()[:2]) - before)


def _batch(number: int) -> bytes:
    now = time.time_ns() // 1000
    spans = []
    for place in range(_BATCH):
        if place % _TRACE == 0:
            trace, parent = secrets.token_hex(16), ""
        span = secrets.token_hex(8)
        index = number * _BATCH + place
        spans.append(
            {
                "traceId": trace,
                "id": span,
                **({"parentId": parent} if parent else {}),
                "kind": ("CLIENT", "SERVER")[place % 2],
                "name": f"{_SERVICES[index % 8]}.svc.cluster.local/*",
                "timestamp": now + place,
                "duration": 1000 + index % 5000,
                "localEndpoint": {"serviceName": _SERVICES[index % 8], "ipv4": "127.0.0.1"},
                "tags": {
                    "http.method": "POST",
                    "http.protocol": "HTTP/1.1" if index % 8 == 1 or index % 96_000 == 0 else "HTTP/2",
                    "http.status_code": "503" if index % 1000 == 0 else "200",
                    "grpc.status_code": "0",
                    "guid:x-request-id": f"{trace[:8]}-{trace[8:]}",
                    "upstream_cluster": f"outbound|{_SERVICES[(index + 1) % 8]}",
                },
            }
        )
        parent = span
    return orjson.dumps(spans)


def _searches() -> dict[str, dict[str, str]]:
    service = {"serviceName": _SERVICES[0]}
    return {
        "service": service,
        "service and shortest duration": service | {"minDuration": "5990"},
        "service and a common tag": service | {"annotationQuery": "http.method=POST"},
        "service and a rare tag": service | {"annotationQuery": "http.status_code=503"},
        "service and a tag that only others have": service
        | {"annotationQuery": "upstream_cluster=outbound|service-a.dev"},
        "service and a tag that mostly others have": service | {"annotationQuery": "http.protocol=HTTP/1.1"},
        "service and two tags that no span has together": service
        | {"annotationQuery": "http.protocol=HTTP/1.1 and http.status_code=200"},
        "two tags that only different services have": {
            "annotationQuery": "http.protocol=HTTP/1.1 and upstream_cluster=outbound|service-a.dev"
        },
    }


def _timed(client: httpx.Client, query: dict[str, str]) -> float:
    began = time.perf_counter()
    client.get("/api/v2/traces", params=query | {"limit": "20", "lookback": str(24 * 3600 * 1000)}).raise_for_status()
    return 1000 * (time.perf_counter() - began)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False
