import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.shipper.record import (
    FORMS,
    MAX_EVENT,
    Event,
    Line,
    container_record,
    host_record,
    make_event,
    milliseconds,
    parse,
    parse_plain,
    unit_record,
)

TIME = "2026-11-23T05:00:00.123456789Z"
MILLISECONDS = 1795410000123
KUBERNETES = {"pod_name": "service-a-1-2"}


def line(text, tag="F"):
    return Line(TIME, "stdout", tag, text)


def test_the_way_of_a_line():
    read = parse(b'2026-11-23T05:00:00.123456789Z stderr F {"level":"info", "n": 1}')
    assert read == (TIME, "stderr", "F", b'{"level":"info", "n": 1}')
    record = container_record(read, KUBERNETES)
    assert list(record) == ["time", "stream", "_p", "log", "log_processed", "kubernetes"]
    assert record == {
        "time": TIME,
        "stream": "stderr",
        "_p": "F",
        "log": '{"level":"info", "n": 1}',
        "log_processed": {"level": "info", "n": 1},
        "kubernetes": KUBERNETES,
    }
    event = make_event(read, record)
    assert (event.timestamp, event.cut) == (MILLISECONDS, 0)
    assert json.loads(event.message) == record


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"a b c d", b"T stdout X text", b"T stdin F text", b"T stdout F", b"\xff\xfe stdout", b"{}"],
)
def test_a_line_of_another_form_is_all_text(raw):
    assert parse(raw) == ("", "", "F", raw)
    assert "time" not in container_record(parse(raw), KUBERNETES)


@pytest.mark.parametrize("text", [b"", b" ", b"two  words ", b"\r", b"a F b"])
def test_text_is_kept_as_it_is(text):
    assert parse(b"T stdout P " + text) == ("T", "stdout", "P", text)


@pytest.mark.parametrize(
    "text",
    ["", "text", "[1]", '"text"', "{", '{"a": 1', '{"a": 1} x', '{"a": NaN}', "{'a': 1}", "null", '{"a":' * 5000],
)
def test_what_is_no_json_object_is_not_merged(text):
    assert "log_processed" not in container_record(line(text.encode()), KUBERNETES)


@pytest.mark.parametrize("text", ["{}", ' {"a": {"b": [1, null]}} ', '{"a": 1}\r', '{"a": 1e40}'])
def test_a_json_object_is_merged(text):
    assert container_record(line(text.encode()), KUBERNETES)["log_processed"] == json.loads(text)


def test_a_part_is_not_merged():
    assert "log_processed" not in container_record(line(b"{}", tag="P"), KUBERNETES)


@given(st.binary(max_size=200))
def test_any_bytes_become_an_event(raw):
    for form in FORMS.values():
        read = form.parse(raw)
        message = json.loads(make_event(read, form.record(read, KUBERNETES)).message)
        text = message.get("log", message.get("message"))
        assert text in read.text.decode(errors="replace")


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 9))
def test_times_of_any_precision(when, digits):
    fraction = f"{when.microsecond:06}000"[:digits]
    text = f"{when.isoformat()[:19]}{'.' if fraction else ''}{fraction}Z"
    whole = int(when.replace(microsecond=0).timestamp()) * 1000
    assert milliseconds(text) == whole + int(fraction.ljust(3, "0")[:3])


@pytest.mark.parametrize("text", ["2026-11-23T06:00:00.123+01:00", "2026-11-23T05:00:00.123456789Z"])
def test_an_offset_is_heeded(text):
    assert milliseconds(text) == MILLISECONDS


@pytest.mark.parametrize("text", ["", "hello", "2026-11-23T05:00:00.12x9Z", "2026-99-23T05:00:00.129Z", "99999-01-01"])
def test_what_is_no_time(text):
    assert milliseconds(text) is None


def test_a_line_of_logging_tells_its_local_time():
    read = parse_plain(b"2026-11-23 05:00:00,123 INFO ready ")
    expected = int(datetime(2026, 11, 23, 5, 0, 0, 123000).astimezone().timestamp() * 1000)
    event = make_event(read, unit_record(read, {"hostname": "node"}))
    assert event == Event(expected, b'{"hostname":"node","message":"2026-11-23 05:00:00,123 INFO ready "}')


def test_any_other_line_tells_no_time():
    read = parse_plain(b"  File 'x', line 3")
    assert make_event(read, host_record(read, {})) == Event(None, b'{"message":"  File \'x\', line 3"}')


def test_a_line_of_syslog():
    text = b"Nov  3 05:00:00 laptop systemd[1]: Started a: b."
    assert host_record(parse_plain(text), {}) == {
        "host": "laptop",
        "ident": "systemd",
        "pid": "1",
        "message": "Started a: b.",
    }


@pytest.mark.parametrize("character", ["a", "é", "\x01", '"', "\U0001f600"])
@pytest.mark.parametrize("form", FORMS)
def test_an_overlong_line_is_cut_to_what_an_event_holds(form, character):
    text = character * 1_200_000
    read = FORMS[form].parse(f"{TIME} stdout F {text}".encode())
    event = make_event(read, FORMS[form].record(read, KUBERNETES))
    assert MAX_EVENT - 1000 < len(event.message) <= MAX_EVENT
    message = json.loads(event.message)
    kept = message.get("log", message.get("message"))
    assert len(kept) + event.cut == len(read.text.decode())
    assert message.get("_p", "P") == "P"


def test_a_large_json_object_loses_its_second_copy_first():
    text = json.dumps({"a": "x" * 600_000})
    event = make_event(line(text.encode()), container_record(line(text.encode()), KUBERNETES))
    message = json.loads(event.message)
    assert (message["log"], message["_p"], event.cut) == (text, "F", 0)
    assert "log_processed" not in message


def test_a_host_that_writes_no_syslog():
    text = "Nov 23 05:00:00 laptop " + "x" * 2_000_000
    event = make_event(parse_plain(text.encode()), host_record(parse_plain(text.encode()), {}))
    assert len(event.message) <= MAX_EVENT
