import asyncio

import pytest

from refapp.services import lifecycle
from refapp.services.lifecycle import StartError, background, within
from refapp.services.settings import Settings, SettingsError


@pytest.fixture
def run(monkeypatch, lines):
    """Runs a process's main in this one; returns the exit code and the lines of the log."""
    monkeypatch.setattr(lifecycle.logs, "configure", lambda **_: None)

    def run(main, read=Settings.from_environ):
        return lifecycle.run(read, main), lines()

    return run


def test_a_process_that_ends(run):
    seen = []

    async def main(settings):
        seen.append(settings.slug)

    assert run(main)[0] == 0
    assert seen == ["service-a"]


def test_a_process_that_cannot_start(run):
    async def main(_settings):
        raise StartError("the port is taken")

    code, (line,) = run(main)
    assert code == 1
    assert (line["level"], line["msg"], line["detail"]) == ("fatal", "not started", "the port is taken")


def test_a_broken_setting(capsys):
    def read(_environ):
        raise SettingsError("PORT is broken")

    assert lifecycle.run(read, None) == 2
    assert capsys.readouterr().err == "PORT is broken\n"


async def test_background_work_ends_with_its_block():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with background(work()):
        await begun.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_background_work_that_fails_does_not_end_its_block(lines):
    async def work():
        raise LookupError("nothing")

    async with background(work()):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    (line,) = lines()
    assert (line["level"], line["error"]) == ("error", "LookupError: nothing")


async def test_what_is_not_done_in_time_is_given_up(lines):
    async with within(0.01, "something slow"):
        await asyncio.Event().wait()
    (line,) = lines()
    assert (line["level"], line["detail"]) == ("warning", "something slow")


async def test_what_is_done_in_time_is_not_mentioned(lines):
    async with within(10, "something quick"):
        await asyncio.sleep(0)
    assert lines() == []
