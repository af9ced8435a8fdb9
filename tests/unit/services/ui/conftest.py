"""What the tests of the user interface's server share: a built app, servers behind it, and the server itself."""

import asyncio
import re
import socket

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from refapp.services.ui.assets import Assets
from refapp.services.ui.backend import open_session
from refapp.services.ui.server import UI, listen, server_runner
from refapp.services.ui.settings import UISettings

FILES = {
    "index.html": "<!doctype html><title>App</title>" + "<p>A page</p>" * 20,
    "main-ABCD2345.js": "console.log('Namasté');" * 20,
    "styles-QWERTY23.css": "body{}",
    "favicon.png": "\x89PNG",
    "docs/index.html": "<!doctype html><title>Swagger UI</title>",
    "docs/swagger-ui-bundle.js": "const a = 1;" * 20,
}


@pytest.fixture
def dist(tmp_path):
    """The directory of a small app."""
    root = tmp_path / "dist"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


class Peer:
    """A server behind the UI: `answer` makes its answers; `requests` are those that came."""

    def __init__(self):
        self.requests = []
        self.answer = lambda _request: web.json_response({})

    def says(self, body, status=200, **headers):
        """Have it answer always the same: JSON, or bytes as they are."""
        if isinstance(body, bytes):
            self.answer = lambda _: web.Response(body=body, status=status, headers=headers)
        else:
            self.answer = lambda _: web.json_response(body, status=status, headers=headers)

    async def handle(self, request):
        self.requests.append(request)
        answer = self.answer(request)
        return await answer if asyncio.iscoroutine(answer) else answer


@pytest.fixture
async def peer():
    peer = Peer()
    runner = web.ServerRunner(web.Server(peer.handle, access_log=None, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    peer.url = f"http://{host}:{port}"
    yield peer
    await runner.cleanup()


@pytest.fixture
async def session():
    async with open_session() as session:
        yield session


class Running:
    """A UI that listens on loopback, and a client of it that leaves paths as they are."""

    def __init__(self, ui, runner):
        self.ui = ui
        self.runner = runner
        self.address = runner.addresses[0][:2]
        self.url = "http://{}:{}".format(*self.address)
        self.client = aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"])

    async def ask(self, path, *, method="GET", **kwargs):
        """The answer and its body."""
        url = URL(self.url + path, encoded=True)
        async with self.client.request(method, url, allow_redirects=False, **kwargs) as response:
            return response, await response.read()

    async def json(self, path, **kwargs):
        """The status and the JSON of the answer."""
        response, _ = await self.ask(path, **kwargs)
        return response.status, await response.json()

    async def raw(self, request):
        """The answer to these bytes, head and body."""
        reader, writer = await asyncio.open_connection(*self.address)
        writer.write(request)
        try:
            async with asyncio.timeout(30):
                head = await reader.readuntil(b"\r\n\r\n")
                return head + await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
        finally:
            writer.close()
            await writer.wait_closed()


@pytest.fixture
async def start_ui(dist, session):
    """Starts UIs."""
    started = []

    async def start_ui(*, bucket=None, grace=5.0, **environ):
        settings = UISettings.from_environ({"DIST": str(dist), "PORT": "127.0.0.1:0", **environ})
        ui = UI(settings, Assets.load(settings.dist), session, bucket)
        runner = server_runner(ui, grace)
        await listen(runner, settings.address)
        started.append(Running(ui, runner))
        return started[-1]

    yield start_ui
    for running in started:
        await running.client.close()
        await running.runner.cleanup()


@pytest.fixture
async def ui(start_ui):
    """A UI with neither Jaeger nor Prometheus behind it."""
    return await start_ui()


@pytest.fixture
def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
