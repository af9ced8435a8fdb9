"""What the tests of the tracing backend share: a store, a collector on loopback, and spans."""

import json
import socket
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from hypothesis import strategies as st

from refapp.backends.tracing.server import runner
from refapp.backends.tracing.spans import parse_span
from refapp.backends.tracing.store import Store

START = 1_700_000_000_000_000  # microseconds

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
NUMBERS = st.integers(1, 2**63 - 1)
ENDPOINTS = st.fixed_dictionaries(
    {"serviceName": TEXT},
    optional={
        "ipv4": st.ip_addresses(v=4).map(str),
        "ipv6": st.ip_addresses(v=6).map(str),
        "port": st.integers(1, 65535),
    },
)
SPAN_IDS = st.integers(1, 2**64 - 1).map("{:016x}".format)
ZIPKIN_SPANS = st.fixed_dictionaries(
    {"traceId": st.integers(2**64, 2**128 - 1).map("{:032x}".format) | SPAN_IDS, "id": SPAN_IDS},
    optional={
        "name": TEXT,
        "kind": st.sampled_from(["CLIENT", "SERVER", "PRODUCER", "CONSUMER"]),
        "timestamp": NUMBERS,
        "duration": NUMBERS,
        "localEndpoint": ENDPOINTS,
        "remoteEndpoint": ENDPOINTS,
        "tags": st.dictionaries(TEXT, TEXT, min_size=1, max_size=3),
        "annotations": st.lists(st.fixed_dictionaries({"timestamp": NUMBERS, "value": TEXT}), min_size=1, max_size=2),
        "shared": st.just(value=True),
        "debug": st.just(value=True),
    },
)


def make_item(trace="1", span="1", service="service-a", **fields):
    item = {"traceId": trace.zfill(32), "id": span.zfill(16), "timestamp": START, "duration": 1000}
    if "remote" in fields:
        item["remoteEndpoint"] = {"serviceName": fields.pop("remote")}
    if "parent" in fields:
        item["parentId"] = fields.pop("parent").zfill(16)
    return item | {"localEndpoint": {"serviceName": service}} | fields


class Collector:
    """A collector that listens on loopback, and a client of it."""

    def __init__(self, store, session, url):
        self.store, self.session, self.url = store, session, url

    async def get(self, path, **params):
        async with self.session.get(self.url + path, params=params) as response:
            body = await response.read()
            return response.status, json.loads(body) if response.content_type == "application/json" else body.decode()

    async def post(self, path, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        async with self.session.post(self.url + path, data=data, headers=headers) as response:
            return response.status, await response.read()

    async def report(self, *items):
        status, answer = await self.post("/api/v2/spans", list(items))
        assert (status, answer) == (202, b"")


@asynccontextmanager
async def _running(store, keys=()):
    server = runner(store, keys)
    await server.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(server, listener).start()
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield Collector(store, session, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        await server.cleanup()


@pytest.fixture(scope="session")
def start():
    """The time at which the spans of the tests begin, unless they say otherwise: microseconds since 1970."""
    return START


@pytest.fixture(scope="session")
def item():
    """A maker of spans in Zipkin's JSON."""
    return make_item


@pytest.fixture(scope="session")
def span():
    """A maker of spans."""
    return lambda *args, **fields: parse_span(make_item(*args, **fields))


@pytest.fixture(scope="session")
def zipkin_spans():
    """All kinds of spans in Zipkin's JSON, as a Hypothesis strategy."""
    return ZIPKIN_SPANS


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "traces.db", 10_000) as opened:
        yield opened


@pytest.fixture
async def collector(store):
    async with _running(store, ("http.method",)) as running:
        yield running
