import base64
import json

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from refapp.backends.tracing.otlp import parse_json, parse_protobuf
from refapp.backends.tracing.spans import SpanError

TRACE, SPAN, PARENT = bytes(range(1, 17)), bytes(range(1, 9)), bytes(range(2, 10))
PROTOBUF = "application/x-protobuf"


def request(**fields):
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "Service F"
    scope = resource.scope_spans.add()
    scope.scope.name = "pika"
    defaults = {"trace_id": TRACE, "span_id": SPAN, "name": "receive", "start_time_unix_nano": 5_000_000}
    span = scope.spans.add(**defaults | {"end_time_unix_nano": 7_500_999} | fields)
    span.attributes.add(key="n").value.int_value = 5
    span.attributes.add(key="flag").value.bool_value = True
    span.attributes.add(key="list").value.array_value.values.add(double_value=1.5)
    span.attributes.add(key="messaging.system").value.string_value = "rabbitmq"
    return message


def as_json(message):
    """OTLP's JSON: like protobuf's, but ids in hexadecimal."""
    item = MessageToDict(message)
    for span in item["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for part in (span, *span.get("links", ())):
            for field in ("traceId", "spanId", "parentSpanId"):
                if field in part:
                    part[field] = base64.b64decode(part[field]).hex()
    return json.dumps(item).encode()


@pytest.fixture(params=["protobuf", "json"])
def parse(request):
    if request.param == "json":
        return lambda message: parse_json(as_json(message))
    return lambda message: parse_protobuf(message.SerializeToString())


def test_a_span(parse):
    message = request(
        parent_span_id=PARENT,
        kind=Span.SPAN_KIND_CONSUMER,
        status={"code": 2, "message": "no route"},
        links=[{"trace_id": TRACE[::-1], "span_id": PARENT}],
        events=[{"time_unix_nano": 6_000_000, "name": "ack"}],
    )
    (span,), errors = parse(message)
    assert errors == []
    assert (span.trace_id, span.span_id, span.parent_id) == (TRACE.hex(), SPAN.hex(), PARENT.hex())
    assert (span.kind, span.name, span.timestamp, span.duration) == ("CONSUMER", "receive", 5000, 2500)
    assert (span.local.service, span.remote.service) == ("Service F", "rabbitmq")
    assert span.annotations == ((6000, "ack"),)
    assert span.tags == {
        "n": "5",
        "flag": "true",
        "list": "[1.5]",
        "messaging.system": "rabbitmq",
        "otel.scope.name": "pika",
        "otel.status_code": "ERROR",
        "error": "no route",
        "otlp.link.0": f"{TRACE[::-1].hex()}|{PARENT.hex()}||{{}}|0",
    }


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"trace_id": b""}, "trace_id is missing"),
        ({"trace_id": b"1234"}, "trace_id has 4 bytes"),
        ({"trace_id": bytes(16)}, "trace_id is zero"),
        ({"span_id": b""}, "span_id is missing"),
        ({"span_id": b"123456789"}, "span_id is"),
        ({"start_time_unix_nano": 9_000_000}, "ends before it begins"),
        ({"end_time_unix_nano": 2**64 - 1}, "a time is greater"),
    ],
)
def test_what_is_wrong_with_a_span_is_said(parse, fields, complaint):
    batch = parse(request(**fields))
    assert batch.spans == []
    assert complaint in batch.errors[0]


@pytest.mark.parametrize(
    ("attributes", "remote"),
    [
        ({"db.system.name": "mongodb"}, "mongodb"),
        ({"db.system": "mongodb", "server.address": "127.0.0.1"}, "127.0.0.1"),
        ({"server.address": "127.0.0.1", "service.peer.name": "rabbitmq"}, "rabbitmq"),
        ({"service.peer.name": "new", "peer.service": "old"}, "new"),
        ({"other": "x"}, ""),
    ],
)
def test_the_other_side(parse, attributes, remote):
    message = request(kind=Span.SPAN_KIND_CLIENT)
    sent = message.resource_spans[0].scope_spans[0].spans[0]
    del sent.attributes[:]
    for key, value in attributes.items():
        sent.attributes.add(key=key).value.string_value = value
    (span,), _ = parse(message)
    assert span.remote.service == remote


def test_a_span_inside_a_service(parse):
    (span,), _ = parse(request(kind=Span.SPAN_KIND_INTERNAL, end_time_unix_nano=5_000_001))
    assert (span.kind, span.remote.service, span.duration) == ("", "", 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"resourceSpans": 5}', b'{"resourceSpans": [5]}', b'{"resourceSpans": [{"scopeSpans": [null]}]}']
    + [
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": %s}]}]}]}' % value
        for value in (b'"x"', b"5", b"[1]")
    ],
)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(SpanError):
        parse_json(body)


def test_what_is_no_protobuf_is_refused():
    with pytest.raises(SpanError, match="no ExportTraceServiceRequest"):
        parse_protobuf(b"\xff")


async def test_spans_are_exported(collector):
    good = request()
    assert await collector.post("/v1/traces", good.SerializeToString(), Content_Type=PROTOBUF) == (200, b"")
    assert await collector.post("/v1/traces", as_json(good)) == (200, b"{}")
    status, trace = await collector.get(f"/api/v2/trace/{TRACE.hex()}")
    assert (status, [span["id"] for span in trace]) == (200, [SPAN.hex()])


async def test_rejected_spans_are_counted(collector):
    message = request()
    message.resource_spans[0].scope_spans[0].spans.add(name="bad")
    status, body = await collector.post("/v1/traces", message.SerializeToString(), Content_Type=PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(body).partial_success
    assert (status, partial.rejected_spans, partial.error_message) == (200, 1, "span 1: trace_id is missing")
    status, body = await collector.post("/v1/traces", as_json(request(span_id=b"")))
    assert (status, json.loads(body)["partialSuccess"]["errorMessage"]) == (400, "span 0: span_id is missing")


async def test_other_types_are_refused(collector):
    assert (await collector.post("/v1/traces", b"", Content_Type="text/plain"))[0] == 415
    assert (await collector.post("/v1/traces", b"\xff", Content_Type=PROTOBUF))[0] == 400
