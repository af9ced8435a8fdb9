import asyncio
import gzip
import json

import pytest

from refapp.services.metrics import REGISTRY
from refapp.services.ui.clientlogs import BURST, MAX_BODY
from refapp.services.ui.ratelimit import TokenBucket

ENTRY = {"level": 2, "message": "Namasté", "additional": [], "timestamp": "2026-11-29T13:00:00.000Z"}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def said(lines):
    """What the browser said, of all lines."""
    return [line["msg"] for line in lines() if line.get("client")]


async def post(ui, body=None, **kwargs):
    """The status of an answer, and the message of an error."""
    content = {"data": body} if body is not None else {"json": ENTRY}
    headers = {"Content-Type": "application/json"} | kwargs.pop("headers", {})
    response, answer = await ui.ask("/logs", method="POST", **content, headers=headers, **kwargs)
    return response.status, json.loads(answer)["message"] if answer else ""


async def test_an_entry_is_written(ui, lines):
    assert await post(ui) == (204, "")
    assert said(lines) == ["Namasté"]


async def test_a_charset_may_be_told(ui, lines):
    assert (await post(ui, headers={"Content-Type": "Application/JSON; charset=utf-8"}))[0] == 204
    assert said(lines) == ["Namasté"]


async def test_entries_are_counted(ui, lines):
    def counted(name, **labels):
        return REGISTRY.get_sample_value(name, labels) or 0

    kinds = [("ui_client_logs_total", {"level": "info"}), ("ui_client_logs_refused_total", {"code": "400"})]
    before = [counted(name, **labels) for name, labels in kinds]
    await post(ui)
    await post(ui, json.dumps([ENTRY, ENTRY]))
    await post(ui, b"nonsense")
    assert [counted(name, **labels) - was for (name, labels), was in zip(kinds, before, strict=True)] == [3, 1]
    assert len(said(lines)) == 3


@pytest.mark.parametrize("body", [b"", b"{}", b"nonsense", b"[" * MAX_BODY, b'{"level": 2, "message": 7}', b"\xff\x00"])
async def test_nonsense_is_refused(ui, lines, body):
    status, message = await post(ui, body)
    assert status == 400
    assert message
    assert lines() == []  # a refusal is no reason for a line: there may be many


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_long_is_refused(ui, lines, chunked):
    async def chunks():
        for _ in range(17):
            yield b" " * 1024

    body = chunks() if chunked else b" " * (MAX_BODY + 1)
    assert await post(ui, body) == (413, f"the body is longer than {MAX_BODY} bytes")
    assert lines() == []


async def test_the_longest_body_is_taken(ui, lines):
    text = json.dumps(ENTRY)
    assert (await post(ui, text + " " * (MAX_BODY - len(text))))[0] == 204
    assert said(lines) == ["Namasté"]


async def test_the_rest_of_a_long_body_is_not_waited_for(ui):
    head = f"POST /logs HTTP/1.1\r\nHost: ui\r\nContent-Type: application/json\r\nContent-Length: {10**12}\r\n\r\n"
    assert (await ui.raw(head.encode())).startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_does_not_arrive_is_given_up(start_ui, lines):
    ui = await start_ui(DEADLINE_SECONDS="0.05")
    head = b"POST /logs HTTP/1.1\r\nHost: ui\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    answer = await ui.raw(head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 0.05 s" in answer
    assert lines() == []


async def test_a_broken_body_is_refused(ui):
    head = b"POST /logs HTTP/1.1\r\nHost: ui\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 400 " in (await ui.raw(head + b"xyz\r\n")).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "odd"},
    ],
)
async def test_another_type_is_refused(ui, lines, headers):
    status, message = await post(ui, gzip.compress(json.dumps(ENTRY).encode()), headers=headers)
    assert (status, message) == (415, "log entries are taken as application/json, not compressed")
    assert lines() == []


async def test_a_client_that_asks_first_may_send_its_body(ui, lines):
    assert (await post(ui, expect100=True))[0] == 204
    assert said(lines) == ["Namasté"]


async def test_too_many_are_refused_until_time_has_passed(start_ui, lines):
    clock = Clock()
    ui = await start_ui(bucket=TokenBucket(0.5, 3, clock))
    assert [(await post(ui))[0] for _ in range(5)] == [204, 204, 204, 429, 429]
    response, _ = await ui.ask("/logs", method="POST", json=ENTRY)
    assert response.headers["Retry-After"] == "2"
    clock.now += 2
    assert [(await post(ui))[0] for _ in range(2)] == [204, 429]
    assert len(said(lines)) == 4


async def test_refusals_count_against_whoever_sends_nonsense(start_ui):
    ui = await start_ui(bucket=TokenBucket(1, 2, Clock()))
    assert [(await post(ui, b"nonsense"))[0] for _ in range(3)] == [400, 400, 429]


async def test_each_entry_of_a_list_counts(start_ui, lines):
    ui = await start_ui(bucket=TokenBucket(1, 5, Clock()))
    assert (await post(ui, json.dumps([ENTRY] * 3)))[0] == 204
    assert (await post(ui, json.dumps([ENTRY] * 3)))[0] == 429  # all or none
    assert len(said(lines)) == 3
    assert (await post(ui))[0] == 204


async def test_a_list_that_is_longer_than_the_burst_is_told_a_time(start_ui):
    ui = await start_ui(bucket=TokenBucket(1, 2, Clock()))
    response, _ = await ui.ask("/logs", method="POST", json=[ENTRY] * 50)
    assert (response.status, response.headers["Retry-After"]) == (429, "5")


async def test_a_flood_leaves_the_server_at_work(ui, lines):
    statuses = await asyncio.gather(*(post(ui) for _ in range(3 * BURST)))
    codes = [status for status, _ in statuses]
    assert set(codes) == {204, 429}
    assert codes.count(204) >= BURST
    assert len(said(lines)) == codes.count(204)
    assert (await ui.json("/healthz"))[0] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_entries_are_posted_alone(ui, method):
    response, _ = await ui.ask("/logs", method=method)
    assert (response.status, response.headers["Allow"]) == (405, "POST")
