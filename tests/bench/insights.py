"""Logs Insights over a million events: how fast it takes them, how fast it answers, how much memory it needs."""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import orjson
import psutil

from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.insights.queries import Queries, Status

EVENTS = 1_000_000
_BATCH = 1000
_START = 1_700_000_000  # seconds
_GROUP = "/aws/containerinsights/local/application"
_REPEATS = 5
_QUERIES = {
    "the article's query: the last 20 errors of a service": (
        "≤ 100 ms",
        """fields @timestamp, log | filter kubernetes.container_name like /service-f/ and log like /error/
        | sort @timestamp desc | limit 20""",
    ),
    "events by container and five minutes": ("≤ 500 ms", "stats count(*) by kubernetes.container_name, bin(5m)"),
    "the 95th percentile of a number by container": (
        "≤ 500 ms",
        "stats pct(log_processed.duration_ms, 95) as p95 by kubernetes.container_name | sort p95 desc",
    ),
    "the last 10,000 events": ("≤ 500 ms", "fields @timestamp, @message | limit 10000"),
    "the patterns of all events": ("any", "pattern log"),
}


def rows(home: Path) -> Iterator[tuple[str, str, str]]:
    """What is measured, what was asked for, what came out; in a process of its own, for its memory is measured."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield from pool.submit(_measured, home).result()


def _measured(home: Path) -> list[tuple[str, str, str]]:
    with EventStore(home / "events.db") as store, Queries(store, lambda: [_GROUP]) as queries:
        found = [("log events accepted a second of one core", "≥ 20,000/s", f"{_fill(store):,.0f}/s")]
        for what, (goal, text) in _QUERIES.items():
            took = statistics.median(_timed(queries, text) for _ in range(_REPEATS))
            found.append((f"Logs Insights over {EVENTS:,} events: {what}", goal, f"{took:.0f} ms"))
        memory = psutil.Process().memory_info().rss
        found.append((f"memory with {EVENTS:,} events", "≤ 1,024 MB", f"{memory / 1024**2:.0f} MB"))
        return found


def _fill(store: EventStore) -> float:
    """Append all events; the number that a second of CPU time takes, without what it takes to make them."""
    spent = 0.0
    for first in range(0, EVENTS, _BATCH):
        batch = [Event(_START * 1000 + number * 10, _message(number)) for number in range(first, first + _BATCH)]
        before = time.process_time()
        store.append(_GROUP, f"stream-{first // _BATCH % 24}", batch, _START * 1000)
        spent += time.process_time() - before
    return EVENTS / spent


def _message(number: int) -> str:
    """What Fluent Bit sends of a line of structured JSON."""
    service = f"service-{'abcdefgh'[number % 8]}"
    line = {
        "level": "error" if number % 49 == 0 else ("info", "info", "debug", "warning")[number % 7 % 4],
        "event": "greeting sent" if number % 3 else "greeting received",
        "duration_ms": number * 7919 % 1000 / 10,
        "trace": f"{number:032x}",
    }
    kubernetes = {
        "pod_name": f"{service}-{number % 3}",
        "namespace_name": "dev",
        "host": "local",
        "container_name": service,
    }
    event = {"stream": "stdout", "log": orjson.dumps(line).decode(), "log_processed": line, "kubernetes": kubernetes}
    return orjson.dumps(event).decode()


def _timed(queries: Queries, text: str) -> float:
    """How long a query takes, in milliseconds, until its first page has been read."""
    began = time.perf_counter()
    number = queries.start(text, _START, 2 * _START, groups=[_GROUP])
    while (results := queries.results(number)).status in (Status.SCHEDULED, Status.RUNNING):
        time.sleep(0.002)
    took = 1000 * (time.perf_counter() - began)
    if results.status is not Status.COMPLETE or not results.rows:
        raise RuntimeError(f"{text}: {results.status}")
    return took
