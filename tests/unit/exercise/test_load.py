import asyncio
import math
import statistics

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from refapp.exercise import load
from refapp.exercise.load import LoadReport


def report(*latencies, errors=None):
    return LoadReport(requests=len(latencies), duration=1.0, latencies=latencies, errors=errors or {})


@pytest.fixture
async def serve():
    runners = []

    async def serve(handler):
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def run(url, **options):
    return await asyncio.to_thread(load.run, url, **options)


async def test_every_answered_request_is_counted(serve):
    served = 0

    async def handler(_):
        nonlocal served
        served += 1
        return web.Response()

    report = await run(await serve(handler), users=3, duration=0.3)
    assert report.requests == served == len(report.latencies)
    assert report.failed == 0
    assert report.duration >= 0.3


async def test_no_more_users_than_asked_for(serve):
    present, most = 0, 0

    async def handler(_):
        nonlocal present, most
        present += 1
        most = max(most, present)
        await asyncio.sleep(0.01)
        present -= 1
        return web.Response()

    await run(await serve(handler), users=4, duration=0.3)
    assert most == 4


async def test_rate_does_not_wait_for_answers(serve):
    arrived = 0
    released = asyncio.Event()

    async def handler(_):
        nonlocal arrived
        arrived += 1
        if arrived == 20:
            released.set()
        await released.wait()
        return web.Response()

    report = await run(await serve(handler), rate=100, duration=0.2)
    assert report.requests == arrived == 20


async def test_latency_of_a_rate_counts_from_the_moment_it_was_due(serve):
    gate = asyncio.Event()

    async def handler(_):
        asyncio.get_running_loop().call_later(0.3, gate.set)
        await gate.wait()
        return web.Response()

    report = await run(await serve(handler), rate=50, duration=0.1)
    assert max(report.latencies) >= 300
    assert min(report.latencies) >= 200


async def test_errors_are_counted_by_status(serve):
    statuses = iter([200, 503, 503, 404, *[200] * 10_000])

    async def handler(_):
        return web.Response(status=next(statuses))

    report = await run(await serve(handler), users=1, duration=0.2)
    assert report.errors == {"404": 1, "503": 2}
    assert report.requests == len(report.latencies) + 3


async def test_nobody_listens():
    report = await run("http://127.0.0.1:1/", users=1, duration=0.05)
    assert set(report.errors) == {"ClientConnectorError"}
    assert report.requests == report.failed > 0
    assert report.to_dict()["mean_ms"] is None


async def test_headers_are_sent(serve):
    seen = set()

    async def handler(request):
        seen.add(request.headers.get("x-b3-sampled"))
        return web.Response()

    await run(await serve(handler), users=1, duration=0.05, headers={"x-b3-sampled": "0"})
    assert seen == {"0"}


async def test_progress_is_reported(serve):
    async def handler(_):
        return web.Response()

    calls = []
    await run(await serve(handler), users=1, duration=0.25, progress=lambda *call: calls.append(call))
    assert len(calls) >= 2
    assert calls == sorted(calls)


@pytest.mark.parametrize("options", [{"users": 1, "rate": 1}, {"users": 0}, {"rate": -1}, {"duration": 0}])
def test_impossible_loads(options):
    with pytest.raises(ValueError, match=r"a load has a number|are positive"):
        load.run("http://127.0.0.1:1/", **options)


@given(st.lists(st.floats(0, 1e6), min_size=2), st.integers(1, 99))
def test_quantiles_are_those_of_the_statistics_module(latencies, percent):
    expected = statistics.quantiles(latencies, n=100, method="inclusive")[percent - 1]
    assert report(*latencies).quantile(percent / 100) == pytest.approx(expected)


def test_quantile_of_one_and_of_none():
    assert report(7.0).quantile(0.99) == 7.0
    assert math.isnan(report().quantile(0.5))


def test_dictionary_of_a_report():
    assert report(1.0, 3.0, errors={"503": 2}).to_dict() == {
        "requests": 2,
        "duration_s": 1.0,
        "requests_per_s": 2.0,
        "mean_ms": 2.0,
        "p50_ms": 2.0,
        "p90_ms": 2.8,
        "p99_ms": 2.98,
        "failed": 2,
        "errors": {"503": 2},
    }
