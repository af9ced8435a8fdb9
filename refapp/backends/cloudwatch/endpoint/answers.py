"""Answers, and errors in the protocol of the request.

Source of the forms of errors: Smithy's specifications of AWS JSON 1.1, AWS Query, EC2 Query, REST XML, REST JSON and
RPC v2 CBOR; each is read by botocore's `parsers`.
"""

import struct
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from typing import Protocol as Shape
from uuid import uuid4
from xml.sax.saxutils import escape

import orjson

from refapp.backends.cloudwatch.endpoint.calls import Protocol
from refapp.backends.cloudwatch.errors import ServiceError

REQUEST_ID: Final = "x-amzn-RequestId"


class StartResponse(Shape):
    """What begins an answer in WSGI."""

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> object:
        """Begin it."""


def json_answer(
    start: StartResponse, members: Mapping[str, Any], content_type: str = Protocol.JSON.value
) -> list[bytes]:
    """Answer with members in JSON."""
    return answer(start, HTTPStatus.OK, orjson.dumps(members), content_type)


def refusal(start: StartResponse, error: ServiceError, protocol: Protocol, service: str = "") -> list[bytes]:
    """Answer with an error, in the way that the request's protocol has for it."""
    identity = str(uuid4())
    return answer(
        start,
        HTTPStatus(error.status),
        _WRITERS[protocol](error, service, identity),
        protocol.value,
        [(REQUEST_ID, identity), *_headers(error, protocol)],
    )


def answer(
    start: StartResponse, status: HTTPStatus, body: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    """Answer with a body."""
    written = {"Content-Type": content_type, "Content-Length": str(len(body)), REQUEST_ID: str(uuid4())}
    start(f"{status.value} {status.phrase}", [*(written | dict(headers)).items()])
    return [body]


def _headers(error: ServiceError, protocol: Protocol) -> list[tuple[str, str]]:
    if protocol is Protocol.REST_JSON:
        return [("x-amzn-ErrorType", error.code)]
    return [("smithy-protocol", "rpc-v2-cbor")] if protocol is Protocol.CBOR else []


def _json(error: ServiceError, _: str, __: str) -> bytes:
    return orjson.dumps({"__type": error.code, "message": error.message, **error.extra})


def _cbor(error: ServiceError, _: str, __: str) -> bytes:
    members = {"__type": error.code, "message": error.message}
    return b"\xa2" + b"".join(_cbor_text(text) for pair in members.items() for text in pair)


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return b"\x7a" + struct.pack(">I", len(encoded)) + encoded


def _query(error: ServiceError, service: str, identity: str) -> bytes:
    described = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if service == "ec2":
        text = f"<Response><Errors><Error>{described}</Error></Errors><RequestID>{identity}</RequestID></Response>"
    else:
        described = f"<Type>Sender</Type>{described}"
        text = f"<ErrorResponse><Error>{described}</Error><RequestId>{identity}</RequestId></ErrorResponse>"
    return text.encode()


def _rest_xml(error: ServiceError, _: str, identity: str) -> bytes:
    described = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    return f"<Error>{described}<RequestId>{identity}</RequestId></Error>".encode()


_WRITERS = {
    Protocol.JSON: _json,
    Protocol.REST_JSON: _json,
    Protocol.CBOR: _cbor,
    Protocol.QUERY: _query,
    Protocol.REST_XML: _rest_xml,
}
