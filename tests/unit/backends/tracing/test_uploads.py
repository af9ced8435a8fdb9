import gzip
import json

import pytest
from aiohttp import web

from refapp.backends.tracing import uploads
from refapp.backends.tracing.uploads import MAX_BODY, unpack


@pytest.mark.parametrize("path", ["/api/v2/spans", "/v1/traces"])
async def test_a_gzip_bomb_is_refused(collector, path):
    bomb = gzip.compress(b" " * (MAX_BODY + 1))
    assert len(bomb) < 100_000
    status, text = await collector.post(path, bomb, Content_Encoding="gzip")
    assert status == 413
    assert b"longer than 16777216 bytes" in text


async def test_a_body_that_is_too_long_is_refused(collector, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BODY", 1000)
    status, text = await collector.post("/api/v2/spans", b" " * 1001)
    assert status == 413
    assert b"longer than 1000 bytes" in text


async def test_gzip_is_unpacked(collector, item):
    body = gzip.compress(json.dumps([item()]).encode())
    assert await collector.post("/api/v2/spans", body, Content_Encoding="gzip") == (202, b"")
    assert len(collector.store) == 1


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [("gzip", b"[]", 400), ("br", b"[]", 415), ("gzip", gzip.compress(b"[]", mtime=0)[:-1], 400)],
)
async def test_what_cannot_be_unpacked(collector, encoding, body, expected):
    status, text = await collector.post("/api/v2/spans", body, Content_Encoding=encoding)
    assert status == expected
    assert text


def test_what_follows_the_stream_is_refused():
    with pytest.raises(web.HTTPBadRequest):
        unpack(gzip.compress(b"[]") + b"x")
