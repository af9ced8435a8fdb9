"""The way of a line: what the container runtime wrote, Fluent Bit's record of it, and an event of CloudWatch Logs.

Each step can be called on a line of one's own:

    line = parse(b'2026-11-23T05:00:00.123456789Z stdout F {"level":"info","msg":"hello"}')
    record = container_record(line, {"pod_name": "service-a-69d7469cbf-ts4t7"})
    event = make_event(line, record)

The format of a line is that of the CRI (kubernetes/design-proposals, kubelet-cri-logging.md). A record is what Fluent
Bit makes of it with AWS's configuration for Container Insights: `multiline.parser cri`, `Merge_Log On`,
`Merge_Log_Key log_processed`. An event's limits are those of PutLogEvents (API_PutLogEvents).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

FULL, PART = "F", "P"
"""The tags of a line: it is whole, or more of it follows."""

MAX_EVENT = 1_000_000
"""The most bytes of an event's message: AWS says `1 MB`, and this is within either meaning of that."""

_STREAMS = {b"stdout": "stdout", b"stderr": "stderr"}
_TAGS = {b"F": FULL, b"P": PART}
_FIELDS = 4
_SECOND = 19  # characters of 2026-11-23T05:00:00

# The form of Python's `logging`, in which the supervisor writes.
_LOGGING_TIME = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ")
# AWS's parser named syslog: RFC 3164 as rsyslog writes it into a file.
_SYSLOG = re.compile(
    r"\w{3} {1,2}\d{1,2} [\d:]{8} (?P<host>\S*) (?P<ident>[\w/.\-]*)(?:\[(?P<pid>\d+)\])?[^:]*: *(?P<message>.*)"
)
_LONGEST_SYSLOG = 64 * 1024


class Line(NamedTuple):
    """A line, or a part of one. `time` is as it was written, and empty where the line tells none."""

    time: str
    stream: str
    tag: str
    text: bytes


class Event(NamedTuple):
    """An event, its message in UTF-8.

    `timestamp` is in milliseconds since 1970, None where the line tells no time; `cut` is how many characters of the
    line were left out because AWS would not take the event.
    """

    timestamp: int | None
    message: bytes
    cut: int = 0


def parse(raw: bytes) -> Line:
    """A line of a container's log, without its end; one of another form is all text, without time and stream."""
    fields = raw.split(b" ", _FIELDS - 1)
    if len(fields) == _FIELDS and (tag := _TAGS.get(fields[2])) and (stream := _STREAMS.get(fields[1])):
        return Line(fields[0].decode(errors="replace"), stream, tag, fields[3])
    return Line("", "", FULL, raw)


def parse_plain(raw: bytes) -> Line:
    """A line of any other file. Its time is known where it is written by Python's `logging`."""
    time = raw[:_SECOND] + b"." + raw[_SECOND + 1 : _SECOND + 4] if _LOGGING_TIME.match(raw) else b""
    return Line(time.decode(), "", FULL, raw)


def container_record(line: Line, kubernetes: Mapping[str, Any]) -> dict[str, Any]:
    """Fluent Bit's record of a container's line; `log_processed` is there when the line is a JSON object.

    What is no UTF-8 becomes U+FFFD. `_p` is `P` where the record holds only a part of a line.
    """
    text = line.text.decode(errors="replace")
    record: dict[str, Any] = {"log": text}
    if line.time:
        record = {"time": line.time, "stream": line.stream, "_p": line.tag, "log": text}
    processed = _json_object(text) if line.tag == FULL else None
    if processed is not None:
        record["log_processed"] = processed
    record["kubernetes"] = kubernetes
    return record


def unit_record(line: Line, about: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a line of a systemd unit; `about` holds its `hostname` and `systemd_unit`."""
    return {**about, "message": line.text.decode(errors="replace")}


def host_record(line: Line, _: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a line of a file of the host: the fields of a line of syslog, or just the message."""
    text = line.text.decode(errors="replace")
    if len(text) < _LONGEST_SYSLOG and (match := _SYSLOG.fullmatch(text)):
        return {name: value for name, value in match.groupdict().items() if value is not None}
    return {"message": text}


def make_event(line: Line, record: dict[str, Any]) -> Event:
    """The event of a record. One that is too large loses `log_processed`, then the end of its text."""
    message = orjson.dumps(record)
    if len(message) > MAX_EVENT:
        return Event(milliseconds(line.time), *_fitting(record))
    return Event(milliseconds(line.time), message)


def milliseconds(time: str) -> int | None:
    """Milliseconds since 1970 of a time in RFC 3339, or in local time where no offset is told; None if it is none."""
    try:
        if time[_SECOND : _SECOND + 1] == "." and time[-1] == "Z":
            return _whole_second(time[:_SECOND]) + int((time[_SECOND + 1 : -1] + "00")[:3])
        return int(datetime.fromisoformat(time).timestamp() * 1000) if time else None
    except (ValueError, OverflowError):
        return None


class Form(NamedTuple):
    """How the lines of a kind of file are read, and what record is made of one and what is known of the file."""

    parse: Callable[[bytes], Line]
    record: Callable[[Line, Mapping[str, Any]], dict[str, Any]]


FORMS = {
    "container": Form(parse, container_record),
    "unit": Form(parse_plain, unit_record),
    "host": Form(parse_plain, host_record),
}
"""The forms of the files that are shipped."""


@lru_cache(maxsize=64)
def _whole_second(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1000


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _fitting(record: dict[str, Any]) -> tuple[bytes, int]:
    """The message of a record that is too large, and how many characters it lacks."""
    key = "log" if "log" in record else "message"
    record = {name: value for name, value in record.items() if name != "log_processed"}
    message, whole = orjson.dumps(record), len(record[key])
    while len(message) > MAX_EVENT and record[key]:
        text = record[key]
        written = len(orjson.dumps(text))  # an escaped character takes up to six bytes
        room = MAX_EVENT - (len(message) - written)
        record[key] = text[: max(0, min(len(text) - 1, len(text) * room // written))]
        if "_p" in record:
            record["_p"] = PART
        message = orjson.dumps(record)
    return message, whole - len(record[key])
