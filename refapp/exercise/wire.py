"""What a message costs: its size in three formats, and the time that encoding and decoding it take."""

import gc
import gzip
import json
import math
import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import cycle, islice
from pydoc_data.topics import topics
from time import perf_counter
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pandas as pd
from google.api.distribution_pb2 import Distribution
from google.protobuf.message import Message

from refapp.pb.greeting.v3.greeting_pb2 import Greeting, GreetingResponse
from refapp.topology import REFERENCE

Record = dict[str, Any]


# --- Payloads


@dataclass(frozen=True)
class Payload:
    """The same content twice: as a program without Protocol Buffers holds it, and as a message."""

    name: str
    record: Record
    message: Message

    @classmethod
    def of(cls, name: str, message_type: type[Message], record: Record) -> "Payload":
        """Build the message from the record, whose keys are the names of the fields."""
        return cls(name, record, message_type(**record))


def greetings(count: int) -> list[Record]:
    """Greetings such as the reference platform answers with, in its order; the same ones at every call."""
    rng = random.Random(count)  # noqa: S311 (no secrets here)
    created = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return [
        {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "service": REFERENCE[name].title,
            "message": REFERENCE[name].greeting,
            "created": (created + timedelta(microseconds=997 * number)).isoformat(),
            "hostname": f"{name}-{rng.getrandbits(40):010x}-{rng.getrandbits(20):05x}",
        }
        for number, name in enumerate(islice(cycle(REFERENCE.answer), count))
    ]


def response(count: int) -> Payload:
    """A response of that many greetings."""
    return Payload.of(f"{count} greetings", GreetingResponse, {"greeting": greetings(count)})


def histogram(buckets: int = 100) -> Payload:
    """Numbers almost alone: latencies counted in buckets that grow by 10 %, as `google.api.Distribution`."""
    rng = random.Random(buckets)  # noqa: S311
    bounds = [0.001 * 1.1**number for number in range(buckets - 1)]
    counts = [int(10_000 * math.exp(-(((number - buckets / 2) / 15) ** 2)) * rng.random()) for number in range(buckets)]
    record = {
        "count": sum(counts),
        "mean": math.fsum(bound * count for bound, count in zip(bounds, counts, strict=False)) / sum(counts),
        "bucket_options": {"explicit_buckets": {"bounds": bounds}},
        "bucket_counts": counts,
    }
    return Payload.of(f"histogram of {buckets}", Distribution, record)


def doubles(numbers: Sequence[float]) -> Payload:
    """Nothing but these numbers."""
    return Payload.of("numbers", Distribution.BucketOptions.Explicit, {"bounds": list(numbers)})


def prose() -> Payload:
    """One greeting whose message is a long text: a page of the Python manual that every Python brings along."""
    (greeting,) = greetings(1)
    return Payload.of("long text", Greeting, greeting | {"message": topics["compound"]})


def payloads() -> tuple[Payload, ...]:
    """One greeting, the platform's response, a payload of numbers, a payload of text."""
    (greeting,) = greetings(1)
    return Payload.of("1 greeting", Greeting, greeting), response(len(REFERENCE.answer)), histogram(), prose()


# --- Codecs


@dataclass(frozen=True)
class Codec:
    """A way to bytes and back. For a payload, `encoder` and `decoder` give the call that is to be timed."""

    name: str
    format: str
    encoder: Callable[[Payload], Callable[[], bytes]]
    decoder: Callable[[Payload], Callable[[], object]]


def values(message: Message) -> Record:
    """Every value of a message, as Python's own objects; fields that are not set are left out."""
    record: Record = {}
    for field, value in message.ListFields():
        if field.message_type is None:
            record[field.name] = list(value) if field.is_repeated else value
        else:
            record[field.name] = [values(item) for item in value] if field.is_repeated else values(value)
    return record


def to_xml(record: Record, tag: str) -> bytes:
    """An element for each field, one per item where it is repeated; no attributes, no white space."""
    data: bytes = ET.tostring(_element(record, tag), encoding="utf-8")
    return data


def from_xml(data: bytes) -> object:
    """The texts of all elements: XML itself does not say what is a list and what is a number."""
    return _texts(ET.fromstring(data))  # noqa: S314 (we wrote it ourselves)


def _element(value: object, tag: str) -> ET.Element:
    element = ET.Element(tag)
    if isinstance(value, dict):
        for name, content in value.items():
            items = content if isinstance(content, list) else [content]
            element.extend(_element(item, name) for item in items)
    else:
        element.text = str(value)
    return element


def _texts(element: ET.Element) -> object:
    if not len(element):
        return element.text or ""
    record = defaultdict(list)
    for child in element:
        record[child.tag].append(_texts(child))
    return dict(record)


