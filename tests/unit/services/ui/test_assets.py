import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.services.lifecycle import StartError
from refapp.services.ui.assets import INDEX, Asset, Assets, decoded

SMALL = Asset(b"abc" * 100, b"packed", "d1", "text/css; charset=utf-8", "no-cache")
PLAIN = SMALL._replace(packed=None)
PACKED = ["gzip", "GZIP", "br, gzip", "gzip;q=0.5", "*", "identity;q=0, *;q=1", "br;q=1.0, gzip;q=0.8, *;q=0.1"]
UNPACKED = ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "x-gzip2", "gzip;q=x", ",;,"]


def test_files_are_read_with_their_types(dist):
    assets = Assets.load(dist)
    assert len(assets) == 6
    page, script, image = (assets.find(path) for path in (INDEX, "/main-ABCD2345.js", "/favicon.png"))
    assert page.body == (dist / "index.html").read_bytes()
    types = [asset.content_type for asset in (page, script, image)]
    assert types == ["text/html; charset=utf-8", "text/javascript; charset=utf-8", "image/png"]
    assert image.packed is None


def test_text_is_compressed_once_and_always_alike(dist):
    script = Assets.load(dist).find("/main-ABCD2345.js")
    assert gzip.decompress(script.packed) == script.body
    assert len(script.packed) < len(script.body)
    assert script == Assets.load(dist).find("/main-ABCD2345.js")


def test_what_gzip_makes_longer_stays_as_it_is(dist):
    assert Assets.load(dist).find("/styles-QWERTY23.css").packed is None


@pytest.mark.parametrize(
    ("name", "cached"),
    [
        ("main-ABCD2345.js", True),
        ("chunk-ABCD2345.js.map", True),
        ("fonts/a-ABCD2345.woff2", True),
        ("index.html", False),
        ("main.js", False),
        ("swagger-ui-bundle.js", False),
        ("main-abcd2345.js", False),
        ("main-ABCD23456.js", False),
    ],
)
def test_only_names_with_a_hash_are_kept(dist, name, cached):
    (dist / name).parent.mkdir(exist_ok=True)
    (dist / name).write_text("text")
    told = Assets.load(dist).find(f"/{name}").cache
    assert told == ("public, max-age=31536000, immutable" if cached else "no-cache")


@pytest.mark.parametrize(
    "path", ["/", "/trace", "/trace/0af7651916cd43dd8448eb211c80319c", "/graph", "/a/b/", "/docs-2"]
)
def test_a_path_that_names_no_file_is_the_app(dist, path):
    assets = Assets.load(dist)
    assert assets.find(path) is assets.find(INDEX)


@pytest.mark.parametrize(
    "path",
    ["/missing.js", "/trace/a.b", "/docs/trace", "/docs/missing/", "/docs", "/api", "/api/greeting", "/.env", "/a.b/"],
)
def test_a_file_that_is_not_there_is_not_found(dist, path):
    assert Assets.load(dist).find(path) is None


def test_a_directory_has_its_index(dist):
    assert Assets.load(dist).find("/docs/").body == (dist / "docs" / "index.html").read_bytes()


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_links_do_not_lead_out(dist, tmp_path, kind):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (dist / "link.txt").symlink_to(outside / "secret.txt" if kind == "file" else outside)
    (dist / "inner.html").symlink_to(dist / "index.html")
    assets = Assets.load(dist)
    assert assets.find("/link.txt") is None
    assert assets.find("/link.txt/secret.txt") is None
    assert assets.find("/inner.html").body == assets.find(INDEX).body


def test_a_directory_that_is_missing_ends_the_start(tmp_path):
    with pytest.raises(StartError, match="No such file") as caught:
        Assets.load(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in str(caught.value)


def test_a_directory_without_a_page_ends_the_start(tmp_path):
    with pytest.raises(StartError, match=r"no index\.html"):
        Assets.load(tmp_path)


def test_a_file_that_cannot_be_read_ends_the_start(dist, monkeypatch):
    def broken(_path):
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr("pathlib.Path.read_bytes", broken)
    with pytest.raises(StartError, match="Input/output error"):
        Assets.load(dist)


@pytest.mark.parametrize("accepted", PACKED)
def test_gzip_is_for_those_who_take_it(accepted):
    response = SMALL.answer({"Accept-Encoding": accepted})
    assert (response.body, response.headers["Content-Encoding"]) == (b"packed", "gzip")
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", UNPACKED)
def test_without_gzip_it_is_the_file(accepted):
    response = SMALL.answer({"Accept-Encoding": accepted})
    assert response.body == SMALL.body
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


def test_what_is_not_compressed_does_not_vary():
    assert "Vary" not in PLAIN.answer({"Accept-Encoding": "gzip"}).headers


def test_both_forms_have_tags_of_their_own():
    tags = [SMALL.answer({"Accept-Encoding": accepted}).headers["ETag"] for accepted in ("", "gzip")]
    assert tags == ['"d1"', '"d1-gzip"']


@pytest.mark.parametrize("condition", ['"d1"', 'W/"d1"', '"x", "d1"', '"x",W/"d1" , "y"', "*", " * "])
def test_what_has_not_changed_is_not_sent_again(condition):
    response = SMALL.answer({"If-None-Match": condition})
    assert (response.status, response.body) == (304, None)
    kept = {name: response.headers[name] for name in ("ETag", "Cache-Control", "Vary")}
    assert kept == {"ETag": '"d1"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}


@pytest.mark.parametrize("condition", ['"d2"', "d1", '"d1-gzip"', '"d1', ""])
def test_what_has_changed_is_sent(condition):
    assert SMALL.answer({"If-None-Match": condition}).status == 200


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "/"),
        ("/a%20b", "/a b"),
        ("/%E2%82%AC", "/€"),
        ("/%252e%252e/x", "/%2e%2e/x"),
        ("/a..b", "/a..b"),
        ("/%zz", "/%zz"),
    ],
)
def test_escapes_are_resolved_once(path, text):
    assert decoded(path) == text


@pytest.mark.parametrize(
    "path",
    [
        "/..",
        "/../etc/passwd",
        "/docs/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/%2E%2e%2fetc/passwd",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/./index.html",
        "/..%5cetc",
        "/a\\b",
        "/index.html%00",
        "/%00",
        "/a%0d%0aX: 1",
        "/%7f",
        "/%ff",
        "/%c0%ae%c0%ae/etc",
        "index.html",
        "",
        "*",
    ],
)
def test_no_honest_path(path):
    assert decoded(path) is None


@given(st.text(alphabet="./%2eE5cf\\\x00a", max_size=40))
def test_no_path_finds_what_is_not_the_apps(path):
    files = {INDEX: SMALL, "/a": PLAIN}
    text = decoded(path)
    assert text is None or Assets(files).find(text) in (None, SMALL, PLAIN)
    assert text is None or (text.startswith("/") and ".." not in text.split("/") and "\x00" not in text)
