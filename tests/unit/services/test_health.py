import asyncio

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from refapp.services.health import Health

Status = health_pb2.HealthCheckResponse
NAMES = ("", "greeting.v3.GreetingService")


@pytest.fixture
async def health():
    return Health(NAMES)


@pytest.fixture
async def stub(health):
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield health_pb2_grpc.HealthStub(channel)
    health.end()
    await server.stop(None)


def request(name):
    return health_pb2.HealthCheckRequest(service=name)


@pytest.mark.parametrize("name", NAMES)
async def test_check(health, stub, name):
    async def status():
        return (await stub.Check(request(name))).status

    assert await status() == Status.NOT_SERVING
    health.serve()
    assert await status() == Status.SERVING
    health.end()
    assert await status() == Status.NOT_SERVING


async def test_check_of_an_unknown_service(stub):
    with pytest.raises(grpc.aio.AioRpcError, match="nothing") as caught:
        await stub.Check(request("nothing"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("name", NAMES)
async def test_watch_until_the_end(health, stub, name):
    watch = stub.Watch(request(name))
    async with asyncio.timeout(10):
        assert (await watch.read()).status == Status.NOT_SERVING
        health.serve()
        assert (await watch.read()).status == Status.SERVING
        health.end()
        assert (await watch.read()).status == Status.NOT_SERVING
        assert await watch.read() is grpc.aio.EOF


async def test_watch_of_an_unknown_service(stub):
    watch = stub.Watch(request("nothing"))
    async with asyncio.timeout(10):
        assert (await watch.read()).status == Status.SERVICE_UNKNOWN
    watch.cancel()


async def test_many_watch(health, stub):
    watches = [stub.Watch(request("")) for _ in range(20)]
    async with asyncio.timeout(10):
        assert {(await watch.read()).status for watch in watches} == {Status.NOT_SERVING}
        health.serve()
        assert {(await watch.read()).status for watch in watches} == {Status.SERVING}
