import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.valueaxis import value_axis


def labels(axis):
    return [label for _, label in axis.ticks]


@pytest.mark.parametrize(
    ("field", "low", "high", "found"),
    [
        (Field(unit="reqps"), 0, 3.1, ["0 req/s", "1 req/s", "2 req/s", "3 req/s", "4 req/s"]),
        (Field(unit="bytes"), 0, 3 * 1024**2, ["0 MiB", "1 MiB", "2 MiB", "3 MiB"]),
        (Field(unit="s"), 0.01, 0.19, ["0 ms", "50 ms", "100 ms", "150 ms", "200 ms"]),
        (Field(unit="percentunit", low=0, high=1), 0.5, 1, ["0%", "20%", "40%", "60%", "80%", "100%"]),
    ],
)
def test_ticks_are_round_in_the_unit_that_is_written(field, low, high, found):
    assert labels(value_axis(field, low, high, 1.8)) == found


def test_an_axis_begins_at_zero_unless_the_values_are_all_far_from_it():
    assert value_axis(Field(), 2, 9, 2).low == 0
    assert value_axis(Field(), 95, 100, 2).low > 90
    assert value_axis(Field(), 95, 100, 2, zero=True).low == 0
    assert value_axis(Field(low=50), 95, 100, 2).low == 50
    assert value_axis(Field(custom={"axisSoftMax": 500}), 1, 2, 2).high >= 500


def test_a_logarithmic_axis_has_powers():
    axis = value_axis(Field(custom={"scaleDistribution": {"type": "log", "log": 10}}), 3, 700, 2)
    assert axis.logarithmic
    assert labels(axis) == ["1", "10", "100", "1000"]
    assert axis.low <= 3
    assert axis.high >= 700


@given(
    st.floats(-1e12, 1e12), st.floats(0, 1e12), st.sampled_from(["", "s", "bytes", "percentunit", "reqps", "x"]),
    st.sampled_from(["linear", "log"]), st.floats(0.1, 4), st.booleans(),
)  # fmt: skip
def test_all_values_are_within_the_axis_and_its_ticks_too(low, more, unit, kind, height, zero):
    field = Field(unit=unit, custom={"scaleDistribution": {"type": kind}})
    axis = value_axis(field, low, low + more, height, zero=zero)
    assert axis.high > axis.low
    if not axis.logarithmic:
        assert axis.low <= low
    assert axis.high >= low + more or axis.high == pytest.approx(low + more)
    assert all(
        axis.low - abs(axis.low) * 1e-6 <= tick <= axis.high * (1 + 1e-6) or tick == pytest.approx(axis.high)
        for tick, _ in axis.ticks
    )
    assert len(axis.ticks) <= 16
