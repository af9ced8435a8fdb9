import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from refapp.backends.tracing.server import CollectorSettings
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = CollectorSettings.from_environ({"MAX_SPANS": ""})
    assert settings.address == ("127.0.0.1", 9411)
    assert (settings.store, settings.max_spans, settings.autocomplete_keys) == (Path("traces.db"), 1_000_000, ())


def test_settings_are_read():
    environ = {"PORT": ":1", "STORE": "/x", "MAX_SPANS": "5", "AUTOCOMPLETE_KEYS": "a,b,"}
    settings = CollectorSettings.from_environ(environ)
    assert (settings.address, settings.store, settings.max_spans) == (("", 1), Path("/x"), 5)
    assert settings.autocomplete_keys == ("a", "b")


@pytest.mark.parametrize("environ", [{"MAX_SPANS": "0"}, {"MAX_SPANS": "-1"}, {"MAX_SPANS": "x"}, {"PORT": "x"}])
def test_broken_settings_are_named(environ):
    (name,) = environ
    with pytest.raises(SettingsError, match=name):
        CollectorSettings.from_environ(environ)


async def test_health(collector, item):
    await collector.report(item())
    assert await collector.get("/health") == (200, {"status": "UP", "spans": 1})


def start_process(**environ):
    command = [sys.executable, "-m", "refapp.backends.tracing.server"]
    return subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
    return f"{host}:{port}"


def answered(url, data=None):
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as response:
            return response.read().decode() or "accepted"
    except OSError:
        return None


def test_the_process_keeps_its_spans(tmp_path, address, item, eventually):
    for expected in (0, 1):
        process = start_process(PORT=address, STORE=str(tmp_path / "traces.db"))
        try:
            health = eventually(lambda: answered(f"http://{address}/health"))
            assert json.loads(health) == {"status": "UP", "spans": expected}
            assert answered(f"http://{address}/api/v2/spans", json.dumps([item()]).encode()) == "accepted"
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("environ", "code", "complaint"),
    [({"MAX_SPANS": "x"}, 2, "MAX_SPANS is 'x'"), ({"STORE": "/nowhere/traces.db"}, 1, "/nowhere/traces.db: unable")],
)
def test_a_process_that_cannot_start_says_why(environ, code, complaint):
    process = start_process(**environ)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert errors.startswith(complaint)
    assert errors.count("\n") == 1
