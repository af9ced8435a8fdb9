import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError, NoCloudError
from refapp.query.cloudwatch.logs import CloudWatchLogs

SETTLED = {"settled": True, "pending": 0, "failure": ""}


class Handler(BaseHTTPRequestHandler):
    """What it says next is the first of `server.says`; of the last one it is said again."""

    def do_GET(self):
        self.server.asked.append(parse_qs(urlsplit(self.path).query))
        says = self.server.says
        answer = says.pop(0) if len(says) > 1 else says[0]
        if answer is None:
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def shipper():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.says, server.asked = [SETTLED], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def platform(shipper, monkeypatch):
    """Its `logs`, and `aws`: the errors that AWS still answers with."""
    cloud = Cloud(lambda: {"aws": "http://127.0.0.1:1", "shipper": f"http://127.0.0.1:{shipper.server_port}"})
    errors = []

    def call(*_, **__):
        if errors:
            raise errors.pop()
        return {}

    monkeypatch.setattr(cloud, "call", call)
    return SimpleNamespace(logs=CloudWatchLogs(cloud), aws=errors)


def test_it_returns_when_the_shipper_says_so(platform, shipper):
    platform.logs.settle()
    (asked,) = shipper.asked
    assert float(asked["within"][0]) == pytest.approx(45, abs=5)


def test_a_shipper_that_starts_again_is_awaited(platform, shipper):
    shipper.says[:] = [None, None, SETTLED]
    platform.logs.settle()
    assert len(shipper.asked) == 3


def test_an_aws_that_starts_again_is_awaited(platform, shipper):
    platform.aws[:] = [CloudError("down"), CloudError("down")]
    platform.logs.settle()
    assert (platform.aws, len(shipper.asked)) == ([], 3)


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ({"settled": False, "pending": 7, "failure": "Could not connect"}, "7 bytes wait: Could not connect$"),
        ({"settled": False, "pending": 7, "failure": ""}, "7 bytes wait$"),
        (None, "cannot be asked"),
    ],
)
def test_what_is_in_the_way_is_told(platform, shipper, says, complaint):
    shipper.says[:] = [says]
    began = time.monotonic()
    with pytest.raises(CloudError, match=f"not all that was logged is in CloudWatch after 0.3 s: .*{complaint}"):
        platform.logs.settle(within=0.3)
    assert time.monotonic() - began < 10


def test_a_platform_without_cloudwatch_and_one_on_aws():
    for cloud in (Cloud(dict), Cloud(dict, on_aws=True)):
        with pytest.raises(NoCloudError):
            CloudWatchLogs(cloud).settle()
