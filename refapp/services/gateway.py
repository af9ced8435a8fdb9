"""The gateway: HTTP and JSON outside, gRPC inside.

`python -m refapp.services.gateway` listens at PORT, and at PUBLIC_PORT if that is set, and calls the service at
SERVICE_A_URL. What it serves beside `/healthz` and `/openapi.json` comes from the `google.api.http` annotations of the
services that it is given.
"""

import gc
import sys
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from http import HTTPStatus
from importlib import resources
from typing import Any

import grpc
import orjson
from aiohttp import web
from google.protobuf.descriptor import ServiceDescriptor
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services import logs, metrics
from refapp.services.channels import open_channel
from refapp.services.headers import ids, propagated
from refapp.services.httpserver import GRACE_SECONDS, listen_at, runner_of, target
from refapp.services.lifecycle import background, run
from refapp.services.settings import GatewaySettings
from refapp.services.signals import stop_signal
from refapp.services.transcoding import CLIENT_CLOSED_REQUEST, Binding, Transcoder, TranscodingError, parse_timeout

MAX_BODY = 2**20
"""The longest request body, in bytes; longer ones are answered 413."""

log = logs.get_logger()

_SERVICES = tuple(greeting_pb2.DESCRIPTOR.services_by_name.values())
_OPENAPI = resources.files("refapp.pb.greeting.v3").joinpath("greeting.swagger.json").read_bytes()
# A label must not have as many values as clients can think of.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUESTS = metrics.counter("http_requests", "Requests to the API, by their method and status.", "method", "code")
_SECONDS = metrics.histogram("http_request_duration_seconds", "How long requests to the API took.")
_INTERNAL = TranscodingError(StatusCode.INTERNAL, "the gateway failed; its log says why")


