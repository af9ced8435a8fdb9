import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.distribution import DISTINCT, Distribution, merge

VALUES = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES)
def test_statistics_are_those_of_the_values(values):
    distribution = Distribution.of(values)
    assert (distribution.samples, distribution.total) == (len(values), sum(values))
    assert (distribution.low, distribution.high) == (min(values), max(values))
    assert distribution.spread == {value: values.count(value) for value in values}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(VALUES, min_size=1, max_size=5))
def test_merging_is_like_having_had_all_values_at_once(parts):
    merged = merge(map(Distribution.of, parts))
    assert merged == Distribution.of([value for part in parts for value in part])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES)
def test_what_is_packed_is_unpacked(values):
    distribution = Distribution.of(values)
    packed = distribution.pack()
    assert (
        Distribution.unpack(distribution.samples, distribution.total, distribution.low, distribution.high, packed)
        == distribution
    )


def test_one_value_is_packed_in_nothing():
    assert Distribution.of([2.5, 2.5]).pack() == b""


def test_counts_say_how_often_a_value_occurred():
    assert Distribution.of([1.0, 2.0], [3.0, 0.5]) == Distribution(3.5, 4.0, 1.0, 2.0, {1.0: 3.0, 2.0: 0.5})


@pytest.mark.parametrize(
    ("statistics", "spread"),
    [
        ((1.0, 5.0, 5.0, 5.0), {5.0: 1.0}),
        ((4.0, 20.0, 5.0, 5.0), {5.0: 4.0}),
        ((4.0, 21.0, 5.0, 5.0), None),
        ((4.0, 20.0, 4.0, 6.0), None),
    ],
)
def test_the_values_of_statistics_are_known_when_they_are_alike(statistics, spread):
    assert Distribution.from_statistics(*statistics).spread == spread


def test_what_is_merged_with_unknown_values_is_unknown():
    known, unknown = Distribution.of([1.0, 9.0]), Distribution.from_statistics(2.0, 9.0, 4.0, 5.0)
    for parts in ([known, unknown], [unknown, known], [unknown, unknown, known]):
        merged = merge(parts)
        assert merged.spread is None
        assert merged.pack() is None
        assert merged.samples == sum(part.samples for part in parts)
        assert (merged.low, merged.high) == (1.0, 9.0)


def test_many_values_are_rounded_and_their_statistics_stay():
    values = [1.0001 + number / 1000 for number in range(3 * DISTINCT)]
    merged = merge([Distribution.of(values[:500]), Distribution.of(values[500:])])
    assert len(merged.spread) <= DISTINCT
    assert sum(merged.spread.values()) == len(values)
    assert merged.total == pytest.approx(sum(values))
    assert (merged.low, merged.high) == (values[0], values[-1])
    for value in merged.spread:
        assert any(abs(value - own) <= abs(own) * 0.005 for own in values)
