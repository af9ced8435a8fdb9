import asyncio
import gzip
import json

import pytest
from aiohttp import web

from refapp.services.lifecycle import StartError
from refapp.services.metrics import REGISTRY
from refapp.services.ui import policy

ID = "0af7651916cd43dd8448eb211c80319c"
TRACE = {"data": [{"traceID": ID, "spans": [], "processes": {}}], "errors": None}


def vector(*series):
    result = [{"metric": labels, "value": [1.5, value]} for labels, value in series]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


@pytest.mark.parametrize("path", ["/", "/trace", f"/trace/{ID}", "/graph", "/?a=b", "/anything/else"])
async def test_pages_are_the_app(ui, dist, path):
    response, body = await ui.ask(path)
    assert (response.status, body) == (200, (dist / "index.html").read_bytes())
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Content-Security-Policy"] == policy.page()


async def test_a_page_may_ask_the_api_elsewhere(start_ui):
    ui = await start_ui(API_BASE_URL="https://api.example.com/v1")
    response, _ = await ui.ask("/")
    assert "connect-src 'self' https://api.example.com;" in response.headers["Content-Security-Policy"]
    assert (await ui.json("/config.json"))[1]["apiBaseUrl"] == "https://api.example.com/v1"


async def test_files_are_compressed_and_kept(ui, dist):
    response, body = await ui.ask("/main-ABCD2345.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(body) == (dist / "main-ABCD2345.js").read_bytes()
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_what_a_browser_has_is_not_sent_again(ui):
    tag = (await ui.ask("/"))[0].headers["ETag"]
    response, body = await ui.ask("/", headers={"If-None-Match": tag})
    assert (response.status, body) == (304, b"")
    assert response.headers["Content-Security-Policy"] == policy.page()


@pytest.mark.parametrize("path", ["/", "/main-ABCD2345.js", "/config.json", "/healthz"])
async def test_head_is_get_without_the_body(ui, path):
    got, body = await ui.ask(path, headers={"Accept-Encoding": "gzip"})
    response, nothing = await ui.ask(path, method="HEAD", headers={"Accept-Encoding": "gzip"})
    assert (response.status, nothing) == (200, b"")
    assert response.headers["Content-Length"] == str(len(body))
    assert {**response.headers, "Date": ""} == {**got.headers, "Date": ""}


async def test_swagger_has_a_policy_of_its_own(ui, dist):
    response, body = await ui.ask("/docs/")
    assert (response.status, body) == (200, (dist / "docs" / "index.html").read_bytes())
    assert response.headers["Content-Security-Policy"] == policy.documentation()
    response, _ = await ui.ask("/docs")
    assert (response.status, response.headers["Location"]) == (308, "/docs/")


async def test_the_configuration_is_never_kept(start_ui):
    workloads = [{"name": "service-a", "title": "Service A", "calls": [], "publishes": "", "consumes": ""}]
    ui = await start_ui(WORKLOADS=json.dumps(workloads), PRODUCTION="off", SERVER_LOG_LEVEL="info")
    response, body = await ui.ask("/config.json")
    assert response.headers["Cache-Control"] == "no-store"
    assert json.loads(body) == {
        "apiBaseUrl": "",
        "production": False,
        "logLevel": "DEBUG",
        "serverLogLevel": "INFO",
        "serverLoggingUrl": "/logs",
        "workloads": workloads,
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/../etc/passwd", 400),
        ("/docs/../../etc/passwd", 400),
        ("/%2e%2e/%2e%2e/etc/passwd", 400),
        ("/..%2f..%2fetc%2fpasswd", 400),
        ("/..%5c..%5cwindows", 400),
        ("/index.html%00.js", 400),
        ("/%ff%fe", 400),
        ("/traces/..%2fservices", 400),
        ("/settings.py", 404),
        ("/../settings.py", 400),
        ("/index.html/", 404),
        ("/api/greeting", 404),
        ("/openapi.json", 404),
        ("/docs/nothing", 404),
        ("//index.html", 404),
        (f"/{'a' * 50_000}.js", 404),
        (f"/traces/{'a' * 50_000}", 400),
    ],
)
async def test_odd_paths_lead_nowhere(ui, path, status):
    answered, body = await ui.json(path)
    assert answered == status
    assert list(body) == ["message"]
    assert len(body["message"]) < 200


