import socket

import pytest
from botocore.exceptions import BotoCoreError

from refapp.backends.shipper.endpoint import Answer, DeliveryError, Endpoint, Held, RefusedError

EVENTS = [{"timestamp": 1000 + number // 3, "message": f"{number}"} for number in range(10)]


@pytest.fixture
def connect(credentials):  # noqa: ARG001 - boto3 sends nothing without
    opened = []

    def connect(url, **changes):
        endpoint = Endpoint(**{"url": url, "region": "us-east-1", "connections": 2, "timeout": 20, **changes})
        opened.append(endpoint)
        return endpoint

    yield connect
    for endpoint in opened:
        endpoint.close()


@pytest.fixture
def endpoint(logs, connect):
    return connect(logs.url)


def test_a_group_and_a_stream_are_created_when_they_are_missing(logs, endpoint):
    assert endpoint.put("group", "one", EVENTS) == Answer(old=0, expired=0, new=10, created=True)
    assert endpoint.put("group", "two", EVENTS).created
    assert not endpoint.put("group", "one", EVENTS[:1]).created
    assert logs.calls["CreateLogGroup"] == 2
    assert [message for _, message in logs.groups["group"]["one"]] == [*"0123456789", "0"]


def test_another_may_create_them_at_the_same_time(logs, endpoint):
    def ill(operation, _):
        if operation.startswith("Create"):
            logs.groups["group"].setdefault("stream", [])

    logs.ill = ill
    assert endpoint.put("group", "stream", EVENTS).created
    assert len(logs.groups["group"]["stream"]) == 10


def test_what_the_endpoint_rejects_is_told(logs, endpoint):
    logs.rejected = lambda _: {
        "tooOldLogEventEndIndex": 2,
        "expiredLogEventEndIndex": 3,
        "tooNewLogEventStartIndex": 8,
    }
    assert endpoint.put("group", "stream", EVENTS)[:3] == (2, 3, 8)
    assert [message for _, message in logs.groups["group"]["stream"]] == [*"34567"]


@pytest.mark.parametrize("code", ["InvalidParameterException", "ValidationException", "SerializationException"])
def test_events_are_refused(logs, endpoint, problem, code):
    endpoint.put("group", "stream", EVENTS)

    def ill(*_):
        raise problem(code)

    logs.ill = ill
    with pytest.raises(RefusedError, match=code):
        endpoint.put("group", "stream", EVENTS)
    with pytest.raises(DeliveryError, match=code):
        endpoint.held("group", "stream", 0, 2000)


def test_a_request_that_is_too_large(logs, endpoint, problem):
    def ill(*_):
        raise problem("RequestEntityTooLarge", 413)

    logs.ill = ill
    with pytest.raises(RefusedError, match="RequestEntityTooLarge"):
        endpoint.put("group", "stream", EVENTS)


def test_a_group_that_is_refused_is_no_fault_of_the_events(logs, endpoint, problem):
    def ill(operation, _):
        if operation == "CreateLogGroup":
            raise problem("InvalidParameterException")

    logs.ill = ill
    with pytest.raises(DeliveryError, match="CreateLogGroup") as caught:
        endpoint.put("group", "stream", EVENTS)
    assert caught.value.sure


def test_a_stream_that_stays_missing(logs, endpoint, problem):
    def ill(operation, _):
        if operation == "PutLogEvents":
            raise problem("ResourceNotFoundException")

    logs.ill = ill
    with pytest.raises(DeliveryError, match="is missing as soon as it is made"):
        endpoint.put("group", "stream", EVENTS)


@pytest.mark.parametrize(
    ("code", "status", "sure"),
    [
        ("ThrottlingException", 400, True),
        ("UnrecognizedClientException", 400, True),
        ("ExpiredTokenException", 403, True),
        ("UnknownOperationException", 404, True),
        ("ServiceUnavailableException", 503, False),
        ("InternalFailure", 500, False),
    ],
)
def test_what_may_succeed_another_time(logs, endpoint, problem, code, status, sure):
    def ill(*_):
        raise problem(code, status)

    logs.ill = ill
    with pytest.raises(DeliveryError, match=code) as caught:
        endpoint.put("group", "stream", EVENTS)
    assert caught.value.sure is sure


def test_nobody_is_there(connect):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    with pytest.raises(DeliveryError, match="Could not connect") as caught:
        connect(f"http://127.0.0.1:{address[1]}").put("group", "stream", EVENTS)
    assert caught.value.sure


def test_an_answer_that_is_lost(logs, endpoint):
    endpoint.put("group", "stream", EVENTS)
    logs.lost = 1
    with pytest.raises(DeliveryError) as caught:
        endpoint.put("group", "stream", EVENTS)
    assert not caught.value.sure
    assert endpoint.held("group", "stream", 0, 2000).events == 20


def test_an_answer_that_does_not_come(connect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = connect(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)
        with pytest.raises(DeliveryError, match="Read timeout") as caught:
            endpoint.put("group", "stream", EVENTS)
    assert not caught.value.sure


def test_what_a_stream_holds(endpoint):
    assert endpoint.held("group", "stream", 0, 2000) == Held()
    endpoint.put("group", "stream", EVENTS)
    assert endpoint.held("group", "stream", 0, 2000) == Held(events=10, timestamp=1003, same=1)
    assert endpoint.held("group", "stream", 1002, 1003) == Held(events=3, timestamp=1002, same=3)
    assert endpoint.held("group", "stream", 1004, 2000) == Held()


def test_what_a_stream_holds_beyond_a_page(endpoint):
    endpoint.put("group", "stream", [{"timestamp": 5, "message": "x"}] * 2500)
    assert endpoint.held("group", "stream", 5, 2000) == Held(events=2500, timestamp=5, same=2500)


def test_no_region(connect, monkeypatch, tmp_path):
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(BotoCoreError, match="region"):
        connect(None, region=None)


def test_aws_is_asked_when_no_endpoint_is_named(connect, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", raising=False)
    endpoint = connect(None, region="eu-central-1")
    assert endpoint._client.meta.endpoint_url == "https://logs.eu-central-1.amazonaws.com"


def test_no_credentials(connect, logs, monkeypatch, tmp_path):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(DeliveryError, match="Unable to locate credentials"):
        connect(logs.url).put("group", "stream", EVENTS)
