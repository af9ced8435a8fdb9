import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.formulas import (
    Resources,
    limits,
    millicores,
    named,
    network,
    percent,
    requests,
    reserved,
    utilization,
    utilization_over,
    with_total,
)
from refapp.backends.containers.inventory import Container

AMOUNTS = st.none() | st.integers(0, 2**40)
THOUSANDTHS = st.none() | st.integers(0, 10**6)
CONTAINERS = st.lists(st.tuples(THOUSANDTHS, AMOUNTS), max_size=4)


def containers(pairs, kind):
    return [
        Container(name=f"c{n}", **{f"cpu_{kind}": None if cpu is None else cpu / 1000, f"memory_{kind}": memory})
        for n, (cpu, memory) in enumerate(pairs)
    ]


@given(st.integers(0, 10**9))
def test_thousandths_are_exact(thousandths):
    assert millicores(thousandths / 1000) == thousandths


@pytest.mark.parametrize(("cores", "expected"), [(0.005, 5), (0.2, 200), (0.0001, 1), (1.0001, 1001), (2, 2000)])
def test_parts_of_a_thousandth_are_rounded_up(cores, expected):
    assert millicores(cores) == expected


@given(CONTAINERS)
def test_requests_are_the_sum_of_those_that_are_set(pairs):
    found = requests(containers(pairs, "request"))
    for value, amounts in zip(found, zip(*pairs, strict=True) if pairs else ((), ()), strict=True):
        total = 0
        for amount in amounts:
            total += amount or 0
        assert value == (total or None)


@given(CONTAINERS)
def test_there_is_a_limit_only_if_each_container_has_one(pairs):
    found = limits(containers(pairs, "limit"))
    for value, amounts in zip(found, zip(*pairs, strict=True) if pairs else ((), ()), strict=True):
        everywhere = bool(amounts) and all(amounts)
        assert value == (sum(amounts) if everywhere else None)


@given(st.none() | st.floats(0, 1e15), st.none() | st.integers(0, 2**50))
def test_per_cents_are_what_they_are_or_unknown(part, whole):
    found = percent(part, whole)
    if part is None or whole in (None, 0):
        assert found is None
    else:
        assert found == pytest.approx(float(Decimal(part) * 100 / Decimal(whole)))
        assert math.isfinite(found)


def test_the_formulas_of_the_user_guide():
    fields, node = {"cpu_usage_total": 5.8, "memory_working_set": 100}, Resources(4000, 1000)
    assert utilization(fields, node) == {"cpu_utilization": pytest.approx(0.145), "memory_utilization": 10.0}
    assert utilization_over("pod", fields, Resources(200, 400)) == {
        "cpu_utilization_over_pod_limit": pytest.approx(2.9),
        "memory_utilization_over_pod_limit": 25.0,
    }
    assert reserved(Resources(1000, 50), node) == {"cpu_reserved_capacity": 25.0, "memory_reserved_capacity": 5.0}


def test_what_cannot_be_computed_is_no_field():
    unknown = utilization_over("pod", {"cpu_usage_total": 1.0}, Resources(None, 10))
    assert named("pod_", unknown, {"a": 0, "b": None}) == {"pod_a": 0}


def test_the_network_is_the_sum_of_its_interfaces():
    one = {"network_rx_bytes": 1.0, "network_tx_bytes": 2.0, "network_rx_errors": 3.0}
    other = {"network_rx_bytes": 10.0, "network_tx_bytes": 20.0}
    expected = {"network_rx_bytes": 11.0, "network_tx_bytes": 22.0, "network_total_bytes": 33.0}
    assert network([one, other]) == expected
    assert network([]) == {}


def test_a_total_needs_both_ways():
    assert with_total({"network_rx_bytes": 1.0}) == {"network_rx_bytes": 1.0}
