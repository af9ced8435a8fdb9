import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.rates import Rates, Restarts
from refapp.backends.containerinsights.readings import Reading
from refapp.backends.containers.inventory import Inventory

THING = ("Thing",)


def reading(at, count, *, origin="/a", **values):
    return {THING: Reading(origin, at, values, {"count": count})}


def told(*readings):
    rates = Rates()
    return [rates.update(one).get(THING) for one in readings]


def test_a_rate_is_known_with_the_second_reading():
    assert told(reading(10.0, 100, size=1), reading(12.0, 130, size=2)) == [{"size": 1}, {"size": 2, "count": 15.0}]


def test_a_counter_that_goes_back_has_no_rate():
    assert told(reading(10.0, 100), reading(12.0, 30), reading(14.0, 50)) == [{}, {}, {"count": 10.0}]


def test_a_container_that_was_started_again_is_compared_with_nothing():
    assert told(reading(1.0, 1), reading(2.0, 5, origin="/b"), reading(3.0, 6, origin="/b")) == [{}, {}, {"count": 1.0}]


@pytest.mark.parametrize("at", [10.0, 10.00001, 9.0])
def test_time_has_to_pass(at):
    assert told(reading(10.0, 100), reading(at, 130)) == [{}, {}]


def test_a_counter_that_is_new_has_no_rate():
    rates = Rates()
    rates.update({THING: Reading("/a", 1.0, {}, {})})
    assert rates.update(reading(2.0, 5))[THING] == {}


def test_what_is_gone_is_forgotten():
    assert told(reading(1.0, 1), {}, reading(3.0, 5)) == [{}, None, {}]


@given(st.lists(st.tuples(st.floats(0, 1e12), st.integers(0, 2**62)), max_size=8))
def test_a_rate_is_never_negative_nor_infinite(readings):
    for fields in told(*(reading(at, count) for at, count in readings)):
        assert all(value >= 0 and math.isfinite(value) for value in fields.values())


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 1000)), min_size=1, max_size=20))
def test_rates_add_up_to_what_was_counted(steps):
    at = count = 0
    readings = [reading(0.0, 0)]
    for seconds, more in steps:
        at, count = at + seconds, count + more
        readings.append(reading(float(at), count))
    rates = told(*readings)[1:]
    assert math.fsum(found["count"] * seconds for found, (seconds, _) in zip(rates, steps, strict=True)) == (
        pytest.approx(count)
    )


def test_restarts_are_those_of_the_period(pod):
    restarts = Restarts()

    def update(*counts):
        pods = tuple(pod(f"p-{number}", restarts=count) for number, count in enumerate(counts))
        return list(restarts.update(Inventory(pods=pods)).values())

    assert update(3) == []
    assert update(3) == [0]
    assert update(5) == [2]
    assert update(5, 4) == [0]
    assert update(6, 4) == [1, 0]
    assert update(0, 4) == [0, 0]


def test_another_pod_of_the_same_name_has_restarts_of_its_own(pod):
    restarts = Restarts()
    restarts.update(Inventory(pods=(pod("p", uid="u1", restarts=9),)))
    assert restarts.update(Inventory(pods=(pod("p", uid="u2", restarts=0),))) == {}
