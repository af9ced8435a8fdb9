"""Calls to the services downstream."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import grpc.aio
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.channels import open_channel
from refapp.services.headers import Headers
from refapp.services.hops import Deadline, HopError
from refapp.services.logs import get_logger
from refapp.services.settings import Downstream

if TYPE_CHECKING:
    Call = grpc.aio.UnaryUnaryCall[greeting_pb2.GreetingRequest, greeting_pb2.GreetingResponse]

log = get_logger()


class Callee:
    """A service downstream, and the one channel to it."""

    def __init__(self, caller: str, downstream: Downstream) -> None:
        self._caller = caller
        self._name = downstream.name
        self._channel = open_channel(downstream.target)
        self._greeting = greeting_pb2_grpc.GreetingServiceStub(self._channel).Greeting

    def start(self, request: greeting_pb2.GreetingRequest, headers: Headers, deadline: Deadline) -> "Call":
        """Send the request. The answer is what `answer` returns.

        Raises:
            HopError: there is no time left.
        """
        timeout = deadline.timeout(self._caller, self._name)
        if log.is_enabled("debug"):
            log.debug("headersOut", headers=dict(headers), callee=self._name)
        return self._greeting(request, timeout=timeout, metadata=headers)

    async def answer(self, call: "Call") -> greeting_pb2.GreetingResponse:
        """Wait for the answer to a call that was started.

        Raises:
            HopError: the call failed; with the status code of the callee, UNAVAILABLE where that cancelled the call.
        """
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise self._failure(error) from None

    def _failure(self, error: grpc.aio.AioRpcError) -> HopError:
        if error.code() is StatusCode.CANCELLED:  # not by us: a service that stops answers so
            return HopError(self._caller, self._name, StatusCode.UNAVAILABLE, "cancelled by the service")
        return HopError(self._caller, self._name, error.code(), error.details() or "")

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


class Fanout:
    """All services downstream of a service, called at once or one after the other."""

    def __init__(self, callees: Sequence[Callee], *, concurrent: bool) -> None:
        self._callees = callees
        self._groups = [callees] if concurrent else [[callee] for callee in callees]

    async def greetings(
        self, request: greeting_pb2.GreetingRequest, headers: Headers, deadline: Deadline
    ) -> list[greeting_pb2.Greeting]:
        """The greetings of all of them, in their order.

        Raises:
            HopError: a call failed; of several, the first in order. Calls that still run are cancelled.
        """
        answers = [await _together(group, request, headers, deadline) for group in self._groups]
        return [greeting for answer in answers for greeting in answer]

    async def close(self) -> None:
        """Close the channels."""
        for callee in self._callees:
            await callee.close()


async def _together(
    callees: Sequence[Callee], request: greeting_pb2.GreetingRequest, headers: Headers, deadline: Deadline
) -> list[greeting_pb2.Greeting]:
    calls: list[Call] = []
    try:
        calls.extend(callee.start(request, headers, deadline) for callee in callees)
        answers = [await callee.answer(call) for callee, call in zip(callees, calls, strict=True)]
    finally:
        for call in calls:
            call.cancel()
    return [greeting for answer in answers for greeting in answer.greeting]
