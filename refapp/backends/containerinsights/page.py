"""What the agent tells of itself by HTTP: `/metrics` and `/health`."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

_POLL = 0.5  # seconds in which the server notices that it is to end
_TIMEOUT = 5.0  # seconds that a request may take to arrive

Page = Callable[[], tuple[str, bytes]]


@contextmanager
def serving(
    address: tuple[str, int], metrics: Callable[[], bytes], health: Callable[[], Mapping[str, Any]]
) -> Iterator[int]:
    """Serve at an address while a block runs; an empty host is every interface. It yields the port.

    Raises:
        OSError: the address cannot be had.
    """
    with _Server(address, metrics, health) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL}, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], metrics: Callable[[], bytes], health: Callable[[], Mapping[str, Any]]
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.pages: Mapping[str, Page] = {
            "/metrics": lambda: (CONTENT_TYPE_PLAIN_0_0_4, metrics()),
            "/health": lambda: ("application/json", orjson.dumps({"status": "UP", **health()})),
        }
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of whoever did not wait for the answer."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _TIMEOUT

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        kind, content = page()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Keep no access log."""
