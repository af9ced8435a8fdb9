import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from refapp.query.answers import BackendError, BackendTimeoutError, ask, read_json, refusal


class Answer(BaseHTTPRequestHandler):
    """The path tells the status, the query the body."""

    def do_GET(self):
        status, _, body = self.path.strip("/").partition("?")
        self.send_response(int(status))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_json(url):
    assert read_json(ask("GET", f"{url}/200?[1,2]", timeout=5)) == [1, 2]


@pytest.mark.parametrize(
    ("path", "complaint", "status"),
    [
        ("/404?no", "/404 answered 404 Not Found: no", 404),
        ("/500?", "/500 answered 500 Internal Server Error: nothing", 500),
        ("/500?" + "x" * 400, "x" * 300 + "…", 500),
        ("/200?{", "/200 answered something unexpected (it is not JSON): {", None),
    ],
)
def test_no_json(path, complaint, status, url):
    with pytest.raises(BackendError) as caught:
        read_json(ask("GET", url + path, timeout=5))
    assert str(caught.value).endswith(complaint)
    assert caught.value.status == status
    assert not isinstance(caught.value, TimeoutError)


def test_a_gateway_timeout_is_one(url):
    error = refusal(ask("GET", f"{url}/504", timeout=5), "the reason")
    assert isinstance(error, BackendTimeoutError)
    assert str(error) == f"{url}/504 answered 504 Gateway Timeout: the reason"


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://[", "nothing"])
def test_nobody_can_be_asked(address):
    with pytest.raises(BackendError, match="cannot be asked"):
        ask("GET", address, timeout=5)


def test_no_answer_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(BackendTimeoutError, match=r"did not answer within 0\.05 s"):
            ask("GET", address, timeout=0.05)
