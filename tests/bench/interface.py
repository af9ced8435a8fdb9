"""How large the user interface is, how soon its first page is seen, and what becomes of its pages' consoles."""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

import refapp
from refapp.exercise.browser import executable

_LOADS = 15
_PAGES = ("/", "/trace", "/graph", "/docs/")
_FACTS = """async () => {
  const paint = await new Promise((done) => {
    const seen = (list) => list.getEntriesByName('first-contentful-paint').forEach(done);
    new PerformanceObserver(seen).observe({ type: 'paint', buffered: true });
  });
  const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const sum = (name) => loaded.reduce((total, one) => total + one[name], 0);
  return { raw: sum('decodedBodySize'), sent: sum('transferSize'), paint: paint.startTime };
}"""


def rows(home: Path) -> Iterator[tuple[str, str, str]]:
    """What, the goal, and what it came to; each load is of a browser that has nothing of the site yet."""
    with refapp.up(home=home / "interface") as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable())
        url = platform.urls["ui"].rstrip("/")
        facts = [_load(browser, f"{url}/") for _ in range(_LOADS)]
        raw, sent, paint = (statistics.median(fact[name] for fact in facts) for name in ("raw", "sent", "paint"))
        yield "initial load of the user interface", "≤ 250 KB", f"{raw / 1000:.0f} KB, {sent / 1000:.0f} KB by gzip"
        yield "its first paint, by a browser that has nothing of it yet", "≤ 1 s", f"{paint / 1000:.2f} s"
        yield f"errors on the console of its {len(_PAGES)} pages", "0", str(_errors(browser, url))
        browser.close()


def _load(browser: Browser, url: str) -> dict[str, Any]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Ask for greetings").wait_for()
    facts: dict[str, Any] = page.evaluate(_FACTS)
    context.close()
    return facts


def _errors(browser: Browser, url: str) -> int:
    """Errors and exceptions while each page is opened, and a greeting is asked for."""
    errors: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    _visit(page, url)
    context.close()
    return len(errors)


def _visit(page: Page, url: str) -> None:
    for path in _PAGES:
        page.goto(f"{url}{path}", wait_until="networkidle" if path != "/graph" else "load")
    page.goto(f"{url}/")
    page.get_by_role("button", name="Ask for greetings").click()
    page.locator("h2#answer").wait_for()
