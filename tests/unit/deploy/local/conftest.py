"""What tests of the supervisor's parts wait with."""

import asyncio

import pytest


@pytest.fixture(scope="session")
def until():
    """Wait, in a test that is a coroutine, until a condition holds."""

    async def until(condition, *, within=30):
        async with asyncio.timeout(within):
            while not condition():
                await asyncio.sleep(0.01)

    return until
