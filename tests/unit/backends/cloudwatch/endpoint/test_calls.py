import gzip
import io

import pytest

from refapp.backends.cloudwatch.endpoint.calls import (
    MAX_BODY,
    Call,
    Protocol,
    SerializationError,
    UnsignedError,
    read_json,
    unpack,
)


def environ(service="logs", region="us-east-1", **others):
    scope = f"Credential=AKID/20261129/{region}/{service}/aws4_request"
    signed = {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
    return {"PATH_INFO": "/", "QUERY_STRING": ""} | signed | others


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        (
            environ(HTTP_X_AMZ_TARGET="Logs_20140328.PutLogEvents"),
            Call("logs", "us-east-1", "PutLogEvents", Protocol.JSON, "Logs_20140328.PutLogEvents"),
        ),
        (
            environ("monitoring", "eu-west-1", HTTP_SMITHY_PROTOCOL="rpc-v2-cbor", PATH_INFO="/service/X/operation/Y"),
            Call("monitoring", "eu-west-1", "Y", Protocol.CBOR),
        ),
        (environ("monitoring", HTTP_SMITHY_PROTOCOL="rpc-v2-cbor"), Call("monitoring", "us-east-1", "", Protocol.CBOR)),
        (
            environ("RDS", CONTENT_TYPE="application/x-www-form-urlencoded; charset=utf-8"),
            Call("rds", "us-east-1", "", Protocol.QUERY),
        ),
        (environ("eks", PATH_INFO="/clusters"), Call("eks", "us-east-1", "", Protocol.REST_JSON)),
        (environ("s3"), Call("s3", "us-east-1", "", Protocol.REST_XML)),
        (
            {
                "PATH_INFO": "/bucket",
                "QUERY_STRING": "X-Amz-Credential=AKID%2F20261129%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=5",
            },
            Call("s3", "us-east-1", "", Protocol.REST_XML),
        ),
    ],
)
def test_the_signature_says_what_is_asked_for(request_, call):
    assert Call.read(request_) == call


@pytest.mark.parametrize("header", ["", "Basic abc", "AWS AKID:signature", "AWS4-HMAC-SHA256 Credential=AKID/x/y/z"])
def test_a_request_without_a_signature(header):
    with pytest.raises(UnsignedError, match="no signature of version 4") as refusal:
        Call.read({"HTTP_AUTHORIZATION": header, "PATH_INFO": "/"})
    assert refusal.value.status == 403


def body(content, **others):
    return {"wsgi.input": io.BytesIO(content)} | others


def test_members_are_read():
    assert read_json(body('{"a":"é"}'.encode())) == {"a": "é"}
    assert read_json(body(b"")) == {}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"{", "is no JSON: "), (b"\xff", "is no JSON: "), (b'"\\ud800"', "is no JSON: "), (b"[1]", "is no JSON object")],
)
def test_what_is_no_json(content, complaint):
    with pytest.raises(SerializationError, match=complaint) as refusal:
        read_json(body(content))
    assert refusal.value.code == "SerializationException"


def test_a_body_is_unpacked():
    packed = body(gzip.compress(b'{"a":1}'), HTTP_CONTENT_ENCODING="gzip", CONTENT_LENGTH="27")
    unpack(packed)
    assert (packed.pop("wsgi.input").read(), packed) == (b'{"a":1}', {"CONTENT_LENGTH": "7"})


def test_another_body_stays_as_it_is():
    content = io.BytesIO(b"x")
    unpack(environ_ := {"wsgi.input": content})
    assert environ_ == {"wsgi.input": content}
    assert content.read() == b"x"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{}", "not what gzip makes"),
        (gzip.compress(b"{}")[:-5], "not complete"),
        (gzip.compress(b" " * (MAX_BODY + 1)), f"longer than {MAX_BODY} bytes"),
    ],
)
def test_a_body_that_cannot_be_unpacked(content, complaint):
    with pytest.raises(SerializationError, match=complaint):
        unpack(body(content, HTTP_CONTENT_ENCODING="gzip"))
