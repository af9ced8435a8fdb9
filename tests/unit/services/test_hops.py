import errno

import pytest
from grpc import StatusCode
from hypothesis import given
from hypothesis import strategies as st

from refapp.services.hops import Deadline, HopError, reason


def test_a_hop_is_named():
    error = HopError("service-c", "mongodb", StatusCode.UNAVAILABLE, "Connection refused")
    assert str(error) == "service-c → mongodb: Connection refused"
    assert (error.hop, error.code, error.detail) == (
        "service-c → mongodb",
        StatusCode.UNAVAILABLE,
        "Connection refused",
    )


def test_hops_are_nested_outward():
    inner = HopError("service-b", "service-d", StatusCode.UNAVAILABLE, "service-d → rabbitmq: Connection refused")
    outer = HopError("service-a", "service-b", inner.code, str(inner))
    assert str(outer) == "service-a → service-b: service-b → service-d: service-d → rabbitmq: Connection refused"


@given(st.floats(min_value=-10, max_value=0))
def test_a_deadline_that_is_over(seconds):
    assert Deadline(seconds).remaining() == 0


@given(st.floats(min_value=60, max_value=3600))
def test_a_deadline_comes_nearer(seconds):
    deadline = Deadline(seconds)
    first, second = deadline.remaining(), deadline.remaining()
    assert seconds >= first >= second > 0


def test_reason_of_a_system_error_is_without_its_address():
    assert reason(ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)")) == (
        "Connection refused"
    )


def test_reason_is_one_line_and_never_empty():
    assert reason(ValueError("first\n  second")) == "first second"
    assert reason(ConnectionError("connection lost")) == "connection lost"
    assert reason(TimeoutError()) == "no answer in time"
    assert reason(KeyError()) == "KeyError"


def test_a_deadline_that_is_over_allows_no_call():
    assert 0 < Deadline(60).timeout("service-a", "service-b") <= 60
    with pytest.raises(HopError, match="service-a → service-b") as caught:
        Deadline(0).timeout("service-a", "service-b")
    assert caught.value.code is StatusCode.DEADLINE_EXCEEDED
