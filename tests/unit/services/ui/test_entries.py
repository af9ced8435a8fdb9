import json

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.services import logs
from refapp.services.ui import entries
from refapp.services.ui.entries import MAX_DATA, MAX_ENTRIES, MAX_MESSAGE, EntryError, parse

TRACE = "0af7651916cd43dd8448eb211c80319c"
REQUEST = "7b0d2c8e-3f6a-4a55-9d0e-1c2b3a495867"
# As ngx-logger 5.0.12 posts it.
POSTED = {
    "level": 2,
    "additional": [{"trace_id": TRACE, "request_id": REQUEST, "status": 200}],
    "message": "greeting received",
    "timestamp": "2026-11-29T13:00:00.000Z",
    "fileName": "main.js",
    "lineNumber": 12,
    "columnNumber": 5,
}
OURS = ("time", "level", "msg", "function", "line", "service", "pod")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


def post(**changes):
    return json.dumps(POSTED | changes).encode()


@pytest.fixture
def written(lines):
    """Writes what is posted; returns the lines."""

    def written(body):
        lines()
        for entry in parse(body):
            entry.write()
        return lines()

    return written


def test_an_entry_becomes_a_line(written):
    (line,) = written(post())
    assert {name: line.pop(name) for name in OURS if name not in ("time", "function", "line")} == {
        "level": "info",
        "msg": "greeting received",
        "service": "service-a",
        "pod": "service-a-1",
    }
    assert {name: line[name] for name in line if name not in OURS} == {
        "client": True,
        "client_time": "2026-11-29T13:00:00.000Z",
        "client_place": "main.js:12:5",
        "trace_id": TRACE,
        "request_id": REQUEST,
        "data": json.dumps(POSTED["additional"], separators=(",", ":")),
    }


@pytest.mark.parametrize(
    ("number", "level"), list(enumerate(["trace", "debug", "info", "info", "warning", "error", "fatal"]))
)
def test_levels_are_mapped(written, number, level):
    logs.set_level("trace")
    assert [line["level"] for line in written(post(level=number))] == [level]


def test_the_level_of_this_process_holds(written):
    assert written(post(level=1)) == []
    logs.set_level("error")
    assert written(post(level=2)) == []
    assert len(written(post(level=5))) == 1


def test_only_what_is_there_becomes_a_field(written):
    (line,) = written(b'{"level": 3}')
    assert [name for name in line if name not in OURS] == ["client"]
    assert line["msg"] == ""


def test_null_is_as_if_it_were_not_there(written):
    (line,) = written(orjson.dumps(dict.fromkeys(POSTED) | {"level": 3}))
    assert [name for name in line if name not in OURS] == ["client"]


def test_several_entries_may_come_at_a_time(written):
    body = json.dumps([POSTED | {"message": text} for text in "abc"]).encode()
    assert [line["msg"] for line in written(body)] == ["a", "b", "c"]


def test_a_long_message_is_cut(written):
    (line,) = written(post(message="é" * (MAX_MESSAGE + 1)))
    assert (line["msg"], line["truncated"]) == ("é" * MAX_MESSAGE, True)
    (line,) = written(post(message="é" * MAX_MESSAGE))
    assert "truncated" not in line


def test_long_data_is_cut(written):
    (line,) = written(post(additional=["x" * 10_000]))
    assert line["data"] == '["' + "x" * (MAX_DATA - 2)


@pytest.mark.parametrize("name", [*OURS, "client", "error", "stacktrace", "fields.time", "exc_info"])
def test_no_field_of_ours_can_be_forged(written, name):
    (line,) = written(post(additional=[{name: "forged"}], **{name: "forged"} if name != "level" else {}))
    assert (line["level"], line["msg"], line["service"], line["pod"]) == (
        "info",
        "greeting received",
        "service-a",
        "service-a-1",
    )
    assert line["client"] is True
    assert "forged" not in json.dumps({key: value for key, value in line.items() if key != "data"})


FORGERIES = [
    '\n{"level":"fatal","msg":"forged"}',
    "\r\n",
    "\x1b[2J",
    "\x00",
    "\x7f",
    "\x85",
    "\x9b2J",
    "\u2028",
    "\u202e",
    "\u2066",
]


