import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.mesh.quantiles import quantile

INF = math.inf


@pytest.mark.parametrize(
    ("share", "buckets", "value"),
    [
        (0.5, {10: 1, 25: 2, INF: 2}, 10),
        (0.75, {10: 1, 25: 2, INF: 2}, 17.5),
        (0.25, {10: 1, 25: 2, INF: 2}, 5),
        (0.99, {10: 1, INF: 2}, 10),
        (0.5, {-5: 2, 5: 2, INF: 2}, -5),
        (0.5, {INF: 2}, None),
        (0.5, {10: 0, INF: 0}, None),
        (0.5, {10: 1}, None),
        (0.5, {}, None),
        (0.9, {10: 5, 25: 4, INF: 5}, 9),
    ],
)
def test_it_is_estimated_as_prometheus_does(share, buckets, value):
    assert quantile(share, buckets) == (None if value is None else pytest.approx(value))


@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_share_has_no_lower_value(steps, one, other):
    total, counted = 0.0, {}
    for number, step in enumerate(steps, 1):
        total += step
        counted[number * 10.0] = total
    counted[INF] = total
    low, high = sorted((one, other))
    assert quantile(low, counted) <= quantile(high, counted) + 1e-9
