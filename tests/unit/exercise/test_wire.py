import gc

import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.exercise import wire
from refapp.exercise.wire import Claim, Verdict
from refapp.pb.greeting.v3.greeting_pb2 import Greeting, GreetingResponse
from refapp.topology import REFERENCE

# XML has no way to write control characters, and none of the formats has one for half a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["C"]))
GREETINGS = st.fixed_dictionaries(dict.fromkeys(["id", "service", "message", "created", "hostname"], TEXTS))


def test_greetings_are_the_same_ones_at_every_call():
    assert wire.greetings(9) == wire.greetings(9)


def test_greetings_are_those_of_the_platform_in_its_order():
    found = wire.greetings(len(REFERENCE.answer) + 1)
    assert [greeting["service"] for greeting in found[:-1]] == [REFERENCE[name].title for name in REFERENCE.answer]
    assert found[-1]["service"] == found[0]["service"]
    assert len({greeting["id"] for greeting in found}) == len(found)


@pytest.mark.parametrize("payload", wire.payloads(), ids=lambda payload: payload.name)
def test_message_and_record_of_a_payload_say_the_same(payload):
    assert wire.values(payload.message) == payload.record


@pytest.mark.parametrize("payload", wire.payloads(), ids=lambda payload: payload.name)
@pytest.mark.parametrize("codec", [wire.PROTOBUF_VALUES, wire.ORJSON, wire.JSON], ids=lambda codec: codec.name)
def test_codec_decodes_what_was_encoded(codec, payload):
    assert codec.decoder(payload)() == payload.record


def test_protobuf_codec_gives_messages():
    payload = wire.response(3)
    assert GreetingResponse.FromString(wire.PROTOBUF.encoder(payload)()) == payload.message
    assert wire.PROTOBUF.decoder(payload)() == payload.message


def test_both_json_codecs_write_the_same():
    payload = wire.response(7)
    assert wire.JSON.encoder(payload)() == wire.ORJSON.encoder(payload)() == orjson.dumps(payload.record)


@given(GREETINGS)
def test_values_leaves_out_what_is_not_set(record):
    assert wire.values(Greeting(**record)) == {name: text for name, text in record.items() if text}


@given(st.lists(GREETINGS, min_size=1, max_size=3))
def test_xml_brings_every_text_back(records):
    found = wire.from_xml(wire.to_xml({"greeting": records}, "GreetingResponse"))
    assert found == {"greeting": [{name: [text] for name, text in record.items()} for record in records]}


def test_xml_has_an_element_per_number_and_no_white_space():
    assert wire.to_xml({"a": [1, 2], "b": 0.5}, "R") == b"<R><a>1</a><a>2</a><b>0.5</b></R>"


def test_doubles_take_eight_bytes_each():
    assert len(wire.doubles([0.5] * 10).message.SerializeToString()) == 2 + 8 * 10


def test_sizes_are_those_of_the_encoded_bytes():
    payload = wire.response(1)
    frame = wire.sizes([payload, wire.prose()])
    of_payload = frame[frame["payload"] == payload.name].set_index("format")
    assert of_payload.loc["Protocol Buffers", "bytes"] == payload.message.ByteSize()
    assert of_payload.loc["JSON", "bytes"] == len(orjson.dumps(payload.record))
    assert list(of_payload.index) == ["Protocol Buffers", "JSON", "XML"]
    long = frame[frame["payload"] == "long text"]
    assert (long["gzip"] < long["bytes"] / 2).all()


def test_timings_have_every_combination_in_every_round_in_the_given_order():
    payloads, codecs = wire.payloads()[:2], [wire.ORJSON, wire.PROTOBUF]
    frame = wire.timings(payloads, codecs, rounds=2, block=0)
    one = [(p.name, c.name, d) for p in payloads for c in codecs for d in ("encode", "decode")]
    assert list(frame[["payload", "codec", "direction"]].itertuples(index=False, name=None)) == one * 2
    assert frame["round"].tolist() == [0] * len(one) + [1] * len(one)
    assert (frame["seconds"] > 0).all()


def test_timings_give_garbage_collection_back():
    def broken(_payload):
        return lambda: 1 / 0 if not gc.isenabled() else b""  # breaks once the clock runs

    with pytest.raises(ZeroDivisionError):
        wire.timings(wire.payloads()[:1], [wire.Codec("broken", "none", broken, broken)], rounds=1, block=0)
    assert gc.isenabled()


def test_quartiles_per_group_in_the_order_of_the_frame():
    frame = pd.DataFrame({"codec": ["b"] * 5 + ["a"] * 5, "seconds": [1.0, 2, 3, 4, 5, 20, 20, 20, 20, 20]})
    assert wire.quartiles(frame, ["codec"]).to_dict("records") == [
        {"codec": "b", "low": 2, "median": 3, "high": 4},
        {"codec": "a", "low": 20, "median": 20, "high": 20},
    ]


def test_ratios_compare_within_a_round():
    rows = [
        ("p", codec, number, seconds)
        for codec, times in (("x", [2.0, 40.0]), ("y", [1.0, 10.0]))
        for number, seconds in enumerate(times)
    ]
    frame = pd.DataFrame(rows, columns=["payload", "codec", "round", "seconds"])
    assert wire.ratios(frame, "x", "y", by=["payload"]).to_dict("records") == [
        {"payload": "p", "low": 2.5, "median": 3, "high": 3.5}
    ]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (11, 12, Verdict.MORE),
        (9, 12, Verdict.HOLDS),
        (3, 3, Verdict.HOLDS),
        (2, 4, Verdict.OPEN),
        (0.5, 3, Verdict.OPEN),
        (1.5, 2.9, Verdict.LESS),
        (0.9, 1.1, Verdict.NONE),
        (0.3, 0.4, Verdict.NONE),
    ],
)
def test_verdict_follows_from_the_quartiles(low, high, verdict):
    assert Claim("3 to 10 times", 3, 10).verdict(low, high) is verdict
