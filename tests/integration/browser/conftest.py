"""A browser that looks at the user interface of the session's platform; below `played`, at one that is played."""

import asyncio
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright import sync_api

from refapp.exercise.browser import executable
from refapp.services.ui import server

AXE = Path(server.__file__).with_name("app") / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 30_000  # milliseconds


class Loop:
    """An event loop in a thread, for the servers of the session."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def serving(self, handle):
        """The origin at which a handler answers."""

        async def start():
            runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return runner

        runner = self.run(start())
        yield "http://{}:{}".format(*runner.addresses[0][:2])
        self.run(runner.cleanup())


@pytest.fixture(scope="session")
def servers():
    """Where the servers of the session run."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def site(platform):
    """The origin of the site to look at."""
    return platform.urls["ui"].rstrip("/")


@pytest.fixture(scope="module")
def browser():
    """Chromium, which can resolve no names: nothing that it does leaves the machine.

    Not for the session: while it runs, playwright's event loop is in the way of those of other tests.
    """
    args = ["--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=executable(), args=args)
        yield browser
        browser.close()


class Tab:
    """A tab that remembers what it asked for, and what it said on its console."""

    def __init__(self, context, site):
        self.site = site
        self.requests = []
        self.console = []
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._asks)
        self.page.on("console", lambda message: self.console.append((message.type, message.text)))
        self.page.on("pageerror", lambda error: self.console.append(("exception", str(error))))

    def _asks(self, request):  # playwright keeps a mark on its handlers, which built-in methods have no place for
        self.requests.append(request)

    def open(self, path="/"):
        """Go to a path of the site."""
        return self.page.goto(self.site + path)

    def configured(self, **changes):
        """Let the app find other values in its configuration."""

        def change(route):
            answer = route.fetch()
            route.fulfill(response=answer, json=answer.json() | changes)

        self.page.route("**/config.json", change)

    def answers(self, path, **answer):
        """Let the browser find this answer at a path of the site."""
        self.page.route(f"{self.site}{path}", lambda route: route.fulfill(**answer))

    def button(self, name):
        return self.page.get_by_role("button", name=name)

    def ask(self):
        """Ask for greetings, and wait for what becomes of it."""
        self.button("Ask for greetings").click()
        self.page.locator("h2#answer").wait_for()

    def try_out(self):
        """Have Swagger UI ask for greetings; gives the answer, and where it is shown."""
        self.open()
        self.page.get_by_role("link", name="API").click()
        self.page.wait_for_url("**/docs/")
        operation = self.page.locator(".opblock", has_text="/api/greeting").first
        operation.locator(".opblock-summary-control").click()
        self.button("Try it out").click()
        with self.page.expect_response("**/api/greeting*") as answer:
            self.button("Execute").click()
        return answer.value, operation.locator(".live-responses-table")

    def asked(self, path):
        """The requests for a path so far."""
        return [request for request in self.requests if urlsplit(request.url).path == path]

    def said(self, *kinds):
        """What the console has of these kinds."""
        return [text for kind, text in self.console if kind in kinds]

    @property
    def errors(self):
        """What the console has of errors and warnings, and exceptions."""
        return self.said("error", "warning", "exception")

    @property
    def strangers(self):
        """Requests that did not go to the site."""
        return [request.url for request in self.requests if not request.url.startswith((f"{self.site}/", "data:"))]

    def violations(self):
        """What axe-core finds wrong; by way of the debugger, so the page's policy does not stop it."""
        if not AXE.exists():
            pytest.fail("there is no axe-core, which comes with the packages of the app: .ci/setup node")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document)")["violations"]
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@pytest.fixture
def open_tab(browser, site):
    """Opens tabs; none of them may ask anybody but the site."""
    contexts, tabs = [], []

    def open_tab(**options):
        contexts.append(browser.new_context(**options))
        tabs.append(Tab(contexts[-1], site))
        return tabs[-1]

    yield open_tab
    strangers = [url for tab in tabs for url in tab.strangers]
    for context in contexts:
        context.close()
    assert strangers == []


@pytest.fixture
def tab(open_tab):
    """A tab in which nothing may go wrong."""
    tab = open_tab()
    yield tab
    assert tab.errors == []


@pytest.fixture
def expect():
    """Waits until something on the page is as it has to be."""
    sync_api.expect.set_options(timeout=PATIENCE)
    return sync_api.expect
