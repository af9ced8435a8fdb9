import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.services.ui.ratelimit import TokenBucket


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_burst_and_then_a_rate():
    clock = Clock()
    bucket = TokenBucket(20, 5, clock)
    assert [bucket.take() for _ in range(5)] == [0.0] * 5
    assert bucket.take() == pytest.approx(0.05)
    clock.now += 0.049
    assert bucket.take() == pytest.approx(0.001)
    clock.now += 0.002
    assert bucket.take() == 0
    assert bucket.take() > 0


def test_a_refusal_takes_nothing():
    clock = Clock()
    bucket = TokenBucket(1, 10, clock)
    bucket.take(5)
    assert bucket.take(6) == pytest.approx(1)
    assert bucket.take(5) == 0


def test_more_than_the_burst_is_never_to_be_had():
    bucket = TokenBucket(1, 10, Clock())
    assert bucket.take(11) == math.inf
    assert bucket.take(10) == 0


def test_rest_does_not_add_to_the_burst():
    clock = Clock()
    bucket = TokenBucket(10, 3, clock)
    clock.now += 3600
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() > 0


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    steps=st.lists(st.tuples(st.floats(0, 10), st.integers(1, 10)), max_size=50),
)
def test_never_more_than_the_burst_and_the_rate(rate, burst, steps):
    clock = Clock()
    bucket = TokenBucket(rate, burst, clock)
    taken = 0
    for pause, tokens in steps:
        clock.now += pause
        wait = bucket.take(tokens)
        taken += tokens if wait == 0 else 0
        assert taken <= burst + rate * (clock.now - 100) + 1e-6
        if 0 < wait < math.inf:
            clock.now += wait + 1e-9
            assert bucket.take(tokens) == pytest.approx(0, abs=1e-6)
            taken += tokens
