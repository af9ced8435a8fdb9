"""The user interface as a process: `python -m refapp.services.ui.server`; `settings` tells what it is told.

It serves the built app, `/config.json`, `/graph.json`, `/traces/ID` and `/healthz`, and takes `/logs`. The API and its
OpenAPI document are the gateway's, to which the ingress leads.
"""

import gc
import re
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import NamedTuple

import aiohttp
import orjson
from aiohttp import web

from refapp.services import logs, metrics
from refapp.services.headers import ids, propagated
from refapp.services.httpserver import GRACE_SECONDS, listen_at, runner_of, target
from refapp.services.lifecycle import background, run
from refapp.services.signals import stop_signal
from refapp.services.ui import policy, telemetry
from refapp.services.ui.answers import AnswerError, answer, answer_bytes, refused
from refapp.services.ui.assets import Assets, decoded
from refapp.services.ui.backend import Backend, open_session
from refapp.services.ui.clientlogs import ClientLogs
from refapp.services.ui.configuration import LOGS, configuration
from refapp.services.ui.graph import graph
from refapp.services.ui.ratelimit import TokenBucket
from refapp.services.ui.settings import UISettings
from refapp.services.ui.traces import find_trace

SHORTEST, WINDOW, LONGEST = 10, 60, 3600
"""The seconds over which a graph is made: at least, without being asked for others, and at most."""

log = logs.get_logger()

_LINGER_SECONDS = 1.0  # for which the rest of a refused body is read, so that the client reads the refusal
_READ = ("GET", "HEAD")
_DOCS = "/docs/"
_TRACES = "/traces/"
_REQUESTS = metrics.counter(
    "ui_requests", "Requests, by what they were for and the status of the answer.", "for", "code"
)
_SECONDS = metrics.histogram("ui_request_duration_seconds", "How long requests took.")
_FAILED = AnswerError(HTTPStatus.INTERNAL_SERVER_ERROR, "the user interface's server failed; its log says why")

_Handler = Callable[[web.BaseRequest, str], Awaitable[web.Response]]


class _Route(NamedTuple):
    """What answers a path: its name in the metrics, its methods, and the policy of its answers."""

    name: str
    handler: _Handler
    methods: tuple[str, ...] = _READ
    policy: str = policy.DATA