class Gateway:
    """Answers HTTP requests by calls to the upstream service, over one channel that is kept open.

    Made, used and closed in one event loop. `requests` counts the API requests so far; `draining` makes the health
    check fail and every answer close its connection.
    """

    def __init__(self, settings: GatewaySettings, services: Iterable[ServiceDescriptor] = _SERVICES) -> None:
        self.requests = 0
        self.draining = False
        self._deadline = settings.deadline
        self._hop = f"{settings.slug} → {settings.upstream.name}"
        self._transcoder = Transcoder(services)
        self._channel = open_channel(settings.upstream.target)
        self._calls = {binding.rpc: self._multi_callable(binding) for binding in self._transcoder.bindings}
        self._pages = {"/healthz": self._health, "/openapi.json": self._openapi}

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer a request: a page of the gateway's own, or a call."""
        path, _, query = target(request).partition("?")
        page = self._pages.get(path) if request.method in ("GET", "HEAD") else None
        response = page() if page else await self._api(request, path, query)
        if self.draining:
            response.force_close()
        return response

    def _multi_callable(self, binding: Binding) -> grpc.aio.UnaryUnaryMultiCallable[Any, Any]:
        return self._channel.unary_unary(
            binding.rpc,
            request_serializer=binding.request_class.SerializeToString,
            response_deserializer=binding.response_class.FromString,
        )

    def _health(self) -> web.Response:
        body = {"status": "NOT_SERVING" if self.draining else "SERVING", "requests": self.requests}
        return _response(orjson.dumps(body), HTTPStatus.SERVICE_UNAVAILABLE if self.draining else HTTPStatus.OK)

    def _openapi(self) -> web.Response:
        return _response(_OPENAPI, HTTPStatus.OK)

    async def _api(self, request: web.BaseRequest, path: str, query: str) -> web.Response:
        self.requests += 1
        start = time.perf_counter()
        metadata = propagated(request.headers.items())
        status: int = CLIENT_CLOSED_REQUEST
        why: dict[str, object] = {}
        try:
            response = await self._transcode(request, path, query, metadata)
            status = response.status
        except TranscodingError as error:
            response, status = _failed(error), error.status
            why = {"detail": error.message}
        except Exception as error:  # noqa: BLE001 - the caller is owed an answer, the log the reason
            response, status = _failed(_INTERNAL), _INTERNAL.status
            why = {"detail": _INTERNAL.message, "exc_info": error}
        finally:
            values = _values(request.method, path, status, start, metadata)
            _REQUESTS.labels(method=request.method if request.method in _METHODS else "other", code=status).inc()
            _SECONDS.observe(time.perf_counter() - start)
            if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                log.info("request served", **values)
            else:
                log.error("request failed", **values, **why)
        return response

    async def _transcode(
        self, request: web.BaseRequest, path: str, query: str, metadata: tuple[tuple[str, str], ...]
    ) -> web.Response:
        if log.is_enabled("debug"):
            log.debug("headersIn", headers={name.lower(): value for name, value in request.headers.items()})
            log.debug("headersOut", headers=dict(metadata))
        timeout = parse_timeout(request.headers.get("Grpc-Timeout", "0S")) or self._deadline
        body = await _read(request) if request.body_exists else b""
        binding, message = self._transcoder.call(request.method, path, query, body)
        try:
            answer = await self._calls[binding.rpc](message, timeout=timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise self._failure(error) from None
        return _response(binding.response(answer), HTTPStatus.OK)

    def _failure(self, error: grpc.aio.AioRpcError) -> TranscodingError:
        """The failure of a call as the caller sees it.

        A message about the request is passed on as it is; one about the platform names the hop.
        """
        failure = TranscodingError(error.code(), error.details() or "")
        if failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return TranscodingError(failure.code, f"{self._hop}: {failure.message}")
        return failure


async def serve(settings: GatewaySettings) -> None:
    """Run the gateway until SIGTERM or SIGINT, then finish the requests that run.

    Raises:
        StartError: an address is taken.
    """
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        if settings.log_level_file:
            await stack.enter_async_context(background(logs.follow_level_file(settings.log_level_file)))
        metrics.serve(settings.metrics_address)
        gateway = Gateway(settings)
        stack.push_async_callback(gateway.close)
        runner = server_runner(gateway)
        stack.push_async_callback(runner.cleanup)
        await listen(runner, settings)
        gc.freeze()  # what is loaded stays: the garbage collector need not look at it again and again
        log.info("listening", addresses=[f"{host}:{port}" for host, port, *_ in runner.addresses])
        await stop.wait()
        gateway.draining = True
        log.info("draining", requests=gateway.requests)
    log.info("stopped")


def server_runner(gateway: Gateway, grace: float = GRACE_SECONDS) -> web.ServerRunner:
    """The HTTP server of a gateway. A client that goes away cancels its call.

    Its `cleanup` stops it; requests that run have `grace` seconds to end.
    """
    return runner_of(gateway.handle, grace)


async def listen(runner: web.ServerRunner, settings: GatewaySettings) -> None:
    """Listen at the gateway's own address, and at the public one that replicas share.

    Raises:
        StartError: an address is taken, or not one of this machine.
    """
    await runner.setup()
    for address, shared in ((settings.address, False), (settings.public_address, True)):
        if address is not None:
            await listen_at(runner, address, shared=shared)


def main() -> int:
    """Run the gateway that the environment describes, and return the exit code."""
    return run(GatewaySettings.from_environ, serve)


async def _read(request: web.BaseRequest) -> bytes:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        message = f"the body is longer than {MAX_BODY} bytes"
        raise TranscodingError(StatusCode.RESOURCE_EXHAUSTED, message, status=status) from None
    except web.RequestPayloadError as error:
        raise TranscodingError(StatusCode.INVALID_ARGUMENT, f"the body cannot be read: {error}") from None


def _response(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})


def _failed(error: TranscodingError) -> web.Response:
    response = _response(error.body, error.status)
    if error.allow:
        response.headers["Allow"] = ", ".join(error.allow)
    return response


def _values(
    method: str, path: str, status: int, start: float, metadata: tuple[tuple[str, str], ...]
) -> dict[str, object]:
    duration = round((time.perf_counter() - start) * 1000, 3)
    return {"method": method, "path": path, "status": status, "duration_ms": duration, **ids(metadata)}


if __name__ == "__main__":
    sys.exit(main())
