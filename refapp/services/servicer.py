"""Answers requests for greetings."""

import asyncio
import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

import grpc.aio
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services import metrics
from refapp.services.downstream import Fanout
from refapp.services.headers import Headers, ids, propagated
from refapp.services.hops import Deadline, HopError, reason
from refapp.services.logs import get_logger
from refapp.services.roles import Role
from refapp.services.settings import Settings

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[greeting_pb2.GreetingRequest, greeting_pb2.GreetingResponse]


# Kept of the caller's time for the way back, so that it learns which hop was too slow, and not only that one was.
_ANSWER_SECONDS = 0.02
_ANSWER_SHARE = 0.05

_METHOD = greeting_pb2.DESCRIPTOR.services_by_name["GreetingService"].methods_by_name["Greeting"]
_LABELS = {"grpc_type": "unary", "grpc_service": _METHOD.containing_service.full_name, "grpc_method": _METHOD.name}
_HANDLED = metrics.counter("grpc_server_handled", "RPCs completed, by their status.", *_LABELS, "grpc_code")
_SECONDS = metrics.histogram("grpc_server_handling_seconds", "How long RPCs took, in the server.", *_LABELS).labels(
    **_LABELS
)
_HANDLED.labels(**_LABELS, grpc_code=metrics.code_name(StatusCode.OK))  # told as 0 before the first

log = get_logger()


class GreetingService(greeting_pb2_grpc.GreetingServiceServicer):
    """Answers requests. They share nothing but settings and connections."""

    def __init__(self, settings: Settings, role: Role, fanout: Fanout) -> None:
        self._settings = settings
        self._fanout = fanout
        self._role = role

    async def Greeting(  # noqa: N802 - the name in the proto
        self, request: greeting_pb2.GreetingRequest, context: "Context"
    ) -> greeting_pb2.GreetingResponse:
        """Greet, and ask each service downstream to do the same."""
        start = time.perf_counter()
        metadata = context.invocation_metadata() or ()
        headers = propagated(metadata)
        if log.is_enabled("debug"):
            log.debug("headersIn", headers=dict(metadata))
        try:
            response = await self._greet(request.greeting, headers, self._deadline(context))
        except HopError as error:
            self._failed(error.hop, error.code, error.detail, headers, start)
            await context.abort(error.code, str(error))
        except asyncio.CancelledError:
            self._failed(self._settings.slug, StatusCode.CANCELLED, "the caller did not wait", headers, start)
            raise
        except Exception as error:  # noqa: BLE001 - no request ends the process
            self._failed(self._settings.slug, StatusCode.INTERNAL, reason(error), headers, start, error)
            await context.abort(StatusCode.INTERNAL, f"{self._settings.slug}: {reason(error)}")
        log.info("greeting served", greetings=len(response.greeting), **_values(headers, start))
        _count(StatusCode.OK, start)
        return response

    async def _greet(
        self, sent: greeting_pb2.Greeting, headers: Headers, deadline: Deadline
    ) -> greeting_pb2.GreetingResponse:
        own = self._greeting()
        await self._role.work(sent, own, headers, deadline)
        greetings = await self._fanout.greetings(greeting_pb2.GreetingRequest(greeting=own), headers, deadline)
        return greeting_pb2.GreetingResponse(greeting=(own, *greetings))

    def _greeting(self) -> greeting_pb2.Greeting:
        return greeting_pb2.Greeting(
            id=str(uuid.uuid4()),
            service=self._settings.service_name,
            message=self._settings.greeting,
            created=datetime.now().astimezone().isoformat(timespec="microseconds"),
            hostname=self._settings.pod,
        )

    def _deadline(self, context: "Context") -> Deadline:
        remaining: float | None = context.time_remaining()  # None where the caller set no deadline
        if remaining is None:
            return Deadline(self._settings.deadline)
        return Deadline(remaining - min(_ANSWER_SECONDS, remaining * _ANSWER_SHARE))

    def _failed(
        self, hop: str, code: StatusCode, detail: str, headers: Headers, start: float, error: Exception | None = None
    ) -> None:
        _count(code, start)
        log.error("greeting failed", hop=hop, code=code.name, detail=detail, **_values(headers, start), exc_info=error)


def _count(code: StatusCode, start: float) -> None:
    _HANDLED.labels(**_LABELS, grpc_code=metrics.code_name(code)).inc()
    _SECONDS.observe(time.perf_counter() - start)


def _values(headers: Headers, start: float) -> dict[str, object]:
    duration = round((time.perf_counter() - start) * 1000, 3)
    return {"duration_ms": duration} | ids(headers)