class UI:
    """Answers the browser's requests. `draining` makes the health check fail and every answer close its connection.

    Args:
        settings: of the process.
        assets: the files of the app.
        session: by which Jaeger and Prometheus are asked.
        bucket: which bounds the log entries, unless it is to be the usual one.
    """

    def __init__(
        self, settings: UISettings, assets: Assets, session: aiohttp.ClientSession, bucket: TokenBucket | None = None
    ) -> None:
        self.draining = False
        self._assets = assets
        self._namespace = settings.namespace
        self._configuration = orjson.dumps(configuration(settings))
        self._jaeger = Backend("Jaeger", settings.jaeger, session, seconds=settings.deadline)
        self._prometheus = Backend("Prometheus", settings.prometheus, session, seconds=settings.deadline)
        self._logs = ClientLogs(bucket, seconds=settings.deadline)
        self._app = _Route("app", self._file, policy=policy.page(settings.api_origin))
        self._docs = _Route("docs", self._file, policy=policy.documentation(settings.api_origin))
        self._nowhere = _Route("nowhere", self._nothing)
        self._routes = {
            "/healthz": _Route("health", self._health),
            "/config.json": _Route("config", self._config),
            "/graph.json": _Route("graph", self._graph),
            _DOCS.rstrip("/"): _Route("docs", self._to_docs),
            LOGS: _Route("logs", self._log, ("POST",)),
        }
        self._trace_route = _Route("traces", self._trace)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer a request; whatever becomes of it, the answer has the headers of its policy."""
        start = time.perf_counter()
        path = decoded(target(request).partition("?")[0])
        route = self._nowhere if path is None else self._route(path)
        response = await self._answer(request, route, path or "")
        response.headers.update(policy.HEADERS)
        response.headers["Content-Security-Policy"] = route.policy
        if self.draining or response.status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
            response.force_close()
        _REQUESTS.labels(route.name, response.status).inc()
        _SECONDS.observe(time.perf_counter() - start)
        return response

    def _route(self, path: str) -> _Route:
        if route := self._routes.get(path):
            return route
        if path.startswith(_TRACES):
            return self._trace_route
        return self._docs if path.startswith(_DOCS) else self._app

    async def _answer(self, request: web.BaseRequest, route: _Route, path: str) -> web.Response:
        try:
            _check_method(request.method, route.methods)
            return await route.handler(request, path)
        except AnswerError as error:
            failure = error
            why: dict[str, object] = {"detail": error.message}
        except Exception as error:  # noqa: BLE001 - the browser is owed an answer, the log the reason
            failure = _FAILED
            why = {"detail": _FAILED.message, "exc_info": error}
        if failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            about = ids(propagated(request.headers.items()))
            log.error("request failed", method=request.method, path=path, status=failure.status.value, **about, **why)
        return refused(failure)

    async def _file(self, request: web.BaseRequest, path: str) -> web.Response:
        asset = self._assets.find(path)
        if asset is None:
            raise AnswerError(HTTPStatus.NOT_FOUND, "there is no such file")
        return asset.answer(request.headers)

    async def _to_docs(self, _request: web.BaseRequest, _path: str) -> web.Response:
        return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": _DOCS})

    async def _nothing(self, _request: web.BaseRequest, _path: str) -> web.Response:
        raise AnswerError(HTTPStatus.BAD_REQUEST, "the path is broken")

    async def _health(self, _request: web.BaseRequest, _path: str) -> web.Response:
        if self.draining:
            return answer({"status": "NOT_SERVING"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return answer({"status": "SERVING"})

    async def _config(self, _request: web.BaseRequest, _path: str) -> web.Response:
        return answer_bytes(self._configuration)

    async def _log(self, request: web.BaseRequest, _path: str) -> web.Response:
        return await self._logs.post(request)

    async def _trace(self, _request: web.BaseRequest, path: str) -> web.Response:
        return answer_bytes(await find_trace(self._jaeger, path.removeprefix(_TRACES)))

    async def _graph(self, request: web.BaseRequest, _path: str) -> web.Response:
        window = _window(request)
        measured = await telemetry.ask(self._prometheus, self._namespace, window)
        return answer({"window": window, **graph(measured, self._namespace)})


async def serve(settings: UISettings) -> None:
    """Run the server until SIGTERM or SIGINT, then finish the requests that run.

    Raises:
        StartError: there is no app, or an address is taken.
    """
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        if settings.log_level_file:
            await stack.enter_async_context(background(logs.follow_level_file(settings.log_level_file)))
        assets = Assets.load(settings.dist)
        metrics.serve(settings.metrics_address)
        ui = UI(settings, assets, await stack.enter_async_context(open_session()))
        runner = server_runner(ui)
        stack.push_async_callback(runner.cleanup)
        await listen(runner, settings.address)
        gc.freeze()  # what is loaded stays: the garbage collector need not look at it again and again
        log.info("listening", addresses=[f"{host}:{port}" for host, port, *_ in runner.addresses], files=len(assets))
        await stop.wait()
        ui.draining = True
        log.info("draining")
    log.info("stopped")


def server_runner(ui: UI, grace: float = GRACE_SECONDS) -> web.ServerRunner:
    """The HTTP server of a UI. A client that goes away cancels what is done for it.

    Its `cleanup` stops it; requests that run have `grace` seconds to end.
    """
    return runner_of(ui.handle, grace, auto_decompress=False, lingering_time=_LINGER_SECONDS)


async def listen(runner: web.ServerRunner, address: tuple[str, int]) -> None:
    """Listen at an address; an empty host is every interface.

    Raises:
        StartError: the address is taken, or not one of this machine.
    """
    await runner.setup()
    await listen_at(runner, address)


def main() -> int:
    """Run the server that the environment describes, and return the exit code."""
    return run(UISettings.from_environ, serve)


def _check_method(method: str, allowed: tuple[str, ...]) -> None:
    if method not in allowed:
        allow = ", ".join(allowed)
        message = f"{method[:20]} is not allowed here, but {allow}"
        raise AnswerError(HTTPStatus.METHOD_NOT_ALLOWED, message, {"Allow": allow})


def _window(request: web.BaseRequest) -> int:
    query = request.rel_url.query
    text = query.get("window", str(WINDOW))
    known = set(query) <= {"window"} and len(query) <= 1
    if not (known and re.fullmatch(r"[1-9][0-9]{0,3}", text) and SHORTEST <= int(text) <= LONGEST):
        message = f"the graph takes window, a whole number of seconds from {SHORTEST} to {LONGEST}, and nothing else"
        raise AnswerError(HTTPStatus.BAD_REQUEST, message)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
