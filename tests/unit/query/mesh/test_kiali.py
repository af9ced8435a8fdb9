import json
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from refapp.query.answers import BackendError
from refapp.query.mesh.kiali import Kiali
from refapp.query.mesh.telemetry import ask
from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def server(small, question, now):
    """A server that answers as Kiali does; `answers` by response time, and what it was `asked`."""
    graph = build(ask(small, question())[now], now, question(), Options())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
            self.server.asked.append((address.path, params, self.headers.get("Authorization")))
            status, body = self.server.answer(params)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def answer(params):
        found = graph.to_kiali()
        times = {"avg": "5", "50": "10", "95": "24", "99": "25"}
        for wrapper in found["elements"]["edges"]:
            if "responseTime" in wrapper["data"]:
                wrapper["data"]["responseTime"] = times[params["responseTime"]]
        return 200, json.dumps(found).encode()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], answer
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    server.graph = graph
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_graph_of_an_external_kiali(server, question):
    graph = Kiali(server.url, headers={"Authorization": "Bearer t"}).graph(question(), Options())
    assert graph.counts == server.graph.counts
    (edge,) = (edge for edge in graph.edges if edge.target == "vapp_Kubernetes_dev_one")
    assert tuple(edge.times) == (5.0, 10.0, 24.0, 25.0)
    assert [params["responseTime"] for _, params, _ in server.asked] == ["avg", "50", "95", "99"]
    path, params, authorization = server.asked[0]
    assert (path, authorization) == ("/kiali/api/namespaces/graph", "Bearer t")
    assert {
        name: params[name] for name in ("namespaces", "graphType", "duration", "rateTcp", "injectServiceNodes")
    } == {
        "namespaces": "dev",
        "graphType": "versionedApp",
        "duration": "300s",
        "rateTcp": "sent",
        "injectServiceNodes": "true",
    }
    assert params["queryTime"] == str(int(question().end.timestamp()))


def test_what_is_asked_for_is_passed_on(server, question):
    options = Options(kind="workload", services=False, idle_edges=True, idle_nodes=True)
    Kiali(server.url + "/mesh/").graph(question("a", "b", times=False, window=timedelta(seconds=90)), options)
    ((path, params, _),) = server.asked
    assert path == "/mesh/api/namespaces/graph"
    assert (params["namespaces"], params["duration"], params["responseTime"]) == ("a,b", "90s", "95")
    assert (params["injectServiceNodes"], params["includeIdleEdges"]) == ("false", "true")
    assert "idleNode" in params["appenders"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b"Requested namespace [dev] is not accessible.", "answered 403 Forbidden: Requested namespace"),
        (200, b"<!doctype html>", "not JSON"),
        (200, b'{"graphType": "round"}', "answered something unexpected"),
        (200, b'{"graphType": "app", "elements": {"nodes": [{}]}}', "answered something unexpected"),
        (200, b"[]", "answered something unexpected"),
    ],
)
def test_errors_name_the_address_and_what_it_said(server, question, status, body, said):
    server.answer = lambda _: (status, body)
    with pytest.raises(BackendError, match=said) as caught:
        Kiali(server.url).graph(question(), Options())
    assert str(caught.value).startswith(f"{server.url}/kiali/api/namespaces/graph")


def test_an_address_where_nobody_listens(question):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(BackendError, match="cannot be asked"):
        Kiali(url).graph(question(), Options())
