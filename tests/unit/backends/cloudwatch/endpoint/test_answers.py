import pytest
from botocore import parsers

from refapp.backends.cloudwatch.endpoint import answers
from refapp.backends.cloudwatch.endpoint.calls import Protocol
from refapp.backends.cloudwatch.errors import MalformedQuery, ResourceNotFound

PARSERS = [
    (Protocol.JSON, "logs", "json"),
    (Protocol.REST_JSON, "eks", "rest-json"),
    (Protocol.CBOR, "monitoring", "smithy-rpc-v2-cbor"),
    (Protocol.QUERY, "rds", "query"),
    (Protocol.QUERY, "ec2", "ec2"),
    (Protocol.REST_XML, "s3", "rest-xml"),
]


class Begun:
    """How an answer begins."""

    def __call__(self, status, headers, _=None):
        self.status, self.headers = status, dict(headers)


@pytest.mark.parametrize(("protocol", "service", "parser"), PARSERS)
def test_botocore_reads_an_error_in_each_protocol(protocol, service, parser):
    begun = Begun()
    (body,) = answers.refusal(begun, ResourceNotFound('no <such> "thing" & é'), protocol, service)
    assert begun.status == "400 Bad Request"
    assert begun.headers["Content-Length"] == str(len(body))
    headers = {name.lower(): value for name, value in begun.headers.items()}
    response = {"headers": headers, "status_code": 400, "body": body}
    parsed = parsers.create_parser(parser).parse(response, None)
    assert parsed["Error"]["Code"] == "ResourceNotFoundException"
    assert parsed["Error"]["Message"] == 'no <such> "thing" & é'
    assert parsed["ResponseMetadata"]["RequestId"]


def test_further_members_of_an_error_are_told():
    (body,) = answers.refusal(Begun(), MalformedQuery("unexpected x", 3, 4), Protocol.JSON)
    parsed = parsers.create_parser("json").parse({"headers": {}, "status_code": 400, "body": body}, None)
    assert parsed["Error"]["Code"] == "MalformedQueryException"
    assert b'"startCharOffset":3' in body


def test_an_answer_in_json():
    begun = Begun()
    assert answers.json_answer(begun, {"a": 1}) == [b'{"a":1}']
    assert begun.status == "200 OK"
    assert begun.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert begun.headers["x-amzn-RequestId"]
