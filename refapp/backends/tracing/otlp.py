"""Spans in the OpenTelemetry protocol, over HTTP: protobuf and JSON.

Sources: the OTLP specification 1.x, "OTLP/HTTP", and OpenTelemetry's "Zipkin exporter" mapping, which says how its
spans become Zipkin's. A link to another span becomes a tag `otlp.link.<n>`, whose value is
`trace|span|state|attributes|dropped`.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from google.protobuf.json_format import MessageToJson, ParseDict, ParseError
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from refapp.backends.tracing.spans import NOWHERE, Annotation, Batch, Endpoint, Span, SpanError, gather, parse_id

LINK_TAG = "otlp.link."
"""How the keys of tags that hold links begin."""

_LARGEST = 2**63 - 1
_NANOSECONDS = 1000
_ERROR = trace_pb2.Status.STATUS_CODE_ERROR
_STATUS = {trace_pb2.Status.STATUS_CODE_OK: "OK", _ERROR: "ERROR"}
_KINDS = {
    trace_pb2.Span.SPAN_KIND_CLIENT: "CLIENT",
    trace_pb2.Span.SPAN_KIND_SERVER: "SERVER",
    trace_pb2.Span.SPAN_KIND_PRODUCER: "PRODUCER",
    trace_pb2.Span.SPAN_KIND_CONSUMER: "CONSUMER",
}
_IDS = ("traceId", "spanId", "parentSpanId")
# Where Zipkin has the name of the other side, OpenTelemetry has one of these attributes; the first one counts.
_REMOTE = (
    "service.peer.name",
    "peer.service",
    "server.address",
    "net.peer.name",
    "messaging.system",
    "db.system.name",
    "db.system",
)


class _Item(NamedTuple):
    service: str
    scope: Mapping[str, str]
    span: trace_pb2.Span


def parse_protobuf(body: bytes) -> Batch:
    """Read an ExportTraceServiceRequest in protobuf.

    Raises:
        SpanError: it is none.
    """
    try:
        return _batch(ExportTraceServiceRequest.FromString(body))
    except DecodeError as error:
        raise SpanError(f"the body is no ExportTraceServiceRequest: {error}") from None


def parse_json(body: bytes) -> Batch:
    """Read an ExportTraceServiceRequest in OTLP's JSON, where ids are hexadecimal; unknown fields are left out.

    Raises:
        SpanError: it is none.
    """
    try:
        message = orjson.loads(body)
        if not isinstance(message, dict):
            raise SpanError("the body must be an object")
        _decode_ids(message)
        return _batch(ParseDict(message, ExportTraceServiceRequest(), ignore_unknown_fields=True))
    except orjson.JSONDecodeError as error:
        raise SpanError(f"the body is not JSON: {error}") from None
    except (ParseError, RecursionError, TypeError, ValueError, AttributeError) as error:
        raise SpanError(f"the body is no ExportTraceServiceRequest: {error}") from None


def response(batch: Batch) -> ExportTraceServiceResponse:
    """The answer to a request: how many of its spans were rejected, and why."""
    if not batch.errors:
        return ExportTraceServiceResponse()
    partial = ExportTracePartialSuccess(rejected_spans=len(batch.errors), error_message="; ".join(batch.errors[:10]))
    return ExportTraceServiceResponse(partial_success=partial)


def response_json(answer: ExportTraceServiceResponse) -> str:
    """The answer in OTLP's JSON."""
    text: str = MessageToJson(answer, indent=None)
    return text


def _decode_ids(message: dict[str, Any]) -> None:
    """Turn hexadecimal ids into the base64 that protobuf's own JSON has."""
    for resource in message.get("resourceSpans") or ():
        for scope in resource.get("scopeSpans") or ():
            for span in scope.get("spans") or ():
                for item in (span, *(span.get("links") or ())):
                    item.update({field: _base64(item[field], field) for field in _IDS if item.get(field)})


def _base64(digits: str, field: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except (binascii.Error, TypeError, ValueError):
        raise SpanError(f"{field} is {digits!r:.80}: it must be hexadecimal") from None


def _batch(request: ExportTraceServiceRequest) -> Batch:
    return gather(_span, _items(request))


def _items(request: ExportTraceServiceRequest) -> Iterator[_Item]:
    for resource in request.resource_spans:
        service = _tags(resource.resource.attributes).get("service.name", "unknown_service")
        for scope in resource.scope_spans:
            named = {"otel.scope.name": scope.scope.name, "otel.scope.version": scope.scope.version}
            tags = {key: value for key, value in named.items() if value}
            yield from (_Item(service, tags, span) for span in scope.spans)


def _span(item: _Item) -> Span:
    span = item.span
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    if end and end < start:
        raise SpanError(f"it ends before it begins: {end} < {start}")
    if max(start, end) > _LARGEST:
        raise SpanError(f"a time is greater than {_LARGEST}")
    if span.trace_id and len(span.trace_id) != 16:  # noqa: PLR2004 - bytes, as OpenTelemetry says
        raise SpanError(f"trace_id has {len(span.trace_id)} bytes: it must have 16")
    tags = _tags(span.attributes)
    kind = _KINDS.get(span.kind, "")
    return Span(
        trace_id=parse_id(span.trace_id.hex(), "trace_id", longest=32),
        span_id=parse_id(span.span_id.hex(), "span_id"),
        parent_id=parse_id(span.parent_span_id.hex(), "parent_span_id") if any(span.parent_span_id) else "",
        kind=kind,
        name=span.name,
        timestamp=start // _NANOSECONDS,
        duration=max((end - start) // _NANOSECONDS, 1) if end else 0,
        local=Endpoint(item.service),
        remote=_remote(tags) if kind and kind != "SERVER" else NOWHERE,
        tags={**tags, **item.scope, **_status(span.status), **_links(span.links)},
        annotations=tuple(
            Annotation(min(event.time_unix_nano // _NANOSECONDS, _LARGEST), event.name) for event in span.events
        ),
    )


def _remote(tags: Mapping[str, str]) -> Endpoint:
    return Endpoint(next((tags[key] for key in _REMOTE if tags.get(key)), ""))


def _status(status: trace_pb2.Status) -> dict[str, str]:
    tags = {"otel.status_code": _STATUS[status.code]} if status.code in _STATUS else {}
    return tags | {"error": status.message or "true"} if status.code == _ERROR else tags


def _links(links: Iterable[trace_pb2.Span.Link]) -> dict[str, str]:
    return {
        f"{LINK_TAG}{place}": "|".join(
            (
                link.trace_id.hex(),
                link.span_id.hex(),
                link.trace_state,
                orjson.dumps(_tags(link.attributes)).decode(),
                str(link.dropped_attributes_count),
            )
        )
        for place, link in enumerate(links)
    }


def _tags(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {attribute.key: _text(attribute.value) for attribute in attributes}


def _text(value: AnyValue) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else orjson.dumps(plain).decode()


def _plain(value: AnyValue) -> object:
    which = value.WhichOneof("value")
    if which == "array_value":
        return [_plain(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return {item.key: _plain(item.value) for item in value.kvlist_value.values}
    if which == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, which) if which else ""
