"""What the tests of traces share: makers of spans and traces, a collector, and a server that says what it is told."""

import asyncio
import json
import socket
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web
from hypothesis import strategies as st

from refapp.backends.tracing.server import runner
from refapp.backends.tracing.store import Store
from refapp.query.tracing.spans import Span, Trace

START = 1_700_000_000_000_000  # microseconds
KINDS = ["", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"]


def make_span(span_id, parent_id="", start=0, duration=10, **fields):
    defaults = {"trace_id": "t", "service": "one.dev", "operation": "get"}
    return Span(span_id=span_id, parent_id=parent_id, start=START + start, duration=duration, **(defaults | fields))


def make_trace(*spans):
    return Trace("t", spans)


@st.composite
def traces(draw):
    """Traces in which anything may be anybody's parent."""
    count = draw(st.integers(1, 9))
    ids = [str(number) for number in range(count)]
    moments = st.integers(0, 40)
    return Trace(
        "t",
        tuple(
            make_span(
                span_id,
                draw(st.sampled_from(["", "elsewhere", *ids])),
                draw(moments),
                draw(moments),
                service=draw(st.sampled_from(["one.dev", "two.dev"])),
                kind=draw(st.sampled_from(KINDS)),
            )
            for span_id in ids
        ),
    )


class Collector:
    """A collector that runs, and how to send it spans in Zipkin's JSON."""

    def __init__(self, url):
        self.url = url

    def report(self, *items):
        assert httpx.post(f"{self.url}/api/v2/spans", json=list(items)).status_code == 202


@contextmanager
def running(store):
    loop, listener = asyncio.new_event_loop(), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = runner(store)

    async def begin():
        await server.setup()
        await web.SockSite(server, listener).start()

    try:
        asyncio.run_coroutine_threadsafe(begin(), loop).result()
        yield Collector(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        asyncio.run_coroutine_threadsafe(server.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Scripted(ThreadingHTTPServer):
    """A server that gives the answers it was told, each path's in their order and its last for ever."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked = []
        self._answers = defaultdict(list)

    def answer(self, path, body, status=200):
        """Answer with a text as it is, and with anything else as JSON."""
        self._answers[path].append((status, body if isinstance(body, str) else json.dumps(body)))

    def next(self, path):
        answers = self._answers.get(path, [(404, "404 page not found")])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, {key: value for key, (value,) in parse_qs(parts.query).items()}))
        status, body = self.server.next(parts.path)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def start():
    """The time at which traces begin: microseconds since 1970."""
    return START


@pytest.fixture(scope="session")
def span():
    """A maker of spans: id, parent, start since that of the trace, duration."""
    return make_span


@pytest.fixture(scope="session")
def trace():
    """A maker of traces."""
    return make_trace


@pytest.fixture(scope="session")
def any_trace():
    """All kinds of traces, as a Hypothesis strategy."""
    return traces()


@pytest.fixture
def collector(tmp_path):
    with Store(tmp_path / "traces.db", 10_000) as store, running(store) as found:
        yield found


@pytest.fixture
def scripted():
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
