"""Chromium at a page of our own."""

import socket
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from subprocess import run

import pytest

from refapp.exercise.browser import Browser, BrowserError, Picture, executable

PAGE = """<!doctype html><title>A page</title>
<style>
  @media (prefers-color-scheme: dark) { body { background: black } }
  #box { position: fixed; left: 0; top: 0; width: 120px; height: 40px }</style>
<h1>Nothing yet</h1><div id="box"></div>
<label>How often <select><option value="1">once</option><option value="2">twice</option></select></label>
<button onclick="setTimeout(() => {
  document.querySelector('h1').textContent = 'Pressed ' + document.querySelector('select').value;
  console.info('pressed');
}, 100)">Press</button>
<a href="/other.html">Elsewhere</a>
"""


class Site(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a site of two pages."""
    directory = tmp_path_factory.mktemp("site")
    (directory / "index.html").write_text(PAGE)
    (directory / "other.html").write_text("<!doctype html><h1>Elsewhere</h1>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def shared(site):
    with Browser(site) as browser:
        yield browser


@pytest.fixture
def browser(shared, site):
    """A browser at the first page."""
    shared.open(site)
    return shared


def test_a_step_waits_for_what_it_is_about(browser):
    browser.choose("How often", "twice")
    browser.click("Press")
    browser.wait_for("text=Pressed")
    assert browser.text("h1") == "Pressed 2"
    assert browser.console[-1] == "pressed"


def test_a_link_is_followed(browser, site):
    browser.click("Elsewhere")
    browser.wait_for("text=Elsewhere")
    assert browser.url == f"{site}other.html"
    browser.open("/index.html")
    assert browser.text("h1") == "Nothing yet"


def test_a_picture_has_the_size_of_what_it_shows(browser):
    picture = browser.picture("#box")
    assert picture.size == (120, 40)
    assert picture.png.startswith(b"\x89PNG")
    assert picture._repr_mimebundle_() == ({"image/png": picture.png}, {"image/png": {"width": 120}})


def test_a_whole_page_is_longer_than_the_window(browser):
    assert isinstance(browser.picture(), Picture)
    assert browser.picture().size[0] <= 960


def test_dark_pages_are_dark(site):
    with Browser(site, dark=True) as dark, Browser(site) as light:
        assert dark.picture("#box").png != light.picture("#box").png


def test_what_is_not_there_is_told(site, monkeypatch):
    monkeypatch.setattr("refapp.exercise.browser._STEP", 2000.0)
    with Browser(site) as impatient, pytest.raises(BrowserError, match="Timeout 2000ms exceeded"):
        impatient.click("No such button")


def test_a_site_that_is_not_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BrowserError, match="ERR_CONNECTION_REFUSED"):
        Browser(f"http://127.0.0.1:{port}/")


def test_a_browser_that_is_not_there_is_told(monkeypatch, site):
    monkeypatch.setenv("REFAPP_BROWSER", "/nowhere/chromium")
    assert executable() == "/nowhere/chromium"
    with pytest.raises(BrowserError, match="/nowhere/chromium"):
        Browser(site)


def test_without_a_browser_playwright_looks_for_its_own(monkeypatch):
    monkeypatch.delenv("REFAPP_BROWSER", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("refapp.exercise.browser._OF_MACOS", ())
    assert executable() is None


def test_a_closed_browser_says_so(site):
    browser = Browser(site)
    browser.close()
    browser.close()
    with pytest.raises(BrowserError, match="closed"):
        browser.click("Press")


def test_a_program_ends_that_forgets_its_browser(site):
    program = f"from refapp.exercise.browser import Browser; print(Browser({site!r}).text('h1'))"
    result = run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "Nothing yet\n"
