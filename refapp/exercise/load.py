"""Load on the public address: a number of users, or a rate of requests."""

import asyncio
import itertools
import statistics
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=30)
_PERIOD = 0.1

Progress = Callable[[float, int], None]
"""Called now and then with the seconds that have passed and the requests that have been answered."""


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What came of a load.

    `duration` is in seconds and `latencies` in milliseconds, one of each answered request in the order of the
    answers; `errors` counts the requests that were not answered with 200, by HTTP status or kind of failure.
    """

    requests: int
    duration: float
    latencies: tuple[float, ...] = field(repr=False)
    errors: dict[str, int]

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return self.requests / self.duration

    @property
    def failed(self) -> int:
        """How many requests were not answered with 200."""
        return sum(self.errors.values())

    def quantile(self, q: float) -> float:
        """The latency in milliseconds below which the share `q` (0 to 1) of the requests was answered.

        Linear between the two nearest ranks, as by `statistics.quantiles(method="inclusive")`; not a number when
        nothing was answered.
        """
        ordered = sorted(self.latencies)
        if not ordered:
            return float("nan")
        rank, part = divmod(q * (len(ordered) - 1), 1)
        low, high = ordered[int(rank)], ordered[min(int(rank) + 1, len(ordered) - 1)]
        return low + (high - low) * part

    def to_dict(self) -> dict[str, Any]:
        """The figures of the report as JSON types, as `refapp load --json` prints them."""
        quantiles = {f"p{100 * q:g}_ms": round(self.quantile(q), 3) for q in (0.5, 0.9, 0.99)} if self.latencies else {}
        return {
            "requests": self.requests,
            "duration_s": round(self.duration, 3),
            "requests_per_s": round(self.rate, 1),
            "mean_ms": round(statistics.fmean(self.latencies), 3) if self.latencies else None,
            **quantiles,
            "failed": self.failed,
            "errors": self.errors,
        }


def run(  # noqa: D417 - the rest is described there
    url: str,
    *,
    users: int | None = None,
    rate: float | None = None,
    duration: float = 10.0,
    headers: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Send GET requests to `url` for a time and report how they were answered.

    With `users`, each sends its next request when the last one is answered (a closed loop, as `hey` does it).
    With `rate`, requests start that many times a second whatever becomes of the earlier ones (an open loop), and
    a latency counts from the moment the request was due, so that a stalled platform cannot hide its stall.

    Args:
        users: how many users; 15 when no rate is given either.
        rate: requests a second.
        duration: for how many seconds requests are started; those under way are waited for.
        headers: headers of every request.

    Raises:
        ValueError: both users and rate are given, or a number is not positive.
    """
    if users is not None and rate is not None:
        raise ValueError("a load has a number of users or a rate, not both")
    if any(number is not None and number <= 0 for number in (users, rate, duration)):
        raise ValueError("users, rate and duration are positive numbers")
    generator = _Generator(url, duration, headers or {}, progress)
    return _in_own_thread(generator.run(users=users if rate is None else None, rate=rate))


def _in_own_thread(coroutine: Coroutine[Any, Any, LoadReport]) -> LoadReport:
    """Run to the end in a thread with an event loop of its own: a notebook's thread already has one."""
    results: list[LoadReport] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            results.append(asyncio.run(coroutine))
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failures.append(error)

    thread = threading.Thread(target=work, name="load", daemon=True)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


class _Generator:
    def __init__(self, url: str, duration: float, headers: dict[str, str], progress: Progress | None) -> None:
        self._url = url
        self._duration = duration
        self._headers = headers
        self._progress = progress
        self._latencies: list[float] = []
        self._errors: Counter[str] = Counter()

    async def run(self, *, users: int | None, rate: float | None) -> LoadReport:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, headers=self._headers) as session:
            started = time.perf_counter()
            reporting = asyncio.create_task(self._report(started))
            if rate is None:
                await asyncio.gather(*(self._user(session, started) for _ in range(users or 15)))
            else:
                await self._open_loop(session, started, rate)
            elapsed = time.perf_counter() - started
            reporting.cancel()
        return LoadReport(
            requests=len(self._latencies) + self._errors.total(),
            duration=elapsed,
            latencies=tuple(self._latencies),
            errors=dict(sorted(self._errors.items())),
        )

    async def _user(self, session: aiohttp.ClientSession, started: float) -> None:
        while (due := time.perf_counter()) - started < self._duration:
            await self._request(session, due)

    async def _open_loop(self, session: aiohttp.ClientSession, started: float, rate: float) -> None:
        async with asyncio.TaskGroup() as group:
            async for due in _schedule(started, rate, self._duration):
                group.create_task(self._request(session, due))

    async def _request(self, session: aiohttp.ClientSession, due: float) -> None:
        try:
            async with session.get(self._url) as response:
                await response.read()
        except TimeoutError:
            self._errors["timeout"] += 1
        except aiohttp.ClientError as error:
            self._errors[type(error).__name__] += 1
        else:
            if response.status == 200:  # noqa: PLR2004
                self._latencies.append((time.perf_counter() - due) * 1000)
            else:
                self._errors[str(response.status)] += 1

    async def _report(self, started: float) -> None:
        while self._progress:
            self._progress(time.perf_counter() - started, len(self._latencies) + self._errors.total())
            await asyncio.sleep(_PERIOD)


async def _schedule(started: float, rate: float, duration: float) -> AsyncIterator[float]:
    """The moments at which requests are due, each when it has come."""
    for number in itertools.count():
        if number / rate >= duration:
            return
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        yield due
