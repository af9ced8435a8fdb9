"""The trace collector as a process: `python -m refapp.backends.tracing.server`.

Its environment: PORT (`127.0.0.1:9411`), STORE (the path of the file, `traces.db`), MAX_SPANS (1000000) and
AUTOCOMPLETE_KEYS (keys of tags, with commas between; none).
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aiohttp import web

from refapp.backends.process import SHUTDOWN, listen, run
from refapp.backends.tracing import jaeger, otlp, zipkin
from refapp.backends.tracing.spans import SpanError
from refapp.backends.tracing.store import Store, StoreError
from refapp.backends.tracing.uploads import read_body
from refapp.services.settings import listen_address, whole_number
from refapp.services.signals import stop_signal

_JSON = "application/json"
_PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True, kw_only=True)
class CollectorSettings:
    """What the collector is told by its environment."""

    address: tuple[str, int]
    store: Path
    max_spans: int
    autocomplete_keys: tuple[str, ...] = ()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:9411"),
            store=Path(environ.get("STORE") or "traces.db"),
            max_spans=whole_number("MAX_SPANS", environ.get("MAX_SPANS") or "1000000", digits=12),
            autocomplete_keys=tuple(filter(None, environ.get("AUTOCOMPLETE_KEYS", "").split(","))),
        )


def application(store: Store, autocomplete_keys: tuple[str, ...] = ()) -> web.Application:
    """The collector with all its APIs: Zipkin's, Jaeger's, OTLP/HTTP, and `/health`."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "UP", "spans": len(store)})

    async def export(request: web.Request) -> web.Response:
        return await _export(request, store)

    app = web.Application()
    app.add_routes([*zipkin.routes(store, autocomplete_keys), *jaeger.routes(store)])
    app.add_routes([web.get("/health", health), web.post("/v1/traces", export)])
    return app


def runner(store: Store, autocomplete_keys: tuple[str, ...] = ()) -> web.AppRunner:
    """A server of the application, not yet listening."""
    app = application(store, autocomplete_keys)
    return web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=SHUTDOWN)


async def serve(settings: CollectorSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StoreError: the file cannot be opened.
        OSError: the address cannot be had.
    """
    stop = stop_signal()
    with Store(settings.store, settings.max_spans) as store:
        await listen(runner(store, settings.autocomplete_keys), settings.address, stop)


def main() -> int:
    """Run the collector that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    return run(lambda: serve(CollectorSettings.from_environ(os.environ)), StoreError)


async def _export(request: web.Request, store: Store) -> web.Response:
    """OTLP/HTTP: 200 even if some spans were rejected, which the answer then counts; 400 when all of them were."""
    parsers = {_JSON: otlp.parse_json, _PROTOBUF: otlp.parse_protobuf}
    parse = parsers.get(request.content_type)
    if parse is None:
        raise web.HTTPUnsupportedMediaType(
            text=f"Content-Type is {request.content_type!r}: send {' or '.join(parsers)}"
        )
    body = await read_body(request)
    try:
        batch = await asyncio.to_thread(parse, body)
    except SpanError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    await asyncio.to_thread(store.add, batch.spans)
    answer = otlp.response(batch)
    status = 400 if batch.errors and not batch.spans else 200
    if request.content_type == _PROTOBUF:
        return web.Response(body=answer.SerializeToString(), status=status, content_type=_PROTOBUF)
    return web.Response(text=otlp.response_json(answer), status=status, content_type=_JSON)


if __name__ == "__main__":
    sys.exit(main())
