"""Health checks of a service. Source: the gRPC Health Checking Protocol, `grpc.health.v1`."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse]

Status = health_pb2.HealthCheckResponse


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc] # it has no types
    """One status under several names, NOT_SERVING at first.

    Unlike gRPC's own servicer it ends the streams of those who watch, which a server that stops would wait for.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._status = Status.NOT_SERVING
        self._changed = asyncio.Event()
        self._ended = False

    def serve(self) -> None:
        """Become SERVING."""
        self._change(Status.SERVING)

    def end(self) -> None:
        """Become NOT_SERVING for good."""
        self._ended = True
        self._change(Status.NOT_SERVING)

    async def Check(  # noqa: N802 - the name in the protocol
        self, request: health_pb2.HealthCheckRequest, context: "Context"
    ) -> health_pb2.HealthCheckResponse:
        """Tell the status."""
        if request.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"no service named {request.service!r}")
        return health_pb2.HealthCheckResponse(status=self._status)

    async def Watch(  # noqa: N802 - the name in the protocol
        self, request: health_pb2.HealthCheckRequest, context: "Context"
    ) -> None:
        """Tell the status now and whenever it changes."""
        known = request.service in self._names
        while True:
            changed, ended = self._changed, self._ended  # as they are now: the write below takes time
            await context.write(
                health_pb2.HealthCheckResponse(status=self._status if known else Status.SERVICE_UNKNOWN)
            )
            if ended:
                return
            await changed.wait()

    def _change(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        self._status = status
        self._changed.set()
        self._changed = asyncio.Event()
