import pytest

from refapp.backends.cloudwatch.metrics.datapoints import get_metric_statistics
from refapp.backends.cloudwatch.metrics.datum import Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.errors import InvalidParameterCombination, InvalidParameterValue
from refapp.backends.cloudwatch.metrics.times import utc


@pytest.fixture
def statistics(store, clock, hour):
    def get(start=0, end=600, **members):
        request = {
            "Namespace": "shop",
            "MetricName": "latency",
            "StartTime": utc(hour + start),
            "EndTime": utc(hour + end),
            "Period": 60,
            **members,
        }
        return get_metric_statistics(store, request, clock.now)

    return get


ALL = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"]


def test_all_statistics(statistics, store, datum, hour):
    store.put([datum(1, 2, 6), datum(4, at=hour + 60)])
    answer = statistics(Statistics=ALL)
    assert answer["Label"] == "latency"
    first, second = answer["Datapoints"]
    values = {"SampleCount": 3, "Sum": 9, "Average": 3, "Minimum": 1, "Maximum": 6}
    assert first == {"Timestamp": utc(hour), "Unit": "None", **values}
    assert second["Timestamp"] == utc(hour + 60)
    assert statistics(Statistics=["Sum"], Period=600)["Datapoints"] == [
        {"Timestamp": utc(hour), "Unit": "None", "Sum": 13}
    ]


def test_percentiles(statistics, store, datum):
    store.put([datum(*range(1, 101))])
    (point,) = statistics(ExtendedStatistics=["p50", "p99.9", "tm90", "PR(:10)"])["Datapoints"]
    assert point["ExtendedStatistics"] == {"p50": 50, "p99.9": 100, "tm90": 45.5, "PR(:10)": 10}
    assert "Average" not in point


def test_where_there_is_no_percentile_there_is_no_data_point(statistics, store, datum, hour):
    unknown = Distribution.from_statistics(2.0, 9.0, 4.0, 5.0)
    store.put([datum(1), Datum(Metric("shop", "latency"), (hour + 60) * 1000, unknown), datum(-1, at=hour + 120)])
    assert [point["Timestamp"] for point in statistics(ExtendedStatistics=["p90"])["Datapoints"]] == [utc(hour)]
    assert len(statistics(Statistics=["Sum"])["Datapoints"]) == 3


def test_units(statistics, store, datum, hour):
    store.put([datum(1, unit="Seconds"), datum(1000, unit="Milliseconds")])
    points = statistics(Statistics=["Average"])["Datapoints"]
    assert [(point["Average"], point["Unit"]) for point in points] == [(1000, "Milliseconds"), (1, "Seconds")]
    points = statistics(Statistics=["Average"], Unit="Seconds")["Datapoints"]
    assert points == [{"Timestamp": utc(hour), "Average": 1, "Unit": "Seconds"}]
    assert statistics(Statistics=["Average"], Unit="Count")["Datapoints"] == []


def test_dimensions_have_to_be_all_there(statistics, store, datum):
    store.put([datum(1, pod="a", app="x")])
    assert statistics(Statistics=["Sum"], Dimensions=[{"Name": "pod", "Value": "a"}])["Datapoints"] == []
    dimensions = [{"Name": "pod", "Value": "a"}, {"Name": "app", "Value": "x"}]
    assert len(statistics(Statistics=["Sum"], Dimensions=dimensions)["Datapoints"]) == 1


def test_the_end_is_excluded_and_periods_begin_at_the_start(statistics, store, datum, hour):
    store.put([datum(minute, at=hour + minute * 60) for minute in range(10)])
    points = statistics(start=150, end=480, Statistics=["Sum"], Period=180)["Datapoints"]
    assert [(point["Timestamp"], point["Sum"]) for point in points] == [
        (utc(hour + 120), 2 + 3 + 4),
        (utc(hour + 300), 5 + 6 + 7),
    ]


def test_seconds_are_there_for_three_hours(statistics, store, datum, hour, clock):
    store.put([datum(1, at=clock.now - 5, resolution=1)])
    answer = statistics(start=3590, end=3600, Statistics=["Sum"], Period=5)
    assert [point["Timestamp"] for point in answer["Datapoints"]] == [utc(hour + 3595)]
    store.put([datum(2, at=hour - 3 * 3600)])
    for period, found in ((10, 0), (60, 1)):
        assert (
            len(statistics(start=-3 * 3600, end=-3 * 3600 + 60, Statistics=["Sum"], Period=period)["Datapoints"])
            == found
        )


@pytest.mark.parametrize(
    ("members", "error", "message"),
    [
        ({}, InvalidParameterCombination, "Must specify either Statistics or ExtendedStatistics"),
        ({"Statistics": ["Sum"], "ExtendedStatistics": ["p1"]}, InvalidParameterCombination, "but not both"),
        ({"ExtendedStatistics": ["p50", "q50"]}, InvalidParameterValue, "'q50' is not a statistic"),
        ({"ExtendedStatistics": ["Sum"]}, InvalidParameterValue, "Sum for parameter ExtendedStatistics"),
        ({"Statistics": ["Sum"], "Period": 90}, InvalidParameterValue, "a multiple of 60, in seconds; it is 90"),
        ({"Statistics": ["Sum"], "start": 600}, InvalidParameterValue, "StartTime must be less than"),
        (
            {"Statistics": ["Sum"], "Period": 1, "end": 1441},
            InvalidParameterCombination,
            "You have requested up to 1,441 datapoints, which exceeds the limit of 1,440",
        ),
    ],
)
def test_what_is_refused_is_named(statistics, members, error, message):
    with pytest.raises(error, match=message):
        statistics(**members)
