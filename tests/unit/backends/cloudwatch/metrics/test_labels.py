from datetime import timedelta

import pytest

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.labels import (
    Surroundings,
    check_label,
    default_labels,
    is_dynamic,
    parse_zone,
    render,
)
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.series import Series, Source

START = 1_700_002_800  # 2023-11-14 23:00:00 UTC
METRIC = Metric.of("shop", "latency", [("pod", "a"), ("app", "x")])
SERIES = Series(
    Grid(START, START + 600, 60), {START: 4.0, START + 60: 1.5, START + 120: 10.0}, "own", Source(METRIC, "p90")
)
AROUND = Surroundings(now=START + 300, properties={"Region": "eu-west-1", "AccountId": "123456789012"})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("LABEL", "own"),
        ("AVG", "5.166666667"),
        ("SUM", "15.5"),
        ("MIN", "1.5"),
        ("MAX", "10"),
        ("FIRST", "4"),
        ("LAST", "10"),
        ("DATAPOINT_COUNT", "3"),
        ("FIRST_LAST_RANGE", "6"),
        ("MIN_MAX_RANGE", "8.5"),
        ("FIRST_TIME", "2023-11-14 23:00:00+00:00"),
        ("LAST_TIME", "2023-11-14 23:02:00+00:00"),
        ("MIN_TIME", "2023-11-14 23:01:00+00:00"),
        ("MAX_TIME", "2023-11-14 23:02:00+00:00"),
        ("FIRST_TIME_RELATIVE", "300 s"),
        ("LAST_TIME_RELATIVE", "180 s"),
        ("MIN_TIME_RELATIVE", "240 s"),
        ("MAX_TIME_RELATIVE", "180 s"),
        ("FIRST_LAST_TIME_RANGE", "120 s"),
        ("MIN_MAX_TIME_RANGE", "60 s"),
        ("PROP('MetricName')", "latency"),
        ("PROP('Namespace')", "shop"),
        ("PROP('Stat')", "p90"),
        ("PROP('Period')", "60"),
        ("PROP('Dim.pod')", "a"),
        ("PROP('Dim.none')", ""),
        ("PROP('Region')", "eu-west-1"),
        ("PROP('AccountId')", "123456789012"),
    ],
)
def test_variables(variable, text):
    template = f"<${{{variable}}}>"
    check_label(template)
    assert is_dynamic(template)
    assert render(template, SERIES, AROUND) == f"<{text}>"


def test_a_series_without_points_has_no_values():
    empty = SERIES.computed({})
    assert render("${LABEL}: ${MAX} at ${MAX_TIME} ${PROP('MetricName')}${PROP('Region')}", empty, AROUND) == (
        "own: -- at -- eu-west-1"
    )


def test_times_are_of_the_zone():
    around = Surroundings(now=START, zone=parse_zone("+0130"))
    assert render("${FIRST_TIME}", SERIES, around) == "2023-11-15 00:30:00+01:30"


@pytest.mark.parametrize("template", ["", "plain", "$ {MAX}", "$MAX", "{MAX}"])
def test_what_has_no_variables_stays(template):
    check_label(template)
    assert not is_dynamic(template)
    assert render(template, SERIES, AROUND) == template


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("${NOPE}", "NOPE"),
        ("${}", "is not a variable"),
        ("${max}", "max"),
        ("${PROP(MetricName)}", "PROP"),
        ("${LABEL} ${LABEL}", "can be used once"),
        ("${MAX}" * 6, "at most 5 dynamic values"),
    ],
)
def test_what_cannot_be_rendered_is_refused(template, message):
    with pytest.raises(ValidationError, match=message):
        check_label(template)


def test_five_values_are_allowed_beside_the_label():
    check_label("${MAX}" * 5 + "${LABEL}${PROP('Stat')}")


@pytest.mark.parametrize("text", ["", "0130", "+130", "+2400", "+0060", "UTC", "+01:30"])
def test_what_is_no_zone_is_refused(text):
    with pytest.raises(ValidationError, match="four digits"):
        parse_zone(text)


def test_zones():
    assert parse_zone("-0845").utcoffset(None) == -timedelta(hours=8, minutes=45)


def source(name="latency", statistic="Sum", period=60, **dimensions):
    return Source(Metric.of("shop", name, dimensions.items()), statistic), period


# Where CloudWatch's labels are known from its answers, these are they.
@pytest.mark.parametrize(
    ("sources", "labels"),
    [
        ([], []),
        ([source()], ["latency"]),
        ([source(), source("errors")], ["latency", "errors"]),
        ([source(), source(statistic="Minimum")], ["latency Sum", "latency Minimum"]),
        ([source(), source(period=30)], ["latency 60", "latency 30"]),
        ([source(), source(statistic="Minimum", period=30)], ["latency Sum 60", "latency Minimum 30"]),
        ([source(), source()], ["latency", "latency"]),
        ([source(pod="a"), source(pod="b")], ["a", "b"]),
        ([source(pod="a", app="x"), source(pod="b", app="x")], ["a", "b"]),
        ([source(pod="a"), source("errors", pod="b")], ["a latency", "b errors"]),
        ([source(pod="a"), source(app="x", pod="a")], ["latency", "x"]),
    ],
)
def test_default_labels_tell_series_apart(sources, labels):
    assert default_labels(sources) == labels
