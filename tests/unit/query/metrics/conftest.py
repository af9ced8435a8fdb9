"""What the tests of metrics share: a real Prometheus with a known past, and an exporter that it scrapes."""

import contextlib
import json
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from refapp.query.metrics import Metrics

SCRAPE = 15  # seconds between the samples of the past
# An hour that lies far enough back for nothing that is scraped now to fall into it.
START = datetime.fromtimestamp(time.time() // 3600 * 3600, UTC) - timedelta(hours=3)

CONFIGURATION = """\
global: {{scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}}
rule_files: [rules.yml]
scrape_configs:
- job_name: exporter
  static_configs: [{{targets: ["{exporter}"], labels: {{app: exporter, health: fine}}}}]
- job_name: nobody
  static_configs: [{{targets: ["127.0.0.1:1"]}}]
"""
RULES = """\
groups:
- name: g
  rules:
  - {record: "up:sum", expr: sum(up)}
  - alert: Down
    expr: up == 0
    labels: {severity: critical, state: odd}
    annotations: {summary: "{{ $labels.job }} is down"}
  - {alert: Never, expr: "up > 1", for: 5m}
"""


def past():
    """Requests of two pods as OpenMetrics, one a second and two, the latter with a gap; and odd values."""
    moments = [START.timestamp() + offset for offset in range(0, 3601, SCRAPE)]
    yield "# TYPE requests counter"
    for pod, rate in (("a", 1), ("b", 2)):
        for moment in moments:
            if pod == "a" or not 1200 <= moment - START.timestamp() < 1800:
                value = rate * (moment - START.timestamp())
                yield f'requests_total{{pod="{pod}",code="200",namespace="dev",node="n"}} {value} {moment}'
    yield "# TYPE odd gauge"
    for kind, value in (("nan", "NaN"), ("inf", "+Inf"), ("minus", "-Inf")):
        for moment in moments:
            yield f'odd{{kind="{kind}",value="v"}} {value} {moment}'
    yield "# EOF"


class Scripted(ThreadingHTTPServer):
    """A server that gives one answer to everything, and keeps what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Scripted)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status, self.body = 200, "{}"
        self.asked = []

    def answer(self, body, status=200):
        """Answer with a text as it is, and with anything else as JSON."""
        self.status, self.body = status, body if isinstance(body, str) else json.dumps(body)


class _Scripted(BaseHTTPRequestHandler):
    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.asked.append((self.command, self.path, self.rfile.read(length).decode()))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names are http.server's

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def ready(url):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/-/ready").is_success
    return False


@pytest.fixture(scope="session")
def start():
    """The first moment of the past of Prometheus, which lasts an hour."""
    return START


@pytest.fixture(scope="session")
def exporter(exporting):
    """What Prometheus scrapes."""
    with exporting() as server:
        yield server


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory, exporter, eventually):
    """The address of a Prometheus that has a past."""
    directory, address = tmp_path_factory.mktemp("prometheus"), free_address()
    (directory / "past.txt").write_text("\n".join([*past(), ""]))
    (directory / "prometheus.yml").write_text(CONFIGURATION.format(exporter=exporter.address))
    (directory / "rules.yml").write_text(RULES)
    backfill = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "past.txt", "tsdb"]
    subprocess.run(backfill, cwd=directory, check=True, capture_output=True)
    flags = ("config.file=prometheus.yml", "storage.tsdb.path=tsdb", f"web.listen-address={address}", "log.level=error")
    process = subprocess.Popen(["prometheus", *(f"--{flag}" for flag in flags)], cwd=directory)
    try:
        eventually(lambda: ready(f"http://{address}"))
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def metrics(prometheus):
    """The metrics of that Prometheus."""
    return Metrics(lambda: {"prometheus": prometheus})


@pytest.fixture
def scripted():
    """A server that says what it is told."""
    with serving(Scripted()) as server:
        yield server


@pytest.fixture
def silent():
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nobody():
    """An address at which nothing listens."""
    return f"http://{free_address()}"
