"""Looks at the site that `make book` has just built, as a browser without a network would."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.site

SITE = Path(__file__).parents[2] / "book" / "_build" / "html"
PAGES = sorted(page for page in SITE.rglob("*.html") if "_static" not in page.parts)
LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
ELSEWHERE = re.compile(r"^(https?:)?//")
IN_CSS = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")
CDNS = re.compile(
    r"[\w.]*(?:unpkg|jsdelivr|cdnjs|cloudflare|googleapis|gstatic|mathjax\.org|googletagmanager)[\w.]*\.\w+/"
)


@cache
def parsed(page):
    return BeautifulSoup(page.read_text(), "html.parser")


@cache
def anchors(page):
    found = parsed(page)
    return {tag["id"] for tag in found.find_all(id=True)} | {
        tag["name"] for tag in found.find_all("a", attrs={"name": True})
    }


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(SITE)))
def page(request):
    return request.param


def is_redirect(page):
    return parsed(page).find("meta", attrs={"http-equiv": re.compile("refresh", re.IGNORECASE)}) is not None


def test_there_is_a_site():
    assert SITE / "index.html" in PAGES, "build it by `make book`"


def test_page_loads_nothing_from_elsewhere(page):
    found = parsed(page)
    loaded = [tag.get(name, "") for kind, name in LOADING.items() for tag in found.find_all(kind)]
    loaded += [source.split()[0] for tag in found.find_all(srcset=True) for source in tag["srcset"].split(",")]
    assert [url for url in loaded if ELSEWHERE.match(url)] == []
    styles = [tag.get_text() for tag in found.find_all("style")] + [tag["style"] for tag in found.find_all(style=True)]
    assert IN_CSS.findall("\n".join(styles)) == []
    assert CDNS.findall("\n".join(tag.get_text() for tag in found.find_all("script"))) == []


@pytest.mark.parametrize("path", sorted([*SITE.rglob("*.css"), *SITE.rglob("*.js")]), ids=lambda path: path.name[:40])
def test_styles_and_scripts_load_nothing_from_elsewhere(path):
    text = path.read_text()
    assert IN_CSS.findall(text) == []
    assert CDNS.findall(text) == []


def test_internal_links_lead_somewhere(page):
    dead = []
    for tag in parsed(page).find_all("a", href=True):
        url = urlsplit(tag["href"])
        if url.scheme or url.netloc:
            continue
        target = (page.parent / unquote(url.path)).resolve() if url.path else page
        if not target.is_file() or (url.fragment and unquote(url.fragment) not in anchors(target)):
            dead.append(tag["href"])
    assert dead == []


def test_page_has_a_title_and_a_language(page):
    if not is_redirect(page):
        assert parsed(page).title.get_text(strip=True)
        assert parsed(page).html["lang"] == "en"


def test_images_have_a_text(page):
    images = parsed(page).find_all("img")
    assert [image["src"] for image in images if "alt" not in image.attrs] == []
    drawn = parsed(page).select(".cell_output img")
    assert [image["src"] for image in drawn if len(image["alt"]) < 20] == []


def test_page_shows_no_markup_and_no_message_of_the_builder(page):
    article = parsed(page).find("article")
    if article is None or "_modules" in page.parts:
        return
    assert article.find_all(class_=["system-message", "problematic"]) == []
    text = " ".join(string for string in article.find_all(string=True) if not string.find_parent(["pre", "code"]))
    assert re.findall(r"\{[\w:-]+\}`|`{3}|:::|WARNING|Traceback", text) == []
