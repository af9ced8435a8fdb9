"""Spans, and their form in Zipkin v2 JSON.

Source: the OpenAPI document of Zipkin's API v2, `zipkin2-api.yaml`.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import orjson

KINDS = ("", "CLIENT", "SERVER", "PRODUCER", "CONSUMER")
"""The kinds of spans; a span of the first one happened inside a service."""

_LARGEST = 2**63 - 1
_LARGEST_PORT = 65535
_SHORT_ID = 16
_HEX = frozenset("0123456789abcdef")

T = TypeVar("T")


class SpanError(ValueError):
    """A span, or a batch of them, cannot be read; the text says what is wrong."""


class Endpoint(NamedTuple):
    """One side of a call. What is not known is empty, or 0."""

    service: str = ""
    ipv4: str = ""
    ipv6: str = ""
    port: int = 0


class Annotation(NamedTuple):
    """An event during a span; `timestamp` in microseconds since 1970."""

    timestamp: int
    value: str


NOWHERE = Endpoint()
"""The side of a call of which nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation of a trace.

    `trace_id` has 16 or 32 digits, `span_id` and `parent_id` 16: lower-case hexadecimal. `timestamp` is in microseconds
    since 1970, `duration` in microseconds; both are 0 when they are not known, as `parent_id`, `kind` and `name` are
    empty then. `shared` tells that the caller recorded a span of the same id.
    """

    trace_id: str
    span_id: str
    parent_id: str = ""
    kind: str = ""
    name: str = ""
    timestamp: int = 0
    duration: int = 0
    local: Endpoint = NOWHERE
    remote: Endpoint = NOWHERE
    tags: Mapping[str, str]
    annotations: tuple[Annotation, ...] = ()
    shared: bool = False
    debug: bool = False


class Batch(NamedTuple):
    """The good spans of a batch, and what is wrong with the others: one text for each."""

    spans: list[Span]
    errors: list[str]


def parse_batch(body: bytes | bytearray | memoryview) -> Batch:
    """Read a list of spans in Zipkin v2 JSON.

    Raises:
        SpanError: it is no JSON, or no list.
    """
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SpanError(f"the body is not JSON: {error}") from None
    if not isinstance(items, list):
        raise SpanError("the body must be a list of spans")
    return gather(parse_span, items)


def gather(parse: Callable[[T], Span], items: Iterable[T]) -> Batch:
    """Read each item, and tell those that can be read from those that cannot, by their place in the batch."""
    batch = Batch([], [])
    for place, item in enumerate(items):
        try:
            batch.spans.append(parse(item))
        except SpanError as error:
            batch.errors.append(f"span {place}: {error}")
    return batch


def parse_span(item: object) -> Span:
    """Read one span of Zipkin v2 JSON; fields that it does not know are left out.

    Raises:
        SpanError: a field is missing or has a wrong type or value.
    """
    if not isinstance(item, dict):
        raise SpanError("it must be an object")
    get = item.get
    span_id = parse_id(get("id"), "id")
    parent = get("parentId")
    parent_id = "" if parent is None else parse_id(parent, "parentId")
    kind = _text(get("kind"), "kind")
    if kind not in KINDS:
        raise SpanError(f"kind is {_shown(kind)}: it must be one of {', '.join(KINDS[1:])}")
    return Span(
        trace_id=parse_id(get("traceId"), "traceId", longest=32),
        span_id=span_id,
        parent_id="" if parent_id == span_id else parent_id,  # as Zipkin does: nothing is its own parent
        kind=kind,
        name=_text(get("name"), "name"),
        timestamp=_number(get("timestamp"), "timestamp"),
        duration=_number(get("duration"), "duration"),
        local=_endpoint(get("localEndpoint"), "localEndpoint"),
        remote=_endpoint(get("remoteEndpoint"), "remoteEndpoint"),
        tags=_tags(get("tags")),
        annotations=_annotations(get("annotations")),
        shared=_flag(get("shared"), "shared"),
        debug=_flag(get("debug"), "debug"),
    )


def dump_span(span: Span) -> bytes:
    """Write a span as Zipkin v2 JSON; what is not known is left out."""
    item: dict[str, Any] = {"traceId": span.trace_id, "id": span.span_id}
    fields = (
        ("parentId", span.parent_id),
        ("kind", span.kind),
        ("name", span.name),
        ("timestamp", span.timestamp),
        ("duration", span.duration),
        ("localEndpoint", _dumped(span.local)),
        ("remoteEndpoint", _dumped(span.remote)),
        ("annotations", [{"timestamp": at, "value": value} for at, value in span.annotations]),
        ("tags", span.tags),
        ("shared", span.shared),
        ("debug", span.debug),
    )
    item.update({key: value for key, value in fields if value})
    return orjson.dumps(item)


def load_span(body: bytes) -> Span:
    """Read one span that `dump_span` wrote."""
    return parse_span(orjson.loads(body))


def parse_id(value: object, field: str = "id", longest: int = _SHORT_ID) -> str:
    """Read the id of a span, or of a trace when 32 digits are allowed; a short one gets zeros in front.

    Raises:
        SpanError: it is missing, zero, too long, or not in lower-case hexadecimal.
    """
    if value is None or value == "":
        raise SpanError(f"{field} is missing")
    if not isinstance(value, str):
        raise SpanError(f"{field} is {_shown(value)}: it must be a string")
    if len(value) > longest or not _HEX.issuperset(value):
        raise SpanError(f"{field} is {_shown(value)}: it must be 1 to {longest} lower-case hexadecimal digits")
    if not value.strip("0"):
        raise SpanError(f"{field} is zero")
    return value.zfill(_SHORT_ID if len(value) <= _SHORT_ID else longest)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SpanError(f"{field} is {_shown(value)}: it must be a string")
    return value


def _number(value: object, field: str, largest: int = _LARGEST) -> int:
    if value is None:
        return 0
    if type(value) is not int:
        raise SpanError(f"{field} is {_shown(value)}: it must be a whole number")
    if not 0 <= value <= largest:
        raise SpanError(f"{field} is {value}: it must be between 0 and {largest}")
    return value


def _flag(value: object, field: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise SpanError(f"{field} is {_shown(value)}: it must be true or false")
    return value


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpanError("tags must be an object")
    for key, text in value.items():
        if not isinstance(text, str):
            raise SpanError(f"tags[{_shown(key)}] is {_shown(text)}: it must be a string")
    return value


def _annotations(value: object) -> tuple[Annotation, ...]:
    if not value:
        if value is None or value == []:
            return ()
        raise SpanError("annotations must be a list")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SpanError("annotations must be a list of objects")
    return tuple(
        Annotation(_number(item.get("timestamp"), "annotation.timestamp"), _text(item.get("value"), "annotation.value"))
        for item in value
    )


def _endpoint(value: object, field: str) -> Endpoint:
    if value is None:
        return NOWHERE
    if not isinstance(value, dict):
        raise SpanError(f"{field} must be an object")
    return Endpoint(
        _text(value.get("serviceName"), f"{field}.serviceName"),
        _address(value.get("ipv4"), f"{field}.ipv4", 4),
        _address(value.get("ipv6"), f"{field}.ipv6", 6),
        _number(value.get("port"), f"{field}.port", _LARGEST_PORT),
    )


def _address(value: object, field: str, version: int) -> str:
    text = _text(value, field)
    if text and not _is_address(text, version):
        raise SpanError(f"{field} is {_shown(value)}: it must be an address of IP version {version}")
    return text


@lru_cache(maxsize=1024)
def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def _dumped(endpoint: Endpoint) -> dict[str, str | int]:
    if endpoint is NOWHERE:
        return {}
    service, ipv4, ipv6, port = endpoint
    fields: tuple[tuple[str, str | int], ...] = (
        ("serviceName", service),
        ("ipv4", ipv4),
        ("ipv6", ipv6),
        ("port", port),
    )
    return {key: value for key, value in fields if value}
