import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.resources import Resources, ResourcesError, format_cpu, format_memory, parse_quantity

API = "/apis/metrics.k8s.io/v1beta1"
PODS = {
    "kind": "PodMetricsList",
    "items": [
        {
            "metadata": {"name": "service-b-1", "namespace": "dev"},
            "containers": [
                {"name": "service-b", "usage": {"cpu": "135000000n", "memory": "13Mi"}},
                {"name": "istio-proxy", "usage": {"cpu": "500u", "memory": "48Mi"}},
            ],
        },
        {
            "metadata": {"name": "service-a-1", "namespace": "dev"},
            "containers": [{"name": "service-a", "usage": {"cpu": "1", "memory": "1Gi"}}],
        },
    ],
}
NODES = {"items": [{"metadata": {"name": "node-1"}, "usage": {"cpu": "500m", "memory": "2Gi"}}]}
CAPACITY = {"items": [{"metadata": {"name": "node-1"}, "status": {"allocatable": {"cpu": "2", "memory": "8Gi"}}}]}


class Server(ThreadingHTTPServer):
    """Answers each path as it was told to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {
            f"{API}/namespaces/dev/pods": (200, PODS),
            f"{API}/namespaces/empty/pods": (200, {"items": []}),
            f"{API}/nodes": (200, NODES),
            "/api/v1/nodes": (200, CAPACITY),
        }
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, answer = self.server.answers.get(self.path, (404, "there is no such path"))
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_pods(server):
    frame = Resources(f"{server.url}/").pods()
    assert frame.to_dict("list") == {
        "name": ["service-a-1", "service-b-1"],
        "cpu": [1000.0, 135.5],
        "memory": [1 << 30, 61 << 20],
    }


def test_containers(server):
    frame = Resources(server.url).pods(containers=True)
    assert frame.to_dict("list") == {
        "pod": ["service-a-1", "service-b-1", "service-b-1"],
        "name": ["service-a", "istio-proxy", "service-b"],
        "cpu": [1000.0, 0.5, 135.0],
        "memory": [1 << 30, 48 << 20, 13 << 20],
    }


def test_a_namespace_without_pods_has_all_columns(server):
    resources = Resources(server.url)
    assert list(resources.pods(namespace="empty").columns) == ["name", "cpu", "memory"]
    assert list(resources.pods(True, namespace="empty").columns) == ["pod", "name", "cpu", "memory"]


def test_nodes(server):
    (row,) = Resources(server.url).nodes().to_dict("records")
    assert row == {"name": "node-1", "cpu": 500.0, "cpu_percent": 25.0, "memory": 2 << 30, "memory_percent": 25.0}


def test_a_node_of_unknown_capacity_has_no_shares(server):
    server.answers["/api/v1/nodes"] = (200, {"items": []})
    frame = Resources(server.url).nodes()
    assert (frame["cpu"].tolist(), frame["cpu_percent"].isna().tolist()) == ([500.0], [True])


def test_there_may_be_no_nodes(server):
    server.answers[f"{API}/nodes"] = (200, {"items": []})
    assert Resources(server.url).nodes().empty


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ((403, "forbidden to\n you"), "answered 403: forbidden to you"),
        ((500, ""), "answered 500: nothing"),
        ((200, "<html>"), "answered something unexpected .*: <html>"),
        ((200, {}), "answered something unexpected .*'items'"),
        ((200, {"items": None}), "answered something unexpected"),
        ((200, {"items": [{"metadata": {"name": "p"}, "containers": [{}]}]}), "answered something unexpected"),
        (
            (200, {"items": [{"metadata": {"name": "p"}, "containers": [{"name": "c", "usage": {"cpu": "x"}}]}]}),
            "'x' is no quantity",
        ),
    ],
)
def test_what_is_no_answer_is_told_with_its_address(server, answer, complaint):
    path = f"{API}/namespaces/dev/pods"
    server.answers[path] = answer
    with pytest.raises(ResourcesError, match=complaint) as raised:
        Resources(server.url).pods()
    assert str(raised.value).startswith(f"{server.url}{path} ")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[::1"])
def test_a_server_that_is_not_there_is_told(url):
    with pytest.raises(ResourcesError, match=r"cannot be asked: ."):
        Resources(url).pods()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("250m", 0.25),
        ("13Mi", 13 << 20),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E", 10**18),
        ("1E2", 100),
        ("-2k", -2000),
        ("100Ei", 100 << 60),
    ],
)
def test_quantities(text, expected):
    assert parse_quantity(text) == expected


@pytest.mark.parametrize("text", ["", "m", "1 Mi", "1mi", "1e", "0x1", "1e1000", "٣", "1K", "one", "1\n"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="is no quantity"):
        parse_quantity(text)


@given(st.integers(0, 10**15))
def test_nanocores_are_read_exactly(number):
    assert parse_quantity(f"{number}n") * 10**9 == number


@given(st.text(max_size=8))
def test_any_text_is_read_or_refused(text):
    with suppress(ValueError):
        parse_quantity(text)


@pytest.mark.parametrize(("millicores", "text"), [(0, "0m"), (135, "135m"), (0.1, "1m"), (134.2 + 0.8, "135m")])
def test_cpu_is_printed_as_kubectl_does(millicores, text):
    assert format_cpu(millicores) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0Mi"), ((14 << 20) - 1, "13Mi"), (13 << 20, "13Mi"), (2 << 30, "2048Mi")]
)
def test_memory_is_printed_as_kubectl_does(size, text):
    assert format_memory(size) == text
