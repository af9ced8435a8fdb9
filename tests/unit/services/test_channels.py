import asyncio

import grpc.aio
import pytest

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.channels import open_channel


@pytest.fixture
async def greet():
    channels = []

    def open_stub(target):
        channels.append(open_channel(target))
        return greeting_pb2_grpc.GreetingServiceStub(channels[-1]).Greeting

    yield open_stub
    for channel in channels:
        await channel.close()


async def test_addresses_take_turns(callee, says, greet):
    addresses = [await callee(says(name)) for name in "XYZ"]
    call = greet(f"ipv4:{','.join(addresses)}")
    async with asyncio.timeout(10):
        seen = set()
        while seen != set("XYZ"):
            seen.add((await call(greeting_pb2.GreetingRequest(), wait_for_ready=True)).greeting[0].service)


async def test_one_of_two_addresses_is_enough(callee, says, greet):
    call = greet(f"ipv4:127.0.0.1:1,{await callee(says('X'))}")
    for _ in range(10):
        assert (await call(greeting_pb2.GreetingRequest(), timeout=5)).greeting[0].service == "X"


async def test_an_address_where_nobody_listens_fails_at_once(greet):
    call = greet("127.0.0.1:1")
    for _ in range(3):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(greeting_pb2.GreetingRequest(), timeout=60)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_service_that_comes_back_is_found_by_the_same_channel(greet, says):
    async def listen(address):
        class Servicer(greeting_pb2_grpc.GreetingServiceServicer):
            async def Greeting(self, request, context):  # noqa: N802
                return await says("X")(request, context)

        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        greeting_pb2_grpc.add_GreetingServiceServicer_to_server(Servicer(), server)
        port = server.add_insecure_port(address)
        await server.start()
        return server, f"127.0.0.1:{port}"

    server, address = await listen("127.0.0.1:0")
    call = greet(address)
    await call(greeting_pb2.GreetingRequest(), timeout=5)
    await server.stop(None)
    with pytest.raises(grpc.aio.AioRpcError):
        await call(greeting_pb2.GreetingRequest(), timeout=5)
    server, _ = await listen(address)
    await call(greeting_pb2.GreetingRequest(), timeout=10, wait_for_ready=True)
    await server.stop(None)


async def test_the_proxy_of_the_environment_is_not_used(callee, says, greet, monkeypatch):
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    call = greet(await callee(says("X")))
    await call(greeting_pb2.GreetingRequest(), timeout=5)
