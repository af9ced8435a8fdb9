"""A browser without a window, for what a reader does in the user interface, and for pictures of it.

It is the machine's Chromium or Chrome, steered by Playwright (https://playwright.dev/python/docs/api/class-page).
"""

import os
import shutil
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

T = TypeVar("T")

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OF_MACOS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
_SHARPNESS = 2  # pixels of a picture for each of the page
_PNG_SIZE = slice(16, 24)  # width and height (https://www.w3.org/TR/png/#11IHDR)
_STEP = 30_000.0  # milliseconds


class BrowserError(Exception):
    """There is no browser, or it does not find what it was told to look for."""


@dataclass(frozen=True)
class Picture:
    """A picture of a page, as PNG; a notebook shows it in the size of the page."""

    png: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height on the page, in CSS pixels."""
        width, height = struct.unpack(">II", self.png[_PNG_SIZE])
        return width // _SHARPNESS, height // _SHARPNESS

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, bytes], dict[str, dict[str, int]]]:
        return {"image/png": self.png}, {"image/png": {"width": self.size[0]}}


class Browser:
    """A browser with one page, until `close` or the end of its `with` block.

    Each step waits until what it is about is there, for at most 30 seconds.

    Args:
        url: where the page is opened.
        size: of the page, in CSS pixels.
        dark: whether the reader's system asks for dark colours.

    Raises:
        BrowserError: there is no browser, or the page cannot be opened.
    """

    def __init__(self, url: str, *, size: tuple[int, int] = (960, 720), dark: bool = False) -> None:
        self._console: list[str] = []
        self._opened = ExitStack()
        # Playwright's objects belong to one thread, and that of a notebook has an event loop in it already.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        try:
            self._page = self._run(lambda: self._start(url, size, dark=dark))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, path: str) -> None:
        """Go to a path of the site, or to another address."""
        self._run(lambda: self._page.goto(path))

    def click(self, name: str) -> None:
        """Press the button, or follow the link, of that name; of several the first."""
        self._run(lambda: self._named(name).click())

    def choose(self, label: str, option: str) -> None:
        """Choose an option of the list with that label."""
        self._run(lambda: self._page.get_by_label(label).select_option(option))

    def wait_for(self, selector: str) -> None:
        """Wait until something can be seen that a selector chooses: of CSS, or as `text=Answer`."""
        self._run(lambda: self._first(selector).wait_for())

    def text(self, selector: str) -> str:
        """What is written in the first element that a selector chooses."""
        return self._run(lambda: self._first(selector).inner_text())

    def picture(self, selector: str = "body") -> Picture:
        """A picture of the first element that a selector chooses; without one, of the whole page."""
        return Picture(self._run(lambda: self._first(selector).screenshot(animations="disabled")))

    @property
    def url(self) -> str:
        """The address of the page."""
        return self._run(lambda: self._page.url)

    @property
    def console(self) -> list[str]:
        """The lines that the page has written to the browser's console."""
        self._run(lambda: self._page.evaluate("0"))  # what was written before its answer has arrived with it
        return list(self._console)

    def close(self) -> None:
        """End the browser; harmless when it has ended."""
        with suppress(RuntimeError):  # it is closed
            self._thread.submit(self._opened.close).result()
        self._thread.shutdown()

    def _start(self, url: str, size: tuple[int, int], *, dark: bool) -> "Page":
        width, height = size
        chromium = self._opened.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=executable())
        self._opened.callback(browser.close)
        page = browser.new_page(
            base_url=url,
            viewport={"width": width, "height": height},
            device_scale_factor=_SHARPNESS,
            color_scheme="dark" if dark else "light",
        )
        page.set_default_timeout(_STEP)
        page.on("console", self._note)
        page.goto(url)
        return page

    def _note(self, message: "ConsoleMessage") -> None:
        self._console.append(message.text)

    def _first(self, selector: str) -> "Locator":
        return self._page.locator(selector).first

    def _named(self, name: str) -> "Locator":
        return self._page.get_by_role("button", name=name).or_(self._page.get_by_role("link", name=name)).first

    def _run(self, step: Callable[[], T]) -> T:
        try:
            future = self._thread.submit(step)
        except RuntimeError:
            raise BrowserError("the browser is closed") from None
        try:
            return future.result()
        except PlaywrightError as error:
            raise BrowserError(error.message) from None


def executable() -> str | None:
    """The program of the browser: that of the variable REFAPP_BROWSER, or one that is installed.

    None leaves it to Playwright, which uses what `playwright install chromium` has fetched, or says what to do.
    """
    named = os.environ.get("REFAPP_BROWSER")
    installed = next(filter(None, map(shutil.which, _NAMES)), None)
    return named or installed or next((str(path) for path in _OF_MACOS if path.exists()), None)
