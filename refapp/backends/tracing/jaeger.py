"""Jaeger's query API: the JSON that its user interface reads.

Source: Jaeger's query service, `http_handler.go` and `query_parser.go` for the parameters, `model/json/model.go` for
the shape of the answers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from aiohttp import web

from refapp.backends.tracing import parameters
from refapp.backends.tracing.otlp import LINK_TAG
from refapp.backends.tracing.parameters import ParameterError
from refapp.backends.tracing.spans import Endpoint, Span, SpanError, load_span, parse_id
from refapp.backends.tracing.store import Operation, Search, Store, Term

_LIMIT = 100
_LOOKBACK = 2 * 24 * 3600 * 10**6  # microseconds
_DEPENDENCIES = 24 * 3600 * 1000  # milliseconds
# Whole numbers that Zipkin's form of a span, which has text alone, cannot tell.
_NUMBERS = frozenset(
    {
        "http.status_code",
        "http.response.status_code",
        "grpc.status_code",
        "rpc.grpc.status_code",
        "net.peer.port",
        "server.port",
        "request_size",
        "response_size",
    }
)
_DIGITS = 18


def routes(store: Store) -> list[web.RouteDef]:
    """The routes of the API."""
    api = _Api(store)
    handlers: dict[str, Callable[[web.Request], Awaitable[list[Any]]]] = {
        "/api/services": api.services,
        "/api/operations": api.operations,
        "/api/services/{service}/operations": api.operation_names,
        "/api/traces": api.search,
        "/api/traces/{id}": api.trace,
        "/api/dependencies": api.dependencies,
    }
    return [web.get(path, _answering(handler)) for path, handler in handlers.items()]


class _Api:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def services(self, _: web.Request) -> list[str]:
        return sorted({operation.service for operation in await self._operations() if operation.service})

    async def operations(self, request: web.Request) -> list[dict[str, str]]:
        kind = request.query.get("spanKind", "")
        found = {(item.name, item.kind.lower()) for item in await self._operations(_service(request.query))}
        return [{"name": name, "spanKind": has} for name, has in sorted(found) if kind in {"", has}]

    async def operation_names(self, request: web.Request) -> list[str]:
        return sorted({operation.name for operation in await self._operations(request.match_info["service"])})

    async def search(self, request: web.Request) -> list[dict[str, Any]]:
        ids = [_trace_id(text) for text in request.query.getall("traceID", [])]
        if ids:
            traces = await asyncio.to_thread(lambda: [self._store.trace(trace_id) for trace_id in ids[:_LIMIT]])
        else:
            traces = await asyncio.to_thread(self._store.search, _search(request))
        return await asyncio.to_thread(lambda: [trace_json(map(load_span, bodies)) for bodies in traces if bodies])

    async def trace(self, request: web.Request) -> list[dict[str, Any]]:
        bodies = await asyncio.to_thread(self._store.trace, _trace_id(request.match_info["id"]))
        if not bodies:
            raise web.HTTPNotFound(text="trace not found")
        return [trace_json(map(load_span, bodies))]

    async def dependencies(self, request: web.Request) -> list[dict[str, str | int]]:
        start, end = parameters.window(request.query, _DEPENDENCIES)
        service = request.query.get("service", "")
        links = await asyncio.to_thread(self._store.links, start, end)
        return [
            {"parent": link.parent, "child": link.child, "callCount": link.calls}
            for link in links
            if service in {"", link.parent, link.child}
        ]

    async def _operations(self, service: str = "") -> list[Operation]:
        return await asyncio.to_thread(self._store.operations, service)


def trace_json(spans: Iterable[Span]) -> dict[str, Any]:
    """The spans of one trace in Jaeger's form; a process stands for all spans of one local endpoint."""
    processes: dict[Endpoint, str] = {}
    items = []
    trace_id = ""
    for span in spans:
        trace_id = span.trace_id
        process = processes.setdefault(span.local, f"p{len(processes) + 1}")
        items.append(_span_json(span, process))
    named = {process: _process_json(endpoint) for endpoint, process in processes.items()}
    return {"traceID": trace_id, "spans": items, "processes": named, "warnings": None}


