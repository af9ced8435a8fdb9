from fractions import Fraction
from math import ceil, floor, inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.statistics import parse_statistic

TEN = [float(value) for value in range(1, 11)]


def measured(name, values=TEN):
    return parse_statistic(name).measure(Distribution.of(values))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 10),
        ("Average", 5.5),
        ("Sum", 55),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p0", 1),
        ("p0.0", 1),
        ("p10", 1),
        ("p50", 5),
        ("p90", 9),
        ("p90.1", 10),
        ("p99.9", 10),
        ("p100", 10),
        ("tm90", 5),
        ("TM(:90%)", 5),
        ("TM(10%:90%)", 5.5),
        ("TM(2:5)", 4),
        ("TM(:2)", 1.5),
        ("TM(8:)", 9.5),
        ("TM(20:30)", None),
        ("IQM", 5.5),
        ("TM(25%:75%)", 5.5),
        ("wm90", (sum(TEN[:9]) + 9) / 10),
        ("WM(10%:90%)", (2 + sum(TEN[1:9]) + 9) / 10),
        ("WM(2:5)", (2 * 2 + 3 + 4 + 5 + 5 * 5) / 10),
        ("WM(:5)", (1 + 2 + 3 + 4 + 5 + 5 * 5) / 10),
        ("tc90", 9),
        ("TC(2:5)", 3),
        ("TC(20:30)", 0),
        ("ts90", 45),
        ("TS(80%:)", 19),
        ("TS(20:30)", 0),
        ("PR(:3)", 30),
        ("PR(3:5)", 20),
        ("PR(5:)", 50),
        ("PR(1.5:2.5)", 10),
    ],
)
def test_statistics(name, value):
    assert measured(name) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "average",
        "P90",
        "p",
        "p-1",
        "p101",
        "p100.1",
        "p1.12345678901",
        "tm(10%:90%)",
        "TM90",
        "tm101",
        "TM(:)",
        "TM()",
        "TM(10%:90)",
        "TM(90%:10%)",
        "TM(10%:10%)",
        "TM(5:5)",
        "TM(10%:101%)",
        "PR(10%:90%)",
        "pr90",
        "IQM(1)",
        "iqm",
        "p50 ",
        "TM(-1:5)",
        "p\u0665",
    ],
)
def test_what_is_no_statistic_is_refused_by_name(name):
    with pytest.raises(ValueError, match="is not a statistic of CloudWatch") as caught:
        parse_statistic(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", ["p50", "tm90", "TM(1:2)", "wm90", "tc90", "ts90", "PR(:1)", "IQM"])
def test_without_the_values_or_with_negative_ones_there_is_none(name):
    statistic = parse_statistic(name)
    assert statistic.spread
    assert statistic.measure(Distribution.from_statistics(2.0, 5.0, 1.0, 4.0)) is None
    assert statistic.measure(Distribution.of([-1.0, 2.0])) is None


def test_a_percentile_knows_its_share():
    assert parse_statistic("p99.9").percentile == Fraction(999, 1000)
    assert parse_statistic("tm99").percentile is None
    assert not parse_statistic("Average").spread


def test_rounded_values_stay_between_the_lowest_and_the_highest():
    rounded = Distribution(2.0, 2.4684, 1.2342, 1.2342, {1.23: 2.0})
    assert parse_statistic("p50").measure(rounded) == 1.2342
    assert parse_statistic("p100").measure(Distribution(1.0, 9.0, 8.0, 9.0, {9.4: 1.0})) == 9.0


VALUES = st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30)
PERCENT = st.integers(0, 1000).map(lambda tenths: tenths / 10)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES, percent=PERCENT)
def test_a_percentile_is_the_highest_of_what_remains(values, percent):
    # In tenths of a percent, to compare whole numbers.
    remaining = max(1, -(-round(percent * 10) * len(values) // 1000))
    assert measured(f"p{percent}", values) == sorted(values)[remaining - 1]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES, low=st.integers(0, 99), width=st.integers(1, 100))
def test_trimming_by_share(values, low, width):
    high = min(low + width, 100)
    first, last = floor(low * len(values) / 100), ceil(high * len(values) / 100)
    kept = sorted(values)[first:last]
    edges = [kept[0]] * first + [kept[-1]] * (len(values) - last)
    bounds = f"({low}%:{high}%)"
    assert measured(f"TC{bounds}", values) == len(kept)
    assert measured(f"TS{bounds}", values) == sum(kept)
    assert measured(f"TM{bounds}", values) == pytest.approx(sum(kept) / len(kept))
    assert measured(f"WM{bounds}", values) == pytest.approx(sum(kept + edges) / len(values))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES, low=st.integers(0, 20) | st.none(), high=st.integers(0, 20) | st.none())
def test_trimming_by_value(values, low, high):
    least, most = -inf if low is None else low, inf if high is None else high
    if least >= most or (low is None and high is None):
        return
    bounds = f"({'' if low is None else low}:{'' if high is None else high})"
    kept = [value for value in values if least < value <= most]
    assert measured(f"TC{bounds}", values) == len(kept)
    assert measured(f"TM{bounds}", values) == (pytest.approx(sum(kept) / len(kept)) if kept else None)
    assert measured(f"PR{bounds}", values) == pytest.approx(100 * len(kept) / len(values))
    clipped = [min(max(value, least), most) for value in values]
    assert measured(f"WM{bounds}", values) == pytest.approx(sum(clipped) / len(values))
