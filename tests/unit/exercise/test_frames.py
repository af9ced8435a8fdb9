import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.exercise.frames import PREFACE, FrameType, frames, grpc_message


def encoded(kind, flags, stream, payload):
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


PARTS = st.lists(
    st.tuples(st.sampled_from(FrameType), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=300)),
    max_size=5,
)


@given(PARTS, st.booleans())
def test_frames_are_those_that_were_sent(parts, preface):
    start = PREFACE if preface else b""
    data = start + b"".join(encoded(*part) for part in parts)
    found = list(frames(data))
    assert [(frame.type, frame.flags, frame.stream, frame.payload) for frame in found] == parts
    assert all(data[frame.offset + 9 :].startswith(frame.payload) for frame in found)


@given(PARTS, st.binary(min_size=1, max_size=50))
def test_frame_that_is_cut_short_is_left_out(parts, payload):
    whole = b"".join(encoded(*part) for part in parts)
    cut = encoded(FrameType.DATA, 0, 1, payload)[:-1]
    assert len(list(frames(whole + cut))) == len(parts)


def test_reserved_bit_is_no_part_of_the_stream():
    (frame,) = frames(encoded(FrameType.DATA, 0, 1 << 31 | 5, b""))
    assert frame.stream == 5


def test_unknown_type_is_refused():
    with pytest.raises(ValueError, match="77 is not a valid FrameType"):
        list(frames(encoded(77, 0, 1, b"")))


@pytest.mark.parametrize(
    ("kind", "flags", "ends"),
    [
        (FrameType.DATA, 1, True),
        (FrameType.HEADERS, 5, True),
        (FrameType.HEADERS, 4, False),
        (FrameType.SETTINGS, 1, False),  # there the same bit says that settings are acknowledged
    ],
)
def test_which_frames_end_their_stream(kind, flags, ends):
    (frame,) = frames(encoded(kind, flags, 1, b""))
    assert frame.ends_stream is ends


@given(st.binary(), st.binary())
def test_grpc_message_is_what_its_length_says(message, next_one):
    assert grpc_message(b"\x00" + len(message).to_bytes(4) + message + next_one) == message


@pytest.mark.parametrize("data", [b"\x01\x00\x00\x00\x01a", b"\x00\x00\x00\x00\x02a"], ids=["compressed", "cut short"])
def test_message_that_cannot_be_read_is_refused(data):
    with pytest.raises(ValueError, match="compressed, or goes on"):
        grpc_message(data)