@pytest.mark.parametrize("text", FORGERIES)
@pytest.mark.parametrize("place", ["message", "timestamp", "fileName", "additional"])
def test_no_line_can_be_broken(capsysbinary, lines, text, place):
    lines()
    for entry in parse(post(**{place: [text] if place == "additional" else f"a{text}b"})):
        entry.write()
    out = capsysbinary.readouterr().out.decode()
    assert out.endswith("\n")
    assert out.count("\n") == 1
    assert len(out.splitlines()) == 1  # by whatever Python takes for the end of a line
    assert not [char for char in out[:-1] if not char.isprintable()]
    assert json.loads(out)["level"] == "info"


@pytest.mark.parametrize(
    ("additional", "found"),
    [
        ([{"trace_id": TRACE.upper()}], {"trace_id": TRACE}),
        ([{"trace_id": TRACE[:16]}], {"trace_id": TRACE[:16]}),
        (["text", 7, None, {"trace_id": "no"}, {"trace_id": TRACE}], {"trace_id": TRACE}),
        ([{"request_id": REQUEST.upper()}], {"request_id": REQUEST}),
        ([{"trace_id": "0" * 32}], {}),
        ([{"trace_id": f"{TRACE}\n"}], {}),
        ([{"trace_id": TRACE[:31]}], {}),
        ([{"trace_id": 7, "request_id": ["a"]}], {}),
        ([{"request_id": "7b0d2c8e"}], {}),
        ([[{"trace_id": TRACE}]], {}),
    ],
)
def test_only_valid_ids_become_fields(written, additional, found):
    (line,) = written(post(additional=additional))
    assert {name: line[name] for name in ("trace_id", "request_id") if name in line} == found


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"level": 2, "message": "\\ud800"}', "not JSON"),
        (b"[" * 10_000, "not JSON"),
        (b"[]", "one log entry"),
        (json.dumps([POSTED] * (MAX_ENTRIES + 1)).encode(), "one log entry"),
        (b"7", "object"),
        (b"null", "object"),
        (b"[[]]", "object"),
        (b"{}", "level"),
        (post(level="INFO"), "level"),
        (post(level=True), "level"),
        (post(level=2.0), "level"),
        (post(level=7), "level"),
        (post(level=-1), "level"),
        (post(level=2**64), "level"),
        (post(message=7), "message"),
        (post(message={"a": 1}), "message"),
        (post(timestamp=1), "timestamp"),
        (post(fileName=[]), "fileName"),
        (post(lineNumber="12"), "lineNumber"),
        (post(lineNumber=True), "lineNumber"),
        (post(columnNumber=2**31), "columnNumber"),
        (post(additional={}), "additional"),
        (post(additional="text"), "additional"),
        (b'{"level": 2, "additional": ' + b"[" * 500 + b"]" * 500 + b"}", "nested"),
    ],
)
def test_nonsense_is_refused(body, words):
    with pytest.raises(EntryError, match=words) as caught:
        parse(body)
    assert len(str(caught.value)) < 300


def test_one_bad_entry_spoils_the_list():
    with pytest.raises(EntryError):
        parse(json.dumps([POSTED, {}]).encode())


def test_numbers_without_a_file_tell_nothing(written):
    assert "client_place" not in written(post(fileName=""))[0]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from([*POSTED, *OURS, "client"]), JSON),
    st.integers(0, 6),
    st.text() | st.none(),
    st.lists(JSON, max_size=3) | st.none(),
)
def test_whatever_is_posted_is_one_line_of_bounded_length_or_refused(
    capsysbinary, lines, odd, level, message, additional
):
    logs.set_level("trace")
    lines()
    body = orjson.dumps(odd | {"level": level, "message": message, "additional": additional})
    try:
        (entry,) = parse(body)
    except EntryError:
        return
    entry.write()
    out = capsysbinary.readouterr().out
    assert len(out) < 6 * (MAX_MESSAGE + MAX_DATA + 2000)
    assert (out.count(b"\n"), out[-1:]) == (1, b"\n")
    line = json.loads(out)
    assert (line["service"], line["pod"], line["client"]) == ("service-a", "service-a-1", True)
    assert set(line) <= {*OURS, "client", "client_time", "client_place", "truncated", "trace_id", "request_id", "data"}


@settings(deadline=None)
@given(st.binary(max_size=200) | JSON.map(orjson.dumps))
def test_any_body_is_read_or_refused(body):
    try:
        parse(body)
    except EntryError:
        return
    assert orjson.loads(body)


def test_every_level_has_a_writer():
    assert set(entries._writers()) == set(entries._LEVELS)
