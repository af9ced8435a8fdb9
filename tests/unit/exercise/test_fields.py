import pytest
from google.api.distribution_pb2 import Distribution
from hypothesis import assume, given
from hypothesis import strategies as st

from refapp.exercise.fields import WireType, fields, hexdump, varint
from refapp.pb.greeting.v3.greeting_pb2 import Greeting

NAMES = ["id", "service", "message", "created", "hostname"]
GREETINGS = st.builds(Greeting, **dict.fromkeys(NAMES, st.text(max_size=300)))


@given(GREETINGS)
def test_fields_are_those_that_were_set(greeting):
    found = list(fields(greeting.SerializeToString()))
    assert [(field.number, field.value.decode()) for field in found] == [
        (number, getattr(greeting, name)) for number, name in enumerate(NAMES, 1) if getattr(greeting, name)
    ]
    assert {field.wire_type for field in found} <= {WireType.LEN}


@given(GREETINGS)
def test_heads_and_values_are_the_whole_message(greeting):
    data = greeting.SerializeToString()
    found = list(fields(data))
    assert b"".join(field.head + field.value for field in found) == data
    assert all(data[field.offset :].startswith(field.head + field.value) for field in found)


@given(GREETINGS, st.data())
def test_message_that_ends_within_a_field_is_refused(greeting, data):
    message = greeting.SerializeToString()
    assume(message)
    cut = data.draw(st.integers(0, len(message) - 1))
    assume(cut not in {field.offset for field in fields(message)})
    with pytest.raises(ValueError, match=r"bytes more than there are|does not end"):
        list(fields(message[:cut]))


def test_fields_of_each_length():
    message = Distribution(count=300, mean=0.5)
    count, mean = fields(message.SerializeToString())
    assert (count.wire_type, count.value) == (WireType.VARINT, b"\xac\x02")
    assert (mean.wire_type, len(mean.value)) == (WireType.I64, 8)
    (fixed,) = fields(bytes([9 << 3 | WireType.I32, 1, 2, 3, 4]))
    assert (fixed.number, fixed.value) == (9, b"\x01\x02\x03\x04")


def test_groups_are_refused():
    with pytest.raises(ValueError, match="3 is not a valid WireType"):
        list(fields(b"\x0b"))


@given(st.integers(1, 2**63 - 1))
def test_varint_is_the_number_that_protobuf_wrote(number):
    data = Distribution(count=number).SerializeToString()
    assert varint(data, 1) == (number, len(data))


@given(st.binary(max_size=100), st.integers(1, 32))
def test_hexdump_shows_every_byte_once(data, width):
    lines = hexdump(data, width).splitlines()
    assert b"".join(bytes.fromhex(line[6 : 6 + 3 * width - 1]) for line in lines) == data
    assert [int(line[:4], 16) for line in lines] == list(range(0, len(data), width))


def test_hexdump_reads_ascii_beside_the_bytes():
    assert hexdump(b"A\x00~", 4) == "0000  41 00 7e     A·~"
