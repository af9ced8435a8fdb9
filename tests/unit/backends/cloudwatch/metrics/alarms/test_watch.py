import pytest

from refapp.backends.cloudwatch.metrics.alarms.definitions import metric_definition
from refapp.backends.cloudwatch.metrics.alarms.watch import COMPARISONS, watch
from refapp.backends.cloudwatch.metrics.errors import ValidationError


def seen(series):
    return [series.points.get(time) for time in series.grid.times]


def test_the_periods_that_are_needed_and_two_more_are_read(metric_request, store, datum, hour):
    store.put([datum(minute, at=hour + 60 * minute) for minute in range(10)])
    three = watch(metric_definition(metric_request(EvaluationPeriods=3, Period=120, Statistic="Sum")))
    assert seen(three.read(store, hour + 600)) == [0 + 1, 2 + 3, 4 + 5, 6 + 7, 8 + 9]
    assert seen(three.read(store, hour + 540)) == [0, 1 + 2, 3 + 4, 5 + 6, 7 + 8]


def test_a_period_of_seconds_ends_at_any_second(metric_request, store, datum, hour, clock):
    clock.now = hour + 60
    store.put([datum(second, at=hour + second, resolution=1) for second in range(60)])
    ten = watch(metric_definition(metric_request(Period=10, Statistic="Maximum")))
    assert seen(ten.read(store, hour + 57)) == [36, 46, 56]


def test_old_seconds_are_read_as_far_as_they_are_there(metric_request, store, datum, clock):
    long = watch(metric_definition(metric_request(Period=10, EvaluationPeriods=2000, Statistic="Sum")))
    store.put([datum(1, at=clock.now - 10, resolution=1)])
    assert seen(long.read(store, int(clock.now)))[-1] == 1


def test_expressions(metric_request, store, datum, hour):
    store.put([datum(6, at=hour), datum(3, at=hour, name="requests")])
    metrics = [
        {"Id": "e1", "Expression": "m1 / m2", "ReturnData": True},
        *(
            {
                "Id": id_,
                "MetricStat": {"Metric": {"Namespace": "shop", "MetricName": name}, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            }
            for id_, name in (("m1", "latency"), ("m2", "requests"))
        ),
    ]
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
    ratio = watch(metric_definition(metric_request(Metrics=metrics, **none)))
    assert (ratio.watched, ratio.period, ratio.statistic) == ("e1", 60, "")
    assert seen(ratio.read(store, hour + 60)) == [None, None, 2]
    metrics[0]["Expression"] = "[m1, m2]"
    both = watch(metric_definition(metric_request(Metrics=metrics, **none)))
    with pytest.raises(ValidationError, match="A time series is needed"):
        both.read(store, hour + 60)


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        ("GreaterThanThreshold", [11]),
        ("GreaterThanOrEqualToThreshold", [10, 11]),
        ("LessThanThreshold", [9]),
        ("LessThanOrEqualToThreshold", [9, 10]),
    ],
)
def test_comparisons(metric_request, operator, breaching):
    compared = watch(metric_definition(metric_request(ComparisonOperator=operator)))
    assert [value for value in (9, 10, 11) if compared.criteria.breaches(value)] == breaching
    assert compared.comparison in COMPARISONS


def test_criteria(metric_request):
    plain = watch(metric_definition(metric_request(EvaluationPeriods=3)))
    assert (plain.criteria.periods, plain.criteria.needed, plain.criteria.missing) == (3, 3, "missing")
    counted = metric_request(EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="ignore", Unit="Seconds")
    some = watch(metric_definition(counted))
    assert (some.criteria.needed, some.criteria.missing, some.unit) == (2, "ignore", "Seconds")


@pytest.mark.parametrize(
    ("statistic", "treatment", "few"),
    [
        ("p99", "ignore", 1000),
        ("p90", "ignore", 100),
        ("p50", "ignore", 20),
        ("p20", "ignore", 50),
        ("p100", "ignore", 0),
        ("p99", "evaluate", 0),
        ("p99", None, 0),
    ],
)
def test_how_many_values_a_percentile_needs(metric_request, statistic, treatment, few):
    request = metric_request(Statistic=None, ExtendedStatistic=statistic, EvaluateLowSampleCountPercentile=treatment)
    assert watch(metric_definition(request)).few == few
