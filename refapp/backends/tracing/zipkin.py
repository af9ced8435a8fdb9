"""Zipkin's API v2: reports of spans, and searches.

Sources: `zipkin-api.yaml` and `zipkin2-api.yaml` of Zipkin's API, and its server's README for the defaults.
"""

import asyncio
from collections.abc import Iterable

import orjson
from aiohttp import web

from refapp.backends.tracing import parameters
from refapp.backends.tracing.parameters import ParameterError
from refapp.backends.tracing.spans import SpanError, parse_batch, parse_id
from refapp.backends.tracing.store import Operation, Search, Store, Term
from refapp.backends.tracing.uploads import read_body

_DAY = 24 * 3600 * 1000
_LIMIT = 10
_SHOWN_ERRORS = 10


def routes(store: Store, autocomplete_keys: tuple[str, ...] = ()) -> list[web.RouteDef]:
    """The routes of the API; the keys are those of the tags whose values a search form may offer."""
    api = _Api(store, autocomplete_keys)
    return [
        web.post("/api/v2/spans", api.report),
        web.get("/api/v2/services", api.services),
        web.get("/api/v2/spans", api.span_names),
        web.get("/api/v2/remoteServices", api.remote_services),
        web.get("/api/v2/trace/{id}", api.trace),
        web.get("/api/v2/traceMany", api.trace_many),
        web.get("/api/v2/traces", api.traces),
        web.get("/api/v2/dependencies", api.dependencies),
        web.get("/api/v2/autocompleteKeys", api.autocomplete_keys),
        web.get("/api/v2/autocompleteValues", api.autocomplete_values),
    ]


def parse_annotation_query(text: str) -> tuple[Term, ...]:
    """Read Zipkin's `annotationQuery`: `error and http.method=GET` asks for both, `key` for a tag or an annotation."""
    parts = (part.strip().partition("=") for part in text.split(" and "))
    return tuple(Term(key, value if equals else None) for key, equals, value in parts if key)


class _Api:
    def __init__(self, store: Store, autocomplete_keys: tuple[str, ...]) -> None:
        self._store = store
        self._keys = autocomplete_keys

    async def report(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        try:
            batch = await asyncio.to_thread(parse_batch, body)
        except SpanError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        await asyncio.to_thread(self._store.add, batch.spans)
        if batch.errors:
            more = len(batch.errors) - _SHOWN_ERRORS
            lines = batch.errors[:_SHOWN_ERRORS] + ([f"and {more} more"] if more > 0 else [])
            kept = f"{len(batch.spans)} spans kept, {len(batch.errors)} refused"
            raise web.HTTPBadRequest(text="\n".join([kept, *lines]))
        return web.Response(status=202)

    async def services(self, _: web.Request) -> web.Response:
        operations = await self._operations()
        return _json(_names(operation.service for operation in operations))

    async def span_names(self, request: web.Request) -> web.Response:
        operations = await self._operations(_required(request, "serviceName"))
        return _json(_names(operation.name for operation in operations))

    async def remote_services(self, request: web.Request) -> web.Response:
        operations = await self._operations(_required(request, "serviceName"))
        return _json(_names(operation.remote for operation in operations))

    async def trace(self, request: web.Request) -> web.Response:
        trace_id = _trace_id(request.match_info["id"])
        bodies = await asyncio.to_thread(self._store.trace, trace_id)
        if not bodies:
            raise web.HTTPNotFound(text=f"{trace_id} not found")
        return _raw(_array(bodies))

    async def trace_many(self, request: web.Request) -> web.Response:
        ids = [_trace_id(text) for text in _required(request, "traceIds").split(",")]
        if len(ids) > parameters.MAX_LIMIT:
            raise web.HTTPBadRequest(text=f"traceIds has {len(ids)} ids: {parameters.MAX_LIMIT} are allowed")
        if len(set(ids)) < len(ids):
            raise web.HTTPBadRequest(text="traceIds has an id twice")
        traces = await asyncio.to_thread(lambda: [self._store.trace(trace_id) for trace_id in ids])
        return _raw(_array(_array(bodies) for bodies in traces if bodies))

    async def traces(self, request: web.Request) -> web.Response:
        try:
            search = _search(request)
        except ParameterError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        traces = await asyncio.to_thread(self._store.search, search)
        return _raw(_array(map(_array, traces)))

    async def dependencies(self, request: web.Request) -> web.Response:
        _required(request, "endTs")
        try:
            start, end = parameters.window(request.query, _DAY)
        except ParameterError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        links = await asyncio.to_thread(self._store.links, start, end)
        items = [{"parent": link.parent, "child": link.child, "callCount": link.calls} for link in links]
        errors = [{"errorCount": link.errors} if link.errors else {} for link in links]
        return _json([item | error for item, error in zip(items, errors, strict=True)])

    async def autocomplete_keys(self, _: web.Request) -> web.Response:
        return _json(list(self._keys))

    async def autocomplete_values(self, request: web.Request) -> web.Response:
        key = _required(request, "key")
        return _json(await asyncio.to_thread(self._store.tag_values, key) if key in self._keys else [])

    async def _operations(self, service: str = "") -> list[Operation]:
        return await asyncio.to_thread(self._store.operations, service)


def _search(request: web.Request) -> Search:
    query = request.query
    start, end = parameters.window(query, _DAY)
    shortest = parameters.whole(query, "minDuration", 0) or None
    longest = parameters.whole(query, "maxDuration", 0) or None
    if longest and not shortest:
        raise ParameterError("maxDuration needs minDuration beside it")
    parameters.check_range(shortest, longest)
    name, remote = (query.get(field, "") for field in ("spanName", "remoteServiceName"))
    return Search(
        service=query.get("serviceName", ""),
        # "all" is what Zipkin's own form sends when nothing is chosen
        name="" if name == "all" else name,
        remote="" if remote == "all" else remote,
        terms=parse_annotation_query(query.get("annotationQuery", "")),
        min_duration=shortest,
        max_duration=longest,
        start=start,
        end=end,
        limit=parameters.limit(query, _LIMIT),
    )


def _required(request: web.Request, name: str) -> str:
    value = request.query.get(name, "")
    if not value:
        raise web.HTTPBadRequest(text=f"{name} is missing")
    return value


def _trace_id(text: str) -> str:
    try:
        return parse_id(text, "traceId", longest=32)
    except SpanError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def _names(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name})


def _array(items: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _json(value: object) -> web.Response:
    return _raw(orjson.dumps(value))


def _raw(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")
