"""A Grafana, for the tests of what pushes dashboards."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Grafana(BaseHTTPRequestHandler):
    """As much of Grafana's HTTP API as is used, with its answers."""

    def do_GET(self):
        self._answer(lambda _: self.server.folders)

    def do_POST(self):
        self._answer(self._folder if self.path.endswith("/folders") else self._dashboard)

    def log_message(self, *_):
        pass

    def _folder(self, body):
        self.server.folders.append({"uid": "made", "title": body["title"]})
        return self.server.folders[-1]

    def _dashboard(self, body):
        uid = body["dashboard"]["uid"]
        return {"id": 1, "uid": uid, "url": f"/grafana/d/{uid}/slug", "status": "success", "version": 1}

    def _answer(self, of):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        status, answer = self.server.refusals.get(self.path, (200, None))
        text = json.dumps(of(body) if answer is None else answer) if not isinstance(answer, str) else answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def grafana():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Grafana)
    server.folders, server.requests, server.refusals = [], [], {}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