async def test_a_path_that_is_too_long_is_refused(ui):
    answer = await ui.raw(b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: ui\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 400 ")


async def test_a_proxy_may_send_the_whole_address(ui, dist):
    answer = await ui.raw(b"GET http://ui/trace?a=/../ HTTP/1.1\r\nHost: ui\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert (dist / "index.html").read_bytes() in answer


@pytest.mark.parametrize("path", ["/", "/config.json", "/healthz", "/graph.json", f"/traces/{ID}", "/main-ABCD2345.js"])
async def test_what_can_be_read_cannot_be_written(ui, path):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        response, _ = await ui.ask(path, method=method)
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


PATHS = [
    "/",
    "/main-ABCD2345.js",
    "/missing.js",
    "/%00",
    "/config.json",
    "/healthz",
    "/graph.json",
    "/traces/x",
    "/docs/",
]


@pytest.mark.parametrize("path", [*PATHS, "/docs", "/docs/missing", "/logs", f"/traces/{ID}"])
async def test_every_answer_has_a_policy(ui, path):
    for method in ("GET", "HEAD", "POST"):
        response, _ = await ui.ask(path, method=method)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        for name, value in policy.HEADERS.items():
            assert response.headers[name] == value
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_foreign_origin_gets_no_leave(ui):
    headers = {"Origin": "https://foreign.example", "Access-Control-Request-Method": "POST"}
    response, _ = await ui.ask("/logs", method="OPTIONS", headers=headers)
    assert response.status == 405
    assert not [name for name in response.headers if name.startswith("Access-Control")]


async def test_a_trace_is_jaegers_answer(start_ui, peer):
    peer.says(TRACE)
    ui = await start_ui(JAEGER=peer.url)
    response, body = await ui.ask(f"/traces/{ID}")
    assert (response.status, json.loads(body)) == (200, TRACE)
    assert response.headers["Cache-Control"] == "no-store"
    assert peer.requests[0].path == f"/api/traces/{ID}"


async def test_a_graph_is_made_of_metrics(start_ui, peer):
    labels = {
        "reporter": "destination",
        "source_workload": "service-a",
        "source_workload_namespace": "prod",
        "destination_workload": "service-b",
        "destination_workload_namespace": "prod",
        "request_protocol": "grpc",
        "response_code": "200",
        "connection_security_policy": "mutual_tls",
    }

    def measured(request):
        query = request.query["query"]
        value = "12.5" if "histogram_quantile" in query else "3.2"
        return web.json_response(vector() if "tcp" in query else vector((labels, value)))

    peer.answer = measured
    ui = await start_ui(PROMETHEUS=peer.url, NAMESPACE="prod")
    status, body = await ui.json("/graph.json?window=30")
    assert (status, body) == (
        200,
        {
            "window": 30,
            "nodes": [{"id": "service-a", "kind": "workload"}, {"id": "service-b", "kind": "workload"}],
            "edges": [
                {
                    "source": "service-a",
                    "destination": "service-b",
                    "protocol": "grpc",
                    "rate": 3.2,
                    "errors": 0.0,
                    "p95": 12.5,
                    "mtls": True,
                }
            ],
        },
    )
    assert len(peer.requests) == 3
    assert all("[30s]" in request.query["query"] for request in peer.requests)


@pytest.mark.parametrize(("query", "window"), [("", 60), ("?window=10", 10), ("?window=3600", 3600)])
async def test_the_window_of_a_graph(start_ui, peer, query, window):
    peer.says(vector())
    ui = await start_ui(PROMETHEUS=peer.url)
    assert await ui.json(f"/graph.json{query}") == (200, {"window": window, "nodes": [], "edges": []})
    assert {f"[{window}s]" in request.query["query"] for request in peer.requests} == {True}


@pytest.mark.parametrize(
    "query",
    [
        "window=9",
        "window=3601",
        "window=",
        "window=1m",
        "window=30.0",
        "window=-30",
        "window=+30",
        "window=030",
        "window=%D9%A3%D9%A0",
        "window=30&window=60",
        "query=up",
        "window=30&query=up",
        "window=30]))%20or%20vector(1",
        "window=" + "9" * 5000,
    ],
)
async def test_nothing_else_reaches_prometheus(start_ui, peer, query):
    ui = await start_ui(PROMETHEUS=peer.url)
    status, body = await ui.json(f"/graph.json?{query}")
    assert status == 400
    assert "window" in body["message"]
    assert peer.requests == []


@pytest.mark.parametrize(("path", "name"), [(f"/traces/{ID}", "Jaeger"), ("/graph.json", "Prometheus")])
async def test_what_is_behind_may_be_missing_or_away(start_ui, unreachable, lines, path, name):
    ui = await start_ui()
    assert await ui.json(path) == (503, {"message": f"there is no {name}: the platform runs without it"})
    ui = await start_ui(**{name.upper(): f"http://{unreachable}"})
    lines()
    headers = {"X-B3-TraceId": ID, "X-Request-Id": "r-1"}
    assert await ui.json(path, headers=headers) == (502, {"message": f"{name} cannot be asked: Connection refused"})
    (line,) = lines()
    assert (line["level"], line["msg"], line["path"], line["status"]) == ("error", "request failed", path, 502)
    assert (line["trace_id"], line["request_id"]) == (ID, "r-1")
    assert line["detail"] == f"{name} cannot be asked: Connection refused"


async def test_a_failure_of_our_own_is_not_told_to_the_browser(ui, lines, monkeypatch):
    async def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr("refapp.services.ui.telemetry.ask", broken)
    lines()
    response, body = await ui.ask("/graph.json")
    assert (response.status, json.loads(body)) == (
        500,
        {"message": "the user interface's server failed; its log says why"},
    )
    assert "Content-Security-Policy" in response.headers
    (line,) = lines()
    assert (line["level"], line["error"]) == ("error", "RuntimeError: secret")


async def test_requests_are_counted(ui):
    def counted(name, code):
        return REGISTRY.get_sample_value("ui_requests_total", {"for": name, "code": code}) or 0

    kinds = [("app", "200"), ("app", "404"), ("config", "200"), ("nowhere", "400"), ("traces", "405")]
    before = [counted(*kind) for kind in kinds]
    for path in ("/", "/missing.js", "/config.json", "/%00"):
        await ui.ask(path)
    await ui.ask(f"/traces/{ID}", method="DELETE")
    assert [counted(*kind) - was for kind, was in zip(kinds, before, strict=True)] == [1] * 5


async def test_health_fails_while_it_drains(ui):
    assert await ui.json("/healthz") == (200, {"status": "SERVING"})
    ui.ui.draining = True
    response, body = await ui.ask("/healthz")
    assert (response.status, json.loads(body)) == (503, {"status": "NOT_SERVING"})
    assert response.headers["Connection"] == "close"


async def test_a_browser_that_goes_away_ends_the_question(start_ui, peer):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    peer.answer = wait
    ui = await start_ui(JAEGER=peer.url, DEADLINE_SECONDS="3600")
    request = asyncio.create_task(ui.ask(f"/traces/{ID}"))
    async with asyncio.timeout(30):
        await begun.wait()
        request.cancel()
        await cancelled.wait()


async def test_requests_that_run_when_it_ends_are_answered(start_ui, peer):
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        begun.set()
        await release.wait()
        return web.json_response(TRACE)

    peer.answer = wait
    ui = await start_ui(JAEGER=peer.url, grace=60)
    request = asyncio.create_task(ui.ask(f"/traces/{ID}"))
    await begun.wait()
    ending = asyncio.create_task(ui.runner.cleanup())
    release.set()
    assert (await request)[0].status == 200
    await ending


async def test_an_address_that_is_taken(start_ui, ui):
    with pytest.raises(StartError, match="Address already in use"):
        await start_ui(PORT="{}:{}".format(*ui.address))
