import asyncio
import gc

import pytest

from refapp.services.uncancelled import Uncancelled


async def test_result_and_failure_reach_the_caller():
    async def divide(by):
        return 1 / by

    assert await Uncancelled().run(divide(2)) == 0.5
    with pytest.raises(ZeroDivisionError):
        await Uncancelled().run(divide(0))


@pytest.mark.parametrize("failure", [None, ConnectionError("lost")])
async def test_operation_goes_on_without_its_caller(failure):
    began, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def operation():
        began.set()
        await may_end.wait()
        ended.set()
        if failure:
            raise failure

    uncancelled = Uncancelled()
    caller = asyncio.create_task(uncancelled.run(operation()))
    await began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not ended.is_set()
    may_end.set()
    await uncancelled.finish()
    assert ended.is_set()


async def test_a_failure_that_nobody_awaits_is_not_complained_of(caplog):
    may_end = asyncio.Event()

    async def operation():
        await may_end.wait()
        raise ConnectionError("lost")

    uncancelled = Uncancelled()
    caller = asyncio.create_task(uncancelled.run(operation()))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    may_end.set()
    await uncancelled.finish()
    gc.collect()
    assert caplog.records == []
