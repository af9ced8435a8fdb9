import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from refapp.backends.containerinsights.kubelet import Kubelet, KubeletError

MACHINE, INFOS = "/api/v1.3/machine", "/api/v1.3/subcontainers/"


class Answers(ThreadingHTTPServer):
    """Answers with what stands in `pages`: a status and a text, or what to do first."""

    daemon_threads = True

    def __init__(self, node):
        super().__init__(("127.0.0.1", 0), _Requests)
        machine = {"num_cores": node.cores, "memory_capacity": node.memory}
        self.pages = {MACHINE: (200, json.dumps(machine)), INFOS: (200, json.dumps(list(node.infos.values())))}
        self.first = lambda: None

    def handle_error(self, request, client_address):
        """Say nothing of a client that did not wait."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.server.first()
        status, text = self.server.pages[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def answers(node):
    with Answers(node) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def kubelet(answers):
    return Kubelet("127.0.0.1", answers.server_port, 5.0)


def test_what_is_measured_is_read(kubelet, node):
    found = kubelet.read()
    assert (found.cores, found.memory) == (4, node.memory)
    assert found == node.snapshot()


@pytest.mark.parametrize(
    ("path", "page", "complaint"),
    [
        (MACHINE, (500, "no"), "/machine is answered by 500"),
        (INFOS, (404, "no"), "/subcontainers/ is answered by 404"),
        (INFOS, (200, "<html>"), "/subcontainers/ is no JSON"),
        (INFOS, (200, '[{"a": NaN}]'), "is no JSON"),
        (INFOS, (200, "{}5"), "is no JSON"),
        (MACHINE, (200, "{}"), "not cAdvisor's answer: KeyError"),
        (INFOS, (200, "[1]"), "not cAdvisor's answer"),
    ],
)
def test_another_answer_is_an_error(kubelet, answers, path, page, complaint):
    answers.pages[path] = page
    with pytest.raises(KubeletError, match=f"127.0.0.1:{answers.server_port}: .*{complaint}"):
        kubelet.read()


def test_a_kubelet_that_is_not_there(answers):
    kubelet = Kubelet("127.0.0.1", answers.server_port, 5.0)
    answers.shutdown()
    answers.server_close()
    with pytest.raises(KubeletError, match="refused"):
        kubelet.read()


def test_a_kubelet_that_does_not_answer(answers):
    go_on = threading.Event()
    answers.first = lambda: go_on.wait(20)
    with pytest.raises(KubeletError, match="timed out"):
        Kubelet("127.0.0.1", answers.server_port, 0.1).read()
    go_on.set()


def test_a_kubelet_that_ends_while_it_answers(kubelet, answers):
    def end():
        raise ConnectionAbortedError

    answers.first = end
    with pytest.raises(KubeletError, match="without response"):
        kubelet.read()
