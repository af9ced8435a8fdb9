"""The endpoint as a WSGI application: the operations of this package first, moto for the rest."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import orjson

from refapp.backends.cloudwatch.endpoint import subscriptions
from refapp.backends.cloudwatch.endpoint.answers import StartResponse, answer, json_answer, refusal
from refapp.backends.cloudwatch.endpoint.calls import Call, Environ, Protocol, UnsignedError, read_json, unpack
from refapp.backends.cloudwatch.endpoint.emulation import Emulation, UnknownOperation
from refapp.backends.cloudwatch.endpoint.eventstream import CONTENT_TYPE, Frames
from refapp.backends.cloudwatch.errors import ServiceError, ServiceUnavailable
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs import tags
from refapp.backends.cloudwatch.logs.catalogue import CatalogueError
from refapp.backends.cloudwatch.logs.livetail import Tails
from refapp.backends.cloudwatch.logs.operations import OPERATIONS, run
from refapp.backends.cloudwatch.logs.regions import Region, Regions

LOGS: Final = "Logs_20140328."
"""What the target of an operation of the Logs API begins with."""

NO_EXPORTS: Final = frozenset({"CreateExportTask", "CancelExportTask", "DescribeExportTasks"})
"""Operations that moto would answer as if it had exported events, which it does not have."""

_TAGS = frozenset({"TagResource", "UntagResource", "ListTagsForResource"})
_LIVE_TAIL = "StartLiveTail"
_SUBSCRIBE = "PutSubscriptionFilter"

_log = logging.getLogger(__name__)


class FailureError(ServiceError):
    """This package failed: a defect."""

    code = "InternalFailure"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class Endpoint:
    """The application; safe to be used by many threads."""

    def __init__(self, regions: Regions, tails: Tails, emulation: Emulation) -> None:
        self._regions, self._tails, self._emulation = regions, tails, emulation

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"] == "/health":
            return self._health(start)
        try:
            call = Call.read(environ)
        except UnsignedError as error:
            return refusal(start, error, Protocol.REST_JSON)
        try:
            if call.protocol is not Protocol.REST_XML:  # there, what is packed is an object, and stays it
                unpack(environ)
            if call.target.startswith(LOGS):
                return self._logs(call, environ, start)
        except ServiceError as error:
            return refusal(start, error, call.protocol, call.service)
        except Exception as error:  # noqa: BLE001 - the client is told, in a form that it can read
            _log.exception("%s failed", call.operation)
            return refusal(start, FailureError(f"{type(error).__name__}: {error}"), call.protocol)
        return self._emulation.answer(call, environ, start)

    def _health(self, start: StartResponse) -> list[bytes]:
        groups = sum(len(region.catalogue.groups()) for region in self._regions.opened())
        body = orjson.dumps({"status": "UP", "logGroups": groups})
        return answer(start, HTTPStatus.OK, body, Protocol.REST_JSON.value)

    def _region(self, name: str) -> Region:
        try:
            return self._regions.get(name)
        except (OSError, CatalogueError, StoreError) as error:
            raise ServiceUnavailable(f"The region {name} cannot be opened now: {error}") from None

    def _logs(self, call: Call, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        name = call.operation
        request = read_json(environ)
        if name == _LIVE_TAIL:
            messages = self._tails.start(self._region(call.region), request)
            start(f"{HTTPStatus.OK.value} OK", [("Content-Type", CONTENT_TYPE)])
            return Frames(messages)
        if name in OPERATIONS and (name not in _TAGS or tags.of_group(request)):
            return json_answer(start, run(self._region(call.region), name, request))
        if name in NO_EXPORTS:
            raise UnknownOperation(f"This endpoint does not know {name} of the service {call.service}.")
        if name == _SUBSCRIBE:
            subscriptions.check(request)
        environ["wsgi.input"].seek(0)
        return self._emulation.answer(call, environ, start)
