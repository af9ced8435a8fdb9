"""The user interface's server as the process that a pod runs."""

import asyncio
import json
import signal
from functools import partial

import aiohttp
import pytest
from aiohttp import web

ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def process(process, dist):
    """The process of a server."""
    return partial(process, "refapp.services.ui.server", POD_NAME="angular-ui-1", DIST=str(dist))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_it_after_the_requests_that_run(process, line, peer, number):
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        begun.set()
        await release.wait()
        return web.json_response({"data": [{"traceID": ID, "spans": []}]})

    peer.answer = wait
    async with process(JAEGER=peer.url, DEADLINE_SECONDS="60") as running:
        listening = await line(running, "listening")
        assert (listening["service"], listening["pod"], listening["files"]) == ("angular-ui", "angular-ui-1", 6)

        async def ask():
            async with aiohttp.request("GET", f"http://{listening['addresses'][0]}/traces/{ID}") as response:
                return response.status, await response.json()

        request = asyncio.create_task(ask())
        await begun.wait()
        running.send_signal(number)
        await line(running, "draining")
        release.set()
        status, body = await request
        assert (status, body["data"][0]["traceID"]) == (200, ID)
        await line(running, "stopped")
        assert await running.wait() == 0
        assert await running.stderr.read() == b""


async def test_entries_of_the_app_are_lines_of_its_log(process, line):
    async with process(METRICS_PORT="127.0.0.1:0") as running:
        address = (await line(running, "listening"))["addresses"][0]
        entry = {"level": 4, "message": 'a\n{"level":"fatal"}', "additional": [{"trace_id": ID}]}
        async with aiohttp.request("POST", f"http://{address}/logs", json=entry) as response:
            assert response.status == 204
        written = await line(running, entry["message"])
    assert (written["level"], written["client"], written["trace_id"]) == ("warning", True, ID)
    assert (written["service"], written["pod"]) == ("angular-ui", "angular-ui-1")


async def test_what_it_counts_can_be_read(process, line, free_port):
    async with process(METRICS_PORT=f"127.0.0.1:{free_port}") as running:
        await line(running, "listening")
        async with aiohttp.request("GET", f"http://127.0.0.1:{free_port}/metrics") as response:
            text = await response.text()
    assert "ui_request_duration_seconds_count 0.0" in text
    assert "process_resident_memory_bytes" in text


async def test_the_level_follows_its_file(process, line, tmp_path):
    level = tmp_path / "level"
    level.write_text("error")
    async with process(LOG_LEVEL="debug", LOG_LEVEL_FILE=str(level)) as running:
        assert (await line(running, "log level set"))["log_level"] == "error"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PORT": "http"}, ["PORT", "'http'"]),
        ({"LOG_LEVEL": "loud"}, ["LOG_LEVEL", "'loud'"]),
        ({"WORKLOADS": "{"}, ["WORKLOADS", "JSON"]),
        ({"JAEGER": "jaeger:16686"}, ["JAEGER", "http://"]),
        ({"SERVER_LOG_LEVEL": "loud"}, ["SERVER_LOG_LEVEL", "OFF"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_broken_setting_ends_it_with_one_line(process, environ, words):
    async with process(**environ) as running:
        out, errors = await running.communicate()
    assert (running.returncode, out) == (2, b"")
    (said,) = errors.decode().splitlines()
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("variable", ["PORT", "METRICS_PORT"])
async def test_an_address_that_is_taken_ends_it(process, unreachable, variable):
    async with process(**{variable: unreachable}) as running:
        out, _ = await running.communicate()
    assert running.returncode == 1
    said = json.loads(out.splitlines()[-1])
    assert (said["level"], said["msg"]) == ("fatal", "not started")
    assert unreachable in said["detail"]


async def test_an_app_that_is_missing_ends_it(process, tmp_path):
    async with process(DIST=str(tmp_path / "nowhere")) as running:
        out, errors = await running.communicate()
    assert (running.returncode, errors) == (1, b"")
    said = json.loads(out.splitlines()[-1])
    assert (said["level"], said["msg"]) == ("fatal", "not started")
    assert str(tmp_path / "nowhere") in said["detail"]