def _compact_json(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _root(payload: Payload) -> str:
    return payload.message.DESCRIPTOR.name


def _message_from_values(payload: Payload) -> Callable[[], bytes]:
    message_type, record = type(payload.message), payload.record

    def encode() -> bytes:
        return message_type(**record).SerializeToString()

    return encode


def _values_from_message(payload: Payload) -> Callable[[], Record]:
    from_string, data = type(payload.message).FromString, payload.message.SerializeToString()
    return lambda: values(from_string(data))


PROTOBUF = Codec(
    "protobuf",
    "Protocol Buffers",
    lambda payload: payload.message.SerializeToString,
    lambda payload: partial(type(payload.message).FromString, payload.message.SerializeToString()),
)
"""Between a message and bytes, which is what a gRPC service has to do."""

PROTOBUF_VALUES = Codec("protobuf, values", "Protocol Buffers", _message_from_values, _values_from_message)
"""Between Python's own objects and bytes: the message is built, and each of its fields read, on the way."""

ORJSON = Codec(
    "orjson",
    "JSON",
    lambda payload: partial(orjson.dumps, payload.record),
    lambda payload: partial(orjson.loads, orjson.dumps(payload.record)),
)
JSON = Codec(
    "json",
    "JSON",
    lambda payload: partial(_compact_json, payload.record),
    lambda payload: partial(json.loads, _compact_json(payload.record)),
)
XML = Codec(
    "xml.etree",
    "XML",
    lambda payload: partial(to_xml, payload.record, _root(payload)),
    lambda payload: partial(from_xml, to_xml(payload.record, _root(payload))),
)
CODECS = (PROTOBUF, PROTOBUF_VALUES, ORJSON, JSON, XML)


# --- Measurements


def sizes(measured: Iterable[Payload]) -> pd.DataFrame:
    """The size of each payload in each format.

    Returns:
        Columns payload, format, bytes and gzip (bytes after gzip at level 6, the usual one of HTTP servers).
    """
    rows = [
        (payload.name, codec.format, len(data), len(gzip.compress(data, 6)))
        for payload in measured
        for codec in (PROTOBUF, ORJSON, XML)
        for data in [codec.encoder(payload)()]
    ]
    return pd.DataFrame(rows, columns=["payload", "format", "bytes", "gzip"])


def timings(
    measured: Iterable[Payload], codecs: Sequence[Codec] = CODECS, *, rounds: int = 15, block: float = 0.001
) -> pd.DataFrame:
    """The time that each codec takes for each payload.

    Every round times every combination once, in another order: what else the machine does meanwhile falls on
    all of them. Each time is the mean over a block of calls of about `block` seconds, without garbage collection.

    Returns:
        Columns payload, codec, direction (encode or decode), round and seconds (of one call).
    """
    calls: dict[tuple[str, str, str], Callable[[], object]] = {}
    for payload in measured:
        for codec in codecs:
            calls[payload.name, codec.name, "encode"] = codec.encoder(payload)
            calls[payload.name, codec.name, "decode"] = codec.decoder(payload)
    numbers = {key: 1 + int(block / max(1e-9, min(_clock(call, 1) for _ in range(3)))) for key, call in calls.items()}
    rows: list[tuple[str, str, str, int, float]] = []
    with _no_garbage_collection():
        for number in range(rounds):
            order = random.Random(number).sample(list(calls), len(calls))  # noqa: S311
            seconds = {key: _clock(calls[key], numbers[key]) for key in order}
            rows += [(*key, number, seconds[key]) for key in calls]
    return pd.DataFrame(rows, columns=["payload", "codec", "direction", "round", "seconds"])


def quartiles(frame: pd.DataFrame, by: Sequence[str], value: str = "seconds") -> pd.DataFrame:
    """The quartiles of a column per group, as columns low, median and high; groups stay in their order."""
    groups = frame.groupby(list(by), sort=False)[value]
    columns = {"low": groups.quantile(0.25), "median": groups.quantile(0.5), "high": groups.quantile(0.75)}
    return pd.DataFrame(columns).reset_index()


def ratios(frame: pd.DataFrame, slower: str, faster: str, *, by: Sequence[str], of: str = "codec") -> pd.DataFrame:
    """How many times longer `slower` takes than `faster`: the quartiles of the ratios within each round."""
    table = frame.pivot_table(index=[*by, "round"], columns=of, values="seconds", sort=False)
    return quartiles((table[slower] / table[faster]).rename("ratio").reset_index(), by, "ratio")


def _clock(call: Callable[[], object], number: int) -> float:
    began = perf_counter()
    for _ in range(number):
        call()
    return (perf_counter() - began) / number


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# --- Claims


class Verdict(StrEnum):
    """What a measured ratio says of a claimed one."""

    MORE = "more than claimed"
    HOLDS = "holds"
    OPEN = "undecided"
    LESS = "less than claimed"
    NONE = "no gain"


@dataclass(frozen=True)
class Claim:
    """A quoted ratio, as the range in which a measured one would bear it out."""

    text: str
    low: float
    high: float

    def verdict(self, low: float, high: float) -> Verdict:
        """Judge by the lower and the upper quartile of the measured ratio."""
        if low > self.high:
            return Verdict.MORE
        if low >= self.low:
            return Verdict.HOLDS
        if high >= self.low:
            return Verdict.OPEN
        return Verdict.LESS if low > 1 else Verdict.NONE


# Google's former documentation of Protocol Buffers, of XML; the article quotes it.
SMALLER_THAN_XML = Claim("3 to 10 times smaller than XML", 3, 10)
FASTER_THAN_XML = Claim("20 to 100 times faster than XML", 20, 100)
# Ruwan Fernando's test of 2019, of REST; "roughly" is read as within a quarter. The article quotes it.
FASTER_RECEIVING = Claim("roughly 7 times faster than REST when receiving", 5.25, 8.75)
FASTER_SENDING = Claim("roughly 10 times faster than REST when sending", 7.5, 12.5)
