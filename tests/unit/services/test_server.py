import asyncio
import socket

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.lifecycle import StartError
from refapp.services.server import SERVICE, Server

Status = health_pb2.HealthCheckResponse


class Gate(greeting_pb2_grpc.GreetingServiceServicer):
    """Holds each request until it is opened."""

    def __init__(self):
        self.arrived = asyncio.Event()
        self.open = asyncio.Event()

    async def Greeting(self, *_):  # noqa: N802
        self.arrived.set()
        await self.open.wait()
        return greeting_pb2.GreetingResponse()


@pytest.fixture
async def gate():
    return Gate()


@pytest.fixture
async def server(gate):
    server = Server(gate, ("127.0.0.1", 0))
    yield server
    await server.drain(0)


@pytest.fixture
async def channel(server):
    async with grpc.aio.insecure_channel(await server.start()) as channel:
        yield channel


def check(channel):
    return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())


async def test_health(server, channel):
    assert (await check(channel)).status == Status.NOT_SERVING
    server.serve()
    assert (await check(channel)).status == Status.SERVING


async def test_the_name_in_the_contract():
    assert SERVICE == "greeting.v3.GreetingService"


async def test_reflection(channel):
    request = reflection_pb2.ServerReflectionRequest
    asked = [request(list_services=""), request(file_containing_symbol=SERVICE)]
    stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(asked))
    listed, described = [answer async for answer in stream]
    names = {service.name for service in listed.list_services_response.service}
    assert names == {SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
    assert any(b"greeting.proto" in file for file in described.file_descriptor_response.file_descriptor_proto)


async def test_an_address_that_is_taken(gate):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = Server(gate, ("127.0.0.1", port))
        with pytest.raises(StartError, match=f"127.0.0.1:{port}"):
            await server.start()


async def test_two_servers_do_not_share_an_address(gate, server):
    address = await server.start()
    with pytest.raises(StartError, match=address):
        await Server(gate, ("127.0.0.1", int(address.rpartition(":")[2]))).start()


async def test_all_interfaces(gate):
    server = Server(gate, ("", 0))
    address = await server.start()
    gate.open.set()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{address.rpartition(':')[2]}") as channel:
        await greeting_pb2_grpc.GreetingServiceStub(channel).Greeting(greeting_pb2.GreetingRequest(), timeout=10)
    await server.drain(0)


async def test_draining_lets_a_request_finish_and_ends_streams(server, channel, gate):
    server.serve()
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == Status.SERVING
    call = greeting_pb2_grpc.GreetingServiceStub(channel).Greeting(greeting_pb2.GreetingRequest(), timeout=30)
    async with asyncio.timeout(10):
        await gate.arrived.wait()
        drained = asyncio.create_task(server.drain(60))
        assert (await watch.read()).status == Status.NOT_SERVING
        gate.open.set()
        assert await call == greeting_pb2.GreetingResponse()
        await drained
    assert await watch.read() is grpc.aio.EOF


async def first_failure(channel):
    while True:
        try:
            await check(channel)
        except grpc.aio.AioRpcError as error:
            return error.code()


async def test_draining_refuses_new_requests(server, channel, gate):
    stub = greeting_pb2_grpc.GreetingServiceStub(channel)
    running = stub.Greeting(greeting_pb2.GreetingRequest(), timeout=30)
    await gate.arrived.wait()
    drained = asyncio.create_task(server.drain(60))
    async with asyncio.timeout(10):
        # gRPC answers the one that comes in that very moment CANCELLED.
        assert await first_failure(channel) in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    gate.open.set()
    await running
    await drained


async def test_draining_ends_with_its_grace(server, channel, gate):
    call = greeting_pb2_grpc.GreetingServiceStub(channel).Greeting(greeting_pb2.GreetingRequest(), timeout=60)
    await gate.arrived.wait()
    async with asyncio.timeout(10):
        await server.drain(0.1)
    with pytest.raises(grpc.aio.AioRpcError):
        await call
