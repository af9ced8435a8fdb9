"""What all tests share."""

import json
import logging
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from refapp.mesh import Address
from refapp.services import logs


@pytest.fixture(scope="session")
def eventually():
    """Wait until a value is as it has to be, or just true; one that never is fails the test and is shown."""

    def eventually(asked, *, so=bool, within=30.0):
        deadline = time.monotonic() + within
        while not so(value := asked()):
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


class Exporter(ThreadingHTTPServer):
    """Says what it is told, at any path."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Metrics)
        self.address = Address("127.0.0.1", self.server_port)
        self.text = ""

    def handle_error(self, request, client_address):
        """Say nothing of a scrape that was given up."""


class _Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def exporting():
    """Serves, while a block runs, what a Prometheus of the tests scrapes: its `text`."""

    @contextmanager
    def exporting():
        with Exporter() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    return exporting
