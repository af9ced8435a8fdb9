import sys

import pytest

from refapp.exercise import roundtrip
from refapp.exercise.frames import FrameType, grpc_message
from refapp.exercise.peers import PAYLOADS
from refapp.exercise.roundtrip import Conversation, PeerError


def test_roundtrips_have_a_time_for_each_combination_and_round():
    frame = roundtrip.roundtrips(rounds=2, block=0)
    combinations = [
        (payload.name, direction, protocol)
        for payload in PAYLOADS
        for direction in ("send", "receive")
        for protocol in roundtrip.PROTOCOLS
    ]
    assert list(frame[["payload", "direction", "protocol"]].itertuples(index=False, name=None)) == combinations * 2
    assert (frame["seconds"] > 0).all()


def test_conversations_bring_the_response_by_both_protocols():
    talks = roundtrip.conversations(calls=2)
    for call in (1, 2):
        data = [
            frame.payload
            for sender, frame in talks["gRPC"].frames(call)
            if sender == "server" and frame.type is FrameType.DATA
        ]
        assert [grpc_message(payload) for payload in data] == [PAYLOADS[1].message.SerializeToString()]
    assert talks["REST"].sent.count(b"GET /1 HTTP/1.1\r\n") == 2
    assert talks["REST"].received.count(b"HTTP/1.1 200 OK\r\n") == 2


def test_sizes_are_the_bytes_between_two_marks():
    talk = Conversation("gRPC", b"x" * 30, b"y" * 90, ((10, 5), (25, 45), (30, 90)))
    assert talk.sizes().to_dict("list") == {
        "protocol": ["gRPC"] * 3,
        "call": [0, 1, 2],
        "sent": [10, 15, 5],
        "received": [5, 40, 45],
    }


def test_server_that_ends_at_once_is_reported(monkeypatch):
    monkeypatch.setattr(roundtrip, "_command", lambda _role: [sys.executable, "-c", "raise SystemExit(7)"])
    with pytest.raises(PeerError, match="gRPC server ended before it listened, with exit code 7"):
        roundtrip.conversations()


def test_client_that_fails_is_reported_with_what_it_wrote():
    with pytest.raises(PeerError, match=r"exit code 1[\s\S]*TypeError"):
        roundtrip.conversations(calls="three")
