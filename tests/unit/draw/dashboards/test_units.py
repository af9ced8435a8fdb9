import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards import units
from refapp.draw.dashboards.unitnames import BINARY, COUNTED, CURRENCIES, FIXED, METRIC


# The expected texts are what Grafana shows for these values.
@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0, "none", None, "0"),
        (12.345, "none", None, "12.3"),
        (1234.5, "none", None, "1234"),
        (0.01234, "", None, "0.0123"),
        (1, "", None, "1"),
        (1500, "short", None, "1.50 K"),
        (2_000_000, "short", None, "2 Mil"),
        (99.94, "percent", None, "99.9%"),
        (0.5, "percentunit", None, "50%"),
        (0.9999, "percentunit", 1, "100.0%"),
        (1536, "bytes", None, "1.50 KiB"),
        (1024**3, "bytes", None, "1 GiB"),
        (1500, "decbytes", None, "1.50 kB"),
        (1500, "Bps", None, "1.50 kB/s"),
        (2048, "binBps", None, "2 KiB/s"),
        (3, "kbytes", None, "3 KiB"),
        (5000, "kbytes", None, "4.88 MiB"),
        (12, "reqps", None, "12 req/s"),
        (1200, "reqps", None, "1.20K req/s"),
        (3, "ops", None, "3 ops/s"),
        (7, "cps", None, "7 c/s"),
        (1500, "pps", None, "1.50 kp/s"),
        (0.0025, "s", None, "2.50 ms"),
        (90, "s", None, "1.50 mins"),
        (86_400 * 14, "s", None, "2 weeks"),
        (0.4, "ms", None, "0.400 ms"),
        (1500, "ms", None, "1.50 s"),
        (250, "µs", None, "250 µs"),
        (3, "h", None, "3 hours"),
        (0, "s", None, "0 s"),
        (-1536, "bytes", None, "-1.50 KiB"),
        (12, "currencyUSD", None, "$12"),
        (1, "bool", None, "True"),
        (3661, "dthms", None, "01:01:01"),
        (255, "hex0x", None, "0xFF"),
        (21, "celsius", None, "21 °C"),
        (3, "suffix:pods", None, "3 pods"),
        (3, "prefix:v", None, "v3"),
        (4200, "si:Hz", None, "4.20 kHz"),
        (42, "furlongs", None, "42 furlongs"),
        (1_767_323_045_000, "dateTimeAsIso", None, "2026-01-02 03:04:05"),
        (-0.001, "", 1, "0.0"),
    ],
)
def test_a_value_is_written_with_its_unit(value, unit, decimals, text):
    assert units.text(value, unit, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf")])
def test_what_is_no_number_is_written_as_prometheus_does(value, text):
    assert units.text(value, "bytes") == text


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(0.05, "s", "50 ms"), (2.5, "reqps", "2.5 req/s"), (1500, "ms", "1.5 s")]
)
def test_an_axis_has_no_zeros_at_the_end(value, unit, text):
    assert units.tick(value, unit) == text


@given(
    st.floats(min_value=-1e15, max_value=1e15),
    st.sampled_from(sorted({*METRIC, *BINARY, *COUNTED, *CURRENCIES, *FIXED, "s", "ms", "m", "short", "percentunit"})),
)
def test_scaling_does_not_change_the_value(value, unit):
    scale = units.scale(unit, value)
    assert scale.factor > 0
    written = units.text(value, unit, 9).removeprefix(scale.prefix).removesuffix(scale.suffix)
    assert float(written) * scale.factor == pytest.approx(value, rel=1e-6, abs=1e-8 * scale.factor)


@given(st.floats(), st.text(max_size=12), st.none() | st.integers(-3, 40))
def test_every_number_has_a_text(value, unit, decimals):
    assert isinstance(units.text(value, unit, decimals), str)
    assert isinstance(units.tick(value, unit, decimals), str)
