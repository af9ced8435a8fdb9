"""What holds for all pages: everybody can use them, and nobody else is asked, or may ask."""

import uuid
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from refapp.deploy.local.options import Options

ASK = "([url, options]) => fetch(url, options).then(answer => answer.status, error => error.name)"
(ALLOWED,) = Options.origins


def pages(tab, expect):
    """Go to each page, with something on it."""
    tab.open()
    tab.ask()
    yield "greeting"
    trace = tab.page.locator("dl.facts a.id").get_attribute("href")
    for path in ("/trace", "/nowhere"):
        tab.open(path)
        expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
        yield path
    tab.open(trace)
    tab.page.get_by_role("list", name="Spans").get_by_role("button").first.click()
    yield "trace"
    tab.open("/graph")
    expect(tab.page.get_by_role("table", name="Traffic")).to_be_visible(timeout=90_000)
    yield "graph"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(open_tab, expect, scheme):
    tab = open_tab(color_scheme=scheme)
    for page in pages(tab, expect):
        for width, height in ((390, 844), (1280, 720)):
            tab.page.set_viewport_size({"width": width, "height": height})
            assert (page, width, tab.violations()) == (page, width, [])
            assert (page, tab.page.evaluate("document.documentElement.scrollWidth")) == (page, width)
    assert tab.errors == []
    assert {urlsplit(request.url).hostname for request in tab.requests} <= {"127.0.0.1", None}  # None is a data: URL


def test_a_foreign_origin_cannot_ask(servers, browser, site, eventually):
    async def page(_request):
        return web.Response(text="<!doctype html><title>Foreign</title>", content_type="text/html")

    with servers.serving(page) as foreign:
        tab, said = browser.new_page(), []
        tab.on("console", lambda message: said.append(message.text))
        tab.goto(foreign)
        for path in ("/api/greeting", "/config.json", "/graph.json"):
            for options in ({}, {"headers": {"x-b3-traceid": "0af7651916cd43dd8448eb211c80319c"}}):
                assert tab.evaluate(ASK, [site + path, options]) == "TypeError"
        body = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"level": 2}'}
        assert tab.evaluate(ASK, [f"{site}/logs", body]) == "TypeError"

        def refused():
            tab.evaluate("0")  # what was said before its answer has arrived with it
            return [text for text in said if "No 'Access-Control-Allow-Origin' header" in text]

        eventually(refused, so=lambda found: len(found) == 7)
        tab.close()


def test_an_origin_that_is_allowed_can_ask(browser, site):
    # A page that is not from this machine needs its reader's permission to ask something on it.
    context = browser.new_context(permissions=["local-network-access"])
    tab = context.new_page()
    tab.route(f"{ALLOWED}/", lambda route: route.fulfill(body="<!doctype html><title>Allowed</title>"))
    tab.goto(f"{ALLOWED}/")
    trace_id = uuid.uuid4().hex
    headers = {"x-request-id": str(uuid.uuid4()), "x-b3-traceid": trace_id, "x-b3-spanid": trace_id[:16]}
    assert tab.evaluate(ASK, [f"{site}/api/greeting", {"headers": headers}]) == 200
    context.close()
