import gzip
import io
import json
import time

import pytest

from refapp.backends.cloudwatch.endpoint.application import NO_EXPORTS, Endpoint
from refapp.backends.cloudwatch.endpoint.eventstream import Frames
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs.livetail import Tails
from refapp.backends.cloudwatch.logs.regions import Regions

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:g"


class Emulation:
    """In the place of moto: remembers what it was asked, and the body that it could read."""

    def __init__(self):
        self.asked = []

    def answer(self, call, environ, start):
        self.asked.append((call.service, call.operation, environ["wsgi.input"].read()))
        start("200 OK", [])
        return [b"moto"]


@pytest.fixture
def regions(tmp_path):
    with Regions(tmp_path) as regions:
        yield regions


@pytest.fixture
def emulation():
    return Emulation()


@pytest.fixture
def ask(regions, emulation):
    """Sends a request; returns its status and what the answer says."""
    tails = Tails(period=0)
    endpoint = Endpoint(regions, tails, emulation)

    def ask(operation, members=None, *, service="logs", prefix="Logs_20140328.", region="us-east-1", **environ):
        body = members if isinstance(members, bytes) else json.dumps(members or {}).encode()
        scope = f"Credential=AKID/20261129/{region}/{service}/aws4_request"
        request = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, Signature=0",
            "HTTP_X_AMZ_TARGET": prefix + operation,
            "wsgi.input": io.BytesIO(body),
        }
        begun = []
        found = endpoint(request | environ, lambda status, headers, *_: begun.append((int(status[:3]), headers)))
        if isinstance(found, Frames):
            return begun[0][0], found
        content = b"".join(found)
        return begun[0][0], json.loads(content) if content.startswith(b"{") else content

    yield ask
    tails.end()


def test_health(ask):
    assert ask("", PATH_INFO="/health", HTTP_AUTHORIZATION="") == (200, {"status": "UP", "logGroups": 0})
    ask("CreateLogGroup", {"logGroupName": "g"})
    assert ask("", PATH_INFO="/health") == (200, {"status": "UP", "logGroups": 1})


def test_the_logs_are_answered_here(ask, emulation):
    assert ask("CreateLogGroup", {"logGroupName": "g"}) == (200, {})
    status, answer = ask("DescribeLogGroups")
    assert (status, answer["logGroups"][0]["logGroupName"]) == (200, "g")
    assert ask("DescribeLogGroups", region="eu-west-1") == (200, {"logGroups": []})
    assert emulation.asked == []


def test_a_refusal_says_why(ask):
    status, answer = ask("DescribeLogStreams", {"logGroupName": "no"})
    assert status == 400
    assert answer == {"__type": "ResourceNotFoundException", "message": "The specified log group does not exist."}
    assert ask("DescribeLogGroups", region="nowhere") == (
        400,
        {"__type": "InvalidParameterException", "message": "'nowhere' is no name of a region, such as us-east-1"},
    )


def test_a_body_that_is_no_json(ask):
    status, answer = ask("DescribeLogGroups", b"{")
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_a_request_without_a_signature(ask, emulation):
    status, answer = ask("DescribeLogGroups", HTTP_AUTHORIZATION="")
    assert (status, answer["__type"]) == (403, "MissingAuthenticationTokenException")
    assert emulation.asked == []


def test_the_rest_is_for_moto_whole(ask, emulation):
    assert ask("GetCallerIdentity", {"a": 1}, service="sts", prefix="") == (200, b"moto")
    assert ask("DescribeDestinations", {"b": 2}) == (200, b"moto")
    assert (
        ask("ListTagsForResource", {"resourceArn": "arn:aws:logs:us-east-1:123456789012:destination:d"})[1] == b"moto"
    )
    assert [asked[:2] for asked in emulation.asked] == [
        ("sts", "GetCallerIdentity"),
        ("logs", "DescribeDestinations"),
        ("logs", "ListTagsForResource"),
    ]
    assert [asked[2] for asked in emulation.asked][:2] == [b'{"a": 1}', b'{"b": 2}']


