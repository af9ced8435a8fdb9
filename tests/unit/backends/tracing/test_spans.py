import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.tracing.spans import SpanError, dump_span, load_span, parse_batch, parse_id, parse_span


@given(data=st.data())
def test_a_span_comes_back_as_it_was(zipkin_spans, data):
    item = data.draw(zipkin_spans)
    assert json.loads(dump_span(parse_span(item))) == item
    assert load_span(dump_span(parse_span(item))) == parse_span(item)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"id": None}, "id is missing"),
        ({"id": ""}, "id is missing"),
        ({"id": "0000"}, "id is zero"),
        ({"id": "xyz"}, "id is 'xyz': it must be 1 to 16 lower-case hexadecimal digits"),
        ({"id": "ABC"}, "id is 'ABC'"),
        ({"id": 7}, "id is 7: it must be a string"),
        ({"id": "1" * 17}, "1 to 16"),
        ({"traceId": None}, "traceId is missing"),
        ({"traceId": "1" * 33}, "1 to 32"),
        ({"parentId": "nope"}, "parentId is 'nope'"),
        ({"kind": "server"}, "kind is 'server': it must be one of CLIENT, SERVER, PRODUCER, CONSUMER"),
        ({"kind": []}, "kind is []"),
        ({"name": 1}, "name is 1: it must be a string"),
        ({"timestamp": -1}, "timestamp is -1: it must be between 0 and"),
        ({"timestamp": 2**63}, "timestamp is 9223372036854775808"),
        ({"timestamp": True}, "timestamp is True: it must be a whole number"),
        ({"duration": -5}, "duration is -5"),
        ({"duration": 1.5}, "duration is 1.5"),
        ({"duration": "5"}, "duration is '5'"),
        ({"tags": []}, "tags must be an object"),
        ({"tags": {"a": 1}}, "tags['a'] is 1: it must be a string"),
        ({"annotations": {}}, "annotations must be a list"),
        ({"annotations": [1]}, "annotations must be a list of objects"),
        ({"annotations": [{"timestamp": "1"}]}, "annotation.timestamp is '1'"),
        ({"localEndpoint": "a"}, "localEndpoint must be an object"),
        ({"localEndpoint": {"serviceName": 1}}, "localEndpoint.serviceName is 1"),
        ({"localEndpoint": {"ipv4": "1.2.3"}}, "localEndpoint.ipv4 is '1.2.3': it must be an address of IP version 4"),
        ({"remoteEndpoint": {"ipv6": "1.2.3.4"}}, "remoteEndpoint.ipv6"),
        ({"remoteEndpoint": {"port": 65536}}, "remoteEndpoint.port is 65536"),
        ({"shared": 1}, "shared is 1: it must be true or false"),
        ({"debug": "yes"}, "debug is 'yes'"),
    ],
)
def test_what_is_wrong_with_a_span_is_said(item, fields, complaint):
    with pytest.raises(SpanError) as caught:
        parse_span(item() | fields)
    assert complaint in str(caught.value)


def test_the_good_spans_of_a_batch_are_kept(item):
    batch = parse_batch(json.dumps([item(span="1"), 5, item(span="2"), item(duration=-1)]).encode())
    assert [span.span_id[-1] for span in batch.spans] == ["1", "2"]
    assert batch.errors[0] == "span 1: it must be an object"
    assert batch.errors[1].startswith("span 3: duration is -1")


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"1", b'"a"', b"\xff", b'["\\ud800"]', b"[" * 5000])
def test_what_is_no_list_is_refused(body):
    with pytest.raises(SpanError, match="the body"):
        parse_batch(body)


def test_ids_are_filled_up_to_their_length():
    assert parse_id("a") == "a".zfill(16)
    assert parse_id("a", longest=32) == "a".zfill(16)
    assert parse_id("a" * 17, longest=32) == ("a" * 17).zfill(32)


def test_nothing_is_its_own_parent(item):
    assert parse_span(item(span="5", parent="5")).parent_id == ""


def test_a_long_value_is_cut_in_the_complaint(item):
    with pytest.raises(SpanError) as caught:
        parse_span(item(kind="x" * 10_000))
    assert len(str(caught.value)) < 200
