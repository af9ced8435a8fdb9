import os

import psutil
import pytest

from refapp.deploy.local.stressor import Stressor
from refapp.deploy.stress import Stress


@pytest.fixture
async def stressor():
    stressor = Stressor()
    yield stressor
    await stressor.stop()


async def test_nothing_is_started_when_nothing_is_asked(stressor):
    await stressor.start(os.environ)
    assert stressor.pids == []


async def test_it_ends_with_all_that_it_started(stressor, until):
    stressor.ask(Stress(cpus=0.02))
    await stressor.start(os.environ)
    (pid,) = stressor.pids
    process = psutil.Process(pid)
    await until(process.children)
    (child,) = process.children()
    await stressor.stop()
    assert stressor.pids == []
    assert not process.is_running()
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


async def test_one_that_has_ended_is_none(stressor, until):
    stressor.ask(Stress(memory=1))
    await stressor.start(os.environ)
    psutil.Process(stressor.pids[0]).kill()
    await until(lambda: stressor.pids == [])
    await stressor.stop()
