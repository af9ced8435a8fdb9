import io
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from refapp.backends.inbox.messages import Inbox
from refapp.backends.inbox.server import MAX_BODY, WEBHOOK, InboxSettings, application
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = InboxSettings.from_environ({"STORE": ""})
    assert settings.address == ("127.0.0.1", 9095)
    assert (settings.store, settings.max_messages) == (Path("messages.jsonl"), 1000)


def test_settings_are_read():
    settings = InboxSettings.from_environ({"PORT": ":1", "STORE": "/x", "MAX_MESSAGES": "5"})
    assert (settings.address, settings.store, settings.max_messages) == (("", 1), Path("/x"), 5)


@pytest.mark.parametrize("environ", [{"MAX_MESSAGES": "0"}, {"MAX_MESSAGES": "x"}, {"PORT": "x"}])
def test_broken_settings_are_named(environ):
    (name,) = environ
    with pytest.raises(SettingsError, match=name):
        InboxSettings.from_environ(environ)


@pytest.fixture
async def client(tmp_path):
    server = TestServer(application(Inbox(tmp_path / "messages.jsonl", 10)))
    async with TestClient(server) as client:
        yield client


async def post(client, body):
    async with client.post(WEBHOOK, data=io.BytesIO(body), headers={"Content-Type": "application/json"}) as response:
        return response.status, await response.text()


async def get(client, path, **params):
    async with client.get(path, params=params) as response:
        return response.status, await (response.json() if response.ok else response.text())


async def test_a_message_is_kept(client):
    assert await post(client, b'{"text": "a"}') == (200, "ok")
    status, (message,) = await get(client, "/messages")
    assert (status, message["id"], message["payload"]) == (200, 1, {"text": "a"})
    assert await get(client, "/health") == (200, {"status": "UP", "messages": 1})


@pytest.mark.parametrize(("body", "reason"), [(b"{", "invalid_payload"), (b"{}", "no_text")])
async def test_a_message_is_refused(body, reason, client):
    assert await post(client, body) == (400, reason)
    assert await get(client, "/messages") == (200, [])


async def test_a_message_that_is_too_long(client):
    status, _ = await post(client, json.dumps({"text": "x" * MAX_BODY}).encode())
    assert status == 413
    assert await get(client, "/messages") == (200, [])


async def test_only_the_webhook_takes_messages(client):
    async with client.post("/services/T/B/other", data=b'{"text": "a"}') as response:
        assert response.status == 404


async def test_messages_since(client):
    for text in "abc":
        await post(client, json.dumps({"text": text}).encode())
    _, messages = await get(client, "/messages")
    assert [message["payload"]["text"] for message in messages] == ["c", "b", "a"]
    _, newer = await get(client, "/messages", since=messages[1]["received"], limit="1")
    assert newer == messages[:1]
    assert await get(client, "/messages", since="2999-01-01T00:00:00Z") == (200, [])


@pytest.mark.parametrize(
    "params", [{"since": "yesterday"}, {"since": "2026-11-23T05:00:00"}, {"limit": "0"}, {"limit": "x"}]
)
async def test_a_question_that_cannot_be_answered(params, client):
    (name,) = params
    status, reason = await get(client, "/messages", **params)
    assert status == 400
    assert reason.startswith(name)


@pytest.fixture
def address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
    return f"{host}:{port}"


def start_process(**environ):
    command = [sys.executable, "-m", "refapp.backends.inbox.server"]
    return subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True)


def answered(url, data=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data)) as response:
            return response.read().decode()
    except urllib.error.URLError:
        return None


def test_the_process_keeps_its_messages(tmp_path, address, eventually):
    for expected in (0, 1):
        process = start_process(PORT=address, STORE=str(tmp_path / "messages.jsonl"))
        try:
            health = eventually(lambda: answered(f"http://{address}/health"))
            assert json.loads(health) == {"status": "UP", "messages": expected}
            assert answered(f"http://{address}{WEBHOOK}", b'{"text": "a"}') == "ok"
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("environ", "code", "complaint"),
    [
        ({"MAX_MESSAGES": "x"}, 2, "MAX_MESSAGES is 'x'"),
        ({"STORE": "/dev/null/messages"}, 1, "/dev/null/messages: Not a"),
    ],
)
def test_a_process_that_cannot_start_says_why(environ, code, complaint):
    process = start_process(**environ)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert errors.startswith(complaint)
    assert errors.count("\n") == 1
