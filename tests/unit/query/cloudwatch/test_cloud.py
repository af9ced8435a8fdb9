import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError

from refapp.monitoring.cluster import NAME, REGION
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError, NoCloudError

REAL = {
    "AWS_ACCESS_KEY_ID": "AKIAREADER",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_PROFILE": "no-such-profile",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "AWS_REGION": "eu-west-3",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9/elsewhere",
    "AWS_ENDPOINT_URL_LOGS": "http://127.0.0.1:9/elsewhere",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_CA_BUNDLE": "/nowhere/bundle.pem",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


class Server(ThreadingHTTPServer):
    """Answers with what `says` makes of the number of a request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.says = lambda _: (200, {})

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing of a client that has gone."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), body))
        status, answer = self.server.says(len(self.server.requests))
        if status is None:
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if content.startswith(b"<") else "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cloud(server):
    return Cloud(lambda: {"aws": server.url})


def test_nothing_of_the_readers_own_configuration_is_used_or_sent(server, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "[default]\naws_access_key_id = AKIAFILE\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:9\n"
    )
    for name, value in {**REAL, "AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}.items():
        monkeypatch.setenv(name, value)
    server.says = lambda _: (200, {"logGroups": []})
    Cloud(lambda: {"aws": server.url}).call("logs", "describe_log_groups")
    ((headers, _),) = server.requests
    assert "Credential=local/" in headers["Authorization"]
    assert f"/{REGION}/logs/" in headers["Authorization"]
    assert "X-Amz-Security-Token" not in headers
    assert "AKIA" not in str(headers)


def test_the_names_are_those_of_the_platforms_cluster(cloud):
    assert (cloud.cluster, cloud.region) == (NAME, "us-east-1")


def test_a_client_is_boto3s_own_and_made_once(cloud):
    assert cloud.client("logs") is cloud.client("logs")
    assert cloud.client("logs").meta.service_model.service_name == "logs"


def test_a_platform_that_was_started_again_has_another_address(server):
    urls = {"aws": "http://127.0.0.1:1"}
    cloud = Cloud(lambda: urls)
    cloud.client("logs")
    urls["aws"] = server.url
    assert cloud.client("logs").meta.endpoint_url == server.url


def test_threads_that_ask_at_once_get_one_client(cloud):
    found = []
    threads = [threading.Thread(target=lambda: found.append(cloud.client("logs"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert len(found) == 4


def test_parameters_that_are_none_are_not_sent(cloud, server):
    cloud.call("logs", "describe_log_groups", logGroupNamePrefix=None, limit=3)
    assert json.loads(server.requests[0][1]) == {"limit": 3}


def test_pages_are_asked_for_as_they_are_needed(cloud, server):
    server.says = lambda number: (200, {"logGroups": [{"logGroupName": str(number)}], "nextToken": f"t{number}"})
    pages = cloud.pages("logs", "describe_log_groups", limit=1, logGroupNamePrefix=None)
    assert [next(pages)["logGroups"][0]["logGroupName"] for _ in range(2)] == ["1", "2"]
    assert [json.loads(body) for _, body in server.requests] == [{"limit": 1}, {"limit": 1, "nextToken": "t1"}]


def test_pages_end(cloud, server):
    server.says = lambda number: (200, {"logGroups": [], **({"nextToken": "t"} if number == 1 else {})})
    assert len(list(cloud.pages("logs", "describe_log_groups"))) == 2


def test_without_an_address_nothing_is_asked():
    with pytest.raises(NoCloudError, match="without CloudWatch"):
        Cloud(dict).client("logs")


@pytest.mark.parametrize(
    "ask", [lambda c: c.call("logs", "describe_log_groups"), lambda c: list(c.pages("logs", "describe_log_groups"))]
)
def test_a_server_that_is_away_is_one_error_with_its_address(ask):
    with pytest.raises(CloudError, match=r"http://127\.0\.0\.1:1 cannot be asked: Could not connect") as raised:
        ask(Cloud(lambda: {"aws": "http://127.0.0.1:1"}))
    assert (raised.value.status, raised.value.code) == (None, "")
    assert raised.value.__suppress_context__


def test_a_server_that_hangs_up_is_an_error(cloud, server):
    server.says = lambda _: (None, b"")
    with pytest.raises(CloudError, match="cannot be asked: Connection was closed"):
        cloud.call("logs", "describe_log_groups")


def test_a_server_that_says_nothing_is_given_up(server, monkeypatch):
    silent = threading.Event()
    server.says = lambda _: (silent.wait(30), (200, {}))[1]
    monkeypatch.setattr("refapp.query.cloudwatch.cloud._READ", 0.05)
    try:
        with pytest.raises(CloudError, match="did not answer in time"):
            Cloud(lambda: {"aws": server.url}).call("logs", "describe_log_groups")
    finally:
        silent.set()


def test_a_refusal_says_what_was_asked_and_why_not(cloud, server):
    answer = {"__type": "ResourceNotFoundException", "message": "The specified log group does not exist."}
    server.says = lambda _: (400, answer)
    with pytest.raises(CloudError) as raised:
        cloud.call("logs", "describe_log_streams", logGroupName="x")
    error = raised.value
    assert (error.code, error.status) == ("ResourceNotFoundException", 400)
    assert error.details == {"message": answer["message"]}
    assert str(error) == (
        f"{server.url} refused DescribeLogStreams (ResourceNotFoundException): The specified log group does not exist."
    )


def test_the_other_members_of_an_error_are_kept(cloud, server):
    compiled = {"location": {"startCharOffset": 3, "endCharOffset": 5}, "message": "m"}
    server.says = lambda _: (400, {"__type": "MalformedQueryException", "message": "m", "queryCompileError": compiled})
    with pytest.raises(CloudError) as raised:
        cloud.call("logs", "start_query", queryString="x", startTime=0, endTime=1, logGroupName="x")
    assert raised.value.details["queryCompileError"] == compiled


def test_what_boto3_itself_refuses_is_an_error_too(cloud, server):
    with pytest.raises(CloudError, match="Parameter validation failed"):
        cloud.call("logs", "start_query", queryString=3)
    assert server.requests == []


def test_a_service_that_boto3_does_not_know_is_an_error(cloud):
    with pytest.raises(CloudError, match="Unknown service"):
        cloud.client("no-such-service")


@pytest.mark.parametrize("operation", ["call", "pages"])
def test_a_web_page_is_no_answer(cloud, server, operation):
    server.says = lambda _: (200, b"<html>")
    with pytest.raises(CloudError, match="a web page was answered"):
        list(getattr(cloud, operation)("logs", "describe_log_groups"))


def test_a_plain_client_raises_what_boto3_raises(cloud, server):
    server.says = lambda _: (400, {"__type": "LimitExceededException", "message": "m"})
    client = cloud.client("logs")
    with pytest.raises(client.exceptions.LimitExceededException):
        client.create_log_group(logGroupName="x")
    with pytest.raises(ClientError):
        client.create_log_group(logGroupName="x")


@pytest.fixture
def reader(monkeypatch, tmp_path):
    """A reader with an account of their own."""
    for name in REAL:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREADER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.mark.usefixtures("reader")
def test_on_aws_boto3s_own_chain_decides(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    cloud = Cloud(lambda: {"aws": "http://127.0.0.1:1"}, on_aws=True)
    client = cloud.client("logs")
    assert client.meta.endpoint_url == "https://logs.eu-west-3.amazonaws.com"
    assert client._get_credentials().access_key == "AKIAREADER"
    assert cloud.region == "eu-west-3"


@pytest.mark.usefixtures("reader")
def test_on_aws_the_region_may_be_given_and_is_the_articles_otherwise():
    assert Cloud(dict, on_aws=True, region="ap-south-1").client("logs").meta.region_name == "ap-south-1"
    assert Cloud(dict, on_aws=True).client("logs").meta.region_name == REGION


@pytest.mark.usefixtures("reader")
def test_a_profile_that_is_not_there_is_an_error_on_aws(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(CloudError, match="no-such-profile"):
        Cloud(dict, on_aws=True).client("logs")


def test_a_process_of_its_own_finds_it_by_these_variables(server, monkeypatch):
    for name in REAL:
        monkeypatch.delenv(name, raising=False)
    for name, value in Cloud(lambda: {"aws": server.url}).environment().items():
        monkeypatch.setenv(name, value)
    server.says = lambda _: (200, {"logGroups": []})
    boto3.client("logs").describe_log_groups()
    ((headers, _),) = server.requests
    assert "Credential=local/" in headers["Authorization"]


def test_there_are_no_variables_for_what_is_not_there():
    with pytest.raises(NoCloudError):
        Cloud(dict).environment()


def test_on_aws_only_the_region_is_told():
    told = Cloud(dict, on_aws=True, region="eu-west-3").environment()
    assert told == {"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-3"}