def test_what_is_packed_is_unpacked_for_all_but_objects(ask, emulation):
    packed = gzip.compress(b'{"logGroupName": "g"}')
    assert ask("CreateLogGroup", packed, HTTP_CONTENT_ENCODING="gzip") == (200, {})
    ask("PutMetricData", packed, service="monitoring", prefix="G.", HTTP_CONTENT_ENCODING="gzip")
    ask("", packed, service="s3", HTTP_X_AMZ_TARGET="", HTTP_CONTENT_ENCODING="gzip")
    assert [asked[2] for asked in emulation.asked] == [b'{"logGroupName": "g"}', packed]
    status, answer = ask("PutMetricData", b"x", service="monitoring", prefix="G.", HTTP_CONTENT_ENCODING="gzip")
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_tags_of_groups_are_kept_here(ask, emulation):
    ask("CreateLogGroup", {"logGroupName": "g"})
    ask("TagResource", {"resourceArn": ARN, "tags": {"a": "b"}})
    assert ask("ListTagsForResource", {"resourceArn": ARN}) == (200, {"tags": {"a": "b"}})
    assert emulation.asked == []


@pytest.mark.parametrize("name", sorted(NO_EXPORTS))
def test_events_are_not_exported(ask, emulation, name):
    status, answer = ask(name)
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    assert f"does not know {name} of the service logs" in answer["message"]
    assert emulation.asked == []


def test_a_subscription_filter_that_would_do_nothing_is_refused(ask, emulation):
    members = {"logGroupName": "g", "filterName": "f", "filterPattern": "{", "destinationArn": "arn:aws:kinesis:x"}
    status, answer = ask("PutSubscriptionFilter", members)
    assert (status, answer["__type"]) == (400, "InvalidParameterException")
    assert emulation.asked == []
    assert ask("PutSubscriptionFilter", members | {"filterPattern": ""}) == (200, b"moto")


def test_live_tail_is_a_stream(ask):
    ask("CreateLogGroup", {"logGroupName": "g"})
    status, stream = ask("StartLiveTail", {"logGroupIdentifiers": [ARN]})
    assert status == 200
    assert b"initial-response" in next(stream)
    assert b"sessionStart" in next(stream)
    stream.close()
    status, answer = ask("StartLiveTail", {"logGroupIdentifiers": ["no"]})
    assert (status, answer["__type"]) == (400, "InvalidParameterException")


def test_a_disk_that_is_full_asks_to_come_again(ask, regions, monkeypatch):
    def fail(*_, **__):
        raise StoreError("disk full")

    ask("CreateLogGroup", {"logGroupName": "g"})
    ask("CreateLogStream", {"logGroupName": "g", "logStreamName": "s"})
    monkeypatch.setattr(regions.get("us-east-1").store, "append", fail)
    events = [{"timestamp": int(time.time() * 1000), "message": "x"}]
    status, answer = ask("PutLogEvents", {"logGroupName": "g", "logStreamName": "s", "logEvents": events})
    assert (status, answer["__type"]) == (503, "ServiceUnavailableException")


@pytest.mark.parametrize("error", [OSError("disk full"), StoreError("disk full")])
def test_a_region_that_cannot_be_opened(ask, regions, monkeypatch, error):
    def fail(_):
        raise error

    monkeypatch.setattr(regions, "get", fail)
    status, answer = ask("DescribeLogGroups")
    assert (status, answer["__type"]) == (503, "ServiceUnavailableException")
    assert "us-east-1 cannot be opened now: disk full" in answer["message"]


def test_a_defect_is_told_and_logged(ask, regions, monkeypatch, caplog):
    monkeypatch.setattr(regions, "get", lambda _: None)
    status, answer = ask("DescribeLogGroups")
    assert (status, answer["__type"]) == (500, "InternalFailure")
    assert "DescribeLogGroups failed" in caplog.text
