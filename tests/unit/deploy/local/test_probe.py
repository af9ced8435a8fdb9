from aiohttp import web

from refapp.deploy.local import probe
from refapp.deploy.local.probe import Health
from refapp.deploy.local.specs import ContainerSpec, Probe


async def first_healths(answers, path="/healthz"):
    """What the probe sees of a server that gives those answers, one after the other."""
    left = iter(answers)

    async def answer(_):
        status, body = next(left)
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (address,) = runner.addresses
    spec = ContainerSpec(name="x", command=(), ports={"http": address[1]}, probe=Probe.HTTP, path=path)
    seen = []
    try:
        async for health in probe.watch(spec):
            seen.append(health)
            if len(seen) == len(answers):
                return seen
    finally:
        await runner.cleanup()


async def test_requests_are_read_where_they_are_told():
    assert await first_healths([(503, '{"requests": 3}'), (200, '{"requests": 4}')]) == [
        Health(ready=False, requests=3),
        Health(ready=True, requests=4),
    ]


async def test_an_answer_that_tells_nothing_else_is_ready():
    assert await first_healths([(503, ""), (503, "PRE_INITIALIZING"), (200, "LIVE")], path="/ready") == [
        Health(ready=False),
        Health(ready=False),
        Health(ready=True),
    ]