def _span_json(span: Span, process: str) -> dict[str, Any]:
    kind = {"span.kind": span.kind.lower()} if span.kind else {}
    remote = {"peer.service": span.remote.service} if span.remote.service else {}
    shown = {key: value for key, value in span.tags.items() if not key.startswith(LINK_TAG)}
    return {
        "traceID": span.trace_id,
        "spanID": span.span_id,
        "flags": 3 if span.debug else 1,
        "operationName": span.name,
        "references": list(_references(span)),
        "startTime": span.timestamp,
        "duration": span.duration,
        "tags": [_tag(key, value) for key, value in (remote | shown | kind).items()],
        "logs": [{"timestamp": at, "fields": [_tag("event", value)]} for at, value in span.annotations],
        "processID": process,
        "warnings": None,
    }


def _references(span: Span) -> Iterable[dict[str, str]]:
    # Both sides of a shared span have one id; the parent of either is what it says.
    if span.parent_id:
        yield {"refType": "CHILD_OF", "traceID": span.trace_id, "spanID": span.parent_id}
    for key, value in span.tags.items():
        trace_id, _, rest = value.partition("|")
        if key.startswith(LINK_TAG) and rest:
            yield {"refType": "FOLLOWS_FROM", "traceID": trace_id, "spanID": rest.partition("|")[0]}


def _process_json(endpoint: Endpoint) -> dict[str, Any]:
    fields = (("ip", endpoint.ipv4 or endpoint.ipv6), ("port", str(endpoint.port or "")))
    tags = [{"key": key, "type": "string", "value": value} for key, value in fields if value]
    return {"serviceName": endpoint.service, "tags": tags}


def _tag(key: str, value: str) -> dict[str, Any]:
    if key == "error" and value in {"true", "false"}:
        return {"key": key, "type": "bool", "value": value == "true"}
    if key in _NUMBERS and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return {"key": key, "type": "int64", "value": int(value)}
    return {"key": key, "type": "string", "value": value}


def _search(request: web.Request) -> Search:
    query = request.query
    now = time.time_ns() // 1000
    shortest, longest = (parameters.duration(query, name) for name in ("minDuration", "maxDuration"))
    # A maximum of 0 is none, as in Jaeger.
    parameters.check_range(shortest, longest or None)
    tags = _tags(query.getall("tag", []), query.getall("tags", []))
    kind = tags.pop("span.kind", "")
    return Search(
        service=_service(query),
        name=query.get("operation", ""),
        kind=kind.upper(),
        terms=tuple(_term(key, value) for key, value in tags.items()),
        min_duration=shortest,
        max_duration=longest or None,
        start=parameters.whole(query, "start", now - _LOOKBACK),
        end=parameters.whole(query, "end", now),
        limit=parameters.limit(query, _LIMIT),
    )


def _term(key: str, value: str) -> Term:
    # In Zipkin's form of a span the tag holds what went wrong, and its presence tells that something did.
    return Term(key, None if (key, value) == ("error", "true") else value)


def _tags(pairs: Iterable[str], objects: Iterable[str]) -> dict[str, str]:
    tags = {}
    for pair in pairs:
        key, colon, value = pair.partition(":")
        if not colon:
            raise ParameterError(f"tag is {pair!r:.80}: it must be key:value")
        tags[key] = value
    for text in objects:
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ParameterError(f"tags is not JSON: {error}") from None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ParameterError('tags must be an object of texts, such as {"http.status_code": "500"}')
        tags.update(found)
    return tags


def _service(query: Mapping[str, str]) -> str:
    if not query.get("service"):
        raise ParameterError("parameter 'service' is required")
    return query["service"]


def _trace_id(text: str) -> str:
    try:
        return parse_id(text, "traceID", longest=32)
    except SpanError as error:
        raise ParameterError(str(error)) from None


def _answering(
    handler: Callable[[web.Request], Awaitable[list[Any]]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Wrap what a handler returns, or why it cannot, in Jaeger's envelope."""

    async def answer(request: web.Request) -> web.Response:
        try:
            data = await handler(request)
        except ParameterError as error:
            return _envelope(None, 0, 400, str(error))
        except web.HTTPNotFound as error:
            return _envelope(None, 0, 404, error.text or "")
        return _envelope(data, len(data), 200, "")

    return answer


def _envelope(data: list[Any] | None, total: int, status: int, message: str) -> web.Response:
    errors = [{"code": status, "msg": message}] if message else None
    body = orjson.dumps({"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors})
    return web.Response(body=body, status=status, content_type="application/json")
