"""Whether a container is ready, as a stream of changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from refapp.deploy.local.ports import LOOPBACK
from refapp.deploy.local.specs import ContainerSpec, Probe

_RETRY = 0.05
_PERIOD = 2.0
_PROBE_TIMEOUT = 3.0
_CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True)
class Health:
    """What a probe saw. `requests` is the number of requests that the container says it has served."""

    ready: bool
    requests: int = 0


def watch(spec: ContainerSpec) -> AsyncIterator[Health]:
    """The health of a container that has just been started, at first and whenever it may have changed."""
    match spec.probe:
        case Probe.TCP:
            return _watch_tcp(spec.port)
        case Probe.GRPC:
            return _watch_grpc(spec.port)
        case Probe.HTTP:
            return _watch_http(f"http://{LOOPBACK}:{spec.port}{spec.path}")


async def _watch_tcp(port: int) -> AsyncIterator[Health]:
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            await asyncio.sleep(_RETRY)
        else:
            writer.close()
            yield Health(ready=True)
            return


async def _watch_grpc(port: int) -> AsyncIterator[Health]:
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{port}", options=_CHANNEL_OPTIONS) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while True:
            health = Health(ready=await _is_serving(stub))
            yield health
            await asyncio.sleep(_PERIOD if health.ready else _RETRY)


async def _is_serving(stub: health_pb2_grpc.HealthStub) -> bool:
    """Asked again and again rather than watched: a process that hangs would not tell that it does."""
    try:
        response = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_PROBE_TIMEOUT, wait_for_ready=True)
    except grpc.aio.AioRpcError:
        return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


async def _watch_http(url: str) -> AsyncIterator[Health]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PROBE_TIMEOUT)) as session:
        health = Health(ready=False)
        while True:
            health = await _ask(session, url, health)
            yield health
            await asyncio.sleep(_PERIOD if health.ready else _RETRY)


async def _ask(session: aiohttp.ClientSession, url: str, before: Health) -> Health:
    try:
        async with session.get(url) as response:
            return Health(ready=response.ok, requests=_requests(await response.read(), before.requests))
    except (aiohttp.ClientError, TimeoutError):
        return Health(ready=False, requests=before.requests)


def _requests(body: bytes, before: int) -> int:
    """The number of requests that the answer tells; the last one told where it tells none."""
    try:
        return int(json.loads(body)["requests"])
    except (ValueError, KeyError, TypeError):
        return before
