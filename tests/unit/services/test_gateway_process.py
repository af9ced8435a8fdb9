"""The gateway as the process that a pod runs."""

import asyncio
import json
import signal
from functools import partial

import aiohttp
import pytest

from refapp.services.logs import LEVELS


@pytest.fixture
def process(process):
    """The process of a gateway."""
    return partial(process, "refapp.services.gateway", POD_NAME="rev-proxy-1")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_it_after_the_requests_that_run(process, line, callee, says, number):
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait(request, context):
        begun.set()
        await release.wait()
        return await says("Service A")(request, context)

    async with process(SERVICE_A_URL=await callee(wait)) as running:
        address = (await line(running, "listening"))["addresses"][0]

        async def ask():
            async with aiohttp.request("GET", f"http://{address}/api/greeting") as response:
                return response.status, await response.json()

        request = asyncio.create_task(ask())
        await begun.wait()
        running.send_signal(number)
        assert (await line(running, "draining"))["pod"] == "rev-proxy-1"
        release.set()
        status, body = await request
        assert (status, [greeting["service"] for greeting in body["greeting"]]) == (200, ["Service A"])
        served = await line(running, "request served")
        assert (served["service"], served["pod"]) == ("rev-proxy", "rev-proxy-1")
        await line(running, "stopped")
        assert await running.wait() == 0
        assert await running.stderr.read() == b""


async def test_the_level_follows_its_file(process, line, tmp_path):
    level = tmp_path / "level"
    level.write_text("error")
    async with process(SERVICE_A_URL="127.0.0.1:1", LOG_LEVEL="debug", LOG_LEVEL_FILE=str(level)) as running:
        assert (await line(running, "log level set"))["log_level"] == "error"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"LOG_LEVEL": "loud"}, ["LOG_LEVEL", "'loud'", *LEVELS]),
        ({"PORT": "http"}, ["PORT", "'http'", ":50051"]),
        ({"PUBLIC_PORT": "0.0.0.0"}, ["PUBLIC_PORT", "'0.0.0.0'", ":50051"]),
        ({"DEADLINE_SECONDS": "soon"}, ["DEADLINE_SECONDS", "'soon'"]),
        ({"SERVICE_A_URL": ""}, ["SERVICE_A_URL"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_broken_setting_ends_it_with_one_line(process, environ, words):
    async with process(**{"SERVICE_A_URL": "127.0.0.1:1", **environ}) as running:
        out, errors = await running.communicate()
    assert running.returncode == 2
    assert out == b""
    (said,) = errors.decode().splitlines()
    assert [word for word in words if word not in said] == []


async def test_an_address_that_is_taken_ends_it(process, unreachable):
    async with process(SERVICE_A_URL="127.0.0.1:1", PORT=unreachable) as running:
        out, _ = await running.communicate()
    assert running.returncode == 1
    said = json.loads(out.splitlines()[-1])
    assert (said["level"], said["msg"]) == ("fatal", "not started")
    assert unreachable in said["detail"]
