"""What all tests share: one platform, started when the first of them asks for it."""

import json
import logging
import sys
import threading
import time

import pytest

import refapp
from refapp.services import logs


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory):
    """The run directory of the session's platform; short enough for a socket."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="session")
def shared_platform(run_directory):
    """The session's platform, as the tests before left it."""
    with refapp.up(home=run_directory, idle=600) as platform:
        yield platform


@pytest.fixture(scope="session")
def eventually():
    """Wait until a condition holds; a condition that never does fails the test and shows its last value."""

    def eventually(condition, *, within=30.0):
        deadline = time.monotonic() + within
        while not (value := condition()):
            if time.monotonic() > deadline:
                pytest.fail(f"not within {within:g} s; the last value was {value!r}")
            time.sleep(0.02)
        return value

    return eventually


@pytest.fixture
def lines(capsysbinary, monkeypatch):
    """Configures the logs of this process for one test; returns the lines written since the last call."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    level = root.level
    logs.configure(service="service-a", pod="service-a-1", level="info")
    yield lambda: [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    logging.captureWarnings(capture=False)
    logs.configure(service="", pod="", level="info")
    root.setLevel(level)
