from datetime import timedelta
from math import inf, nan

import pytest

from refapp.backends.cloudwatch.metrics.datum import Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from refapp.backends.cloudwatch.metrics.times import utc
from refapp.backends.cloudwatch.metrics.uploads import parse_upload


@pytest.fixture
def upload(hour):
    def parse(*data, namespace="shop", **others):
        return parse_upload({"Namespace": namespace, "MetricData": list(data), **others}, hour + 0.5)

    return parse


def item(**members):
    return {"MetricName": "latency", **members}


def test_a_value(upload, hour):
    assert upload(item(Value=1.5)) == [
        Datum(Metric("shop", "latency"), hour * 1000 + 500, Distribution.of([1.5]), "None", 60)
    ]


def test_all_members(upload, hour):
    dimensions = [{"Name": "pod", "Value": "b"}, {"Name": "app", "Value": "a"}]
    time = utc(hour - 60)
    published = item(Value=0, Unit="Percent", StorageResolution=1, Timestamp=time, Dimensions=dimensions)
    metric = Metric("shop", "latency", (("app", "a"), ("pod", "b")))
    assert upload(published) == [Datum(metric, (hour - 60) * 1000, Distribution.of([0.0]), "Percent", 1)]


def test_values_and_counts(upload):
    (found,) = upload(item(Values=[1, 2.5], Counts=[3, 1]))
    assert found.distribution == Distribution.of([1.0, 2.5], [3.0, 1.0])
    (found,) = upload(item(Values=[4, 5]))
    assert found.distribution == Distribution.of([4.0, 5.0])


def test_statistics(upload):
    statistics = {"SampleCount": 3, "Sum": 12, "Minimum": 1, "Maximum": 9}
    (found,) = upload(item(StatisticValues=statistics))
    assert found.distribution == Distribution(3.0, 12.0, 1.0, 9.0, None)


@pytest.mark.parametrize("value", [2.0**360, -(2.0**360)])
def test_the_largest_numbers(upload, value):
    assert upload(item(Value=value))[0].distribution.total == value


@pytest.mark.parametrize("value", [nan, inf, -inf, 2.0**361, -(2.0**361)])
def test_numbers_that_are_none_are_refused(upload, value):
    statistics = {"SampleCount": 1, "Sum": value, "Minimum": 1, "Maximum": 1}
    for members in ({"Value": value}, {"Values": [1, value]}, {"StatisticValues": statistics}):
        with pytest.raises(InvalidParameterValue, match=r"MetricData\.member\.1\..*is invalid"):
            upload(item(**members))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Values": []},
        {"Value": 1, "Values": [1]},
        {"Value": 1, "StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1}},
        {"Value": 1, "Counts": [1]},
    ],
)
def test_there_is_one_kind_of_value(upload, members):
    with pytest.raises(InvalidParameterCombination, match=r"MetricData\.member\.2\."):
        upload(item(Value=1), item(**members))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Values": [1, 2], "Counts": [1]}, "must be of the same size"),
        ({"Values": [1], "Counts": [0]}, "greater than 0"),
        ({"Values": [1], "Counts": [-1]}, "greater than 0"),
        ({"Values": list(range(151))}, "size greater than 150"),
        ({"StatisticValues": {"SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0}}, "SampleCount"),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 0, "Minimum": 2, "Maximum": 1}}, "Minimum"),
        ({"Value": 1, "StorageResolution": 30}, "StorageResolution must be 1 or 60"),
        ({"Value": 1, "Dimensions": [{"Name": ":a", "Value": "b"}]}, "must not start with a colon"),
        ({"Value": 1, "Dimensions": [{"Name": "ä", "Value": "b"}]}, r"Dimensions\.member\.1\.Name must be of ASCII"),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": " "}]}, r"Dimensions\.member\.1\.Value must be of ASCII"),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": "x\n"}]}, "control characters"),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": "b"}, {"Name": "a", "Value": "c"}]}, "is there twice"),
    ],
)
def test_what_is_refused_is_named(upload, members, message):
    with pytest.raises(InvalidParameterValue, match=message):
        upload(item(**members))


@pytest.mark.parametrize("namespace", ["AWS/EC2", ":shop", "a\tb", "  ", "größe"])
def test_namespaces_that_are_refused(upload, namespace):
    with pytest.raises(InvalidParameterValue, match="Namespace"):
        upload(item(Value=1), namespace=namespace)


@pytest.mark.parametrize(
    ("shift", "is_allowed"),
    [
        (timedelta(days=-14, seconds=1), True),
        (timedelta(days=-14, seconds=-1), False),
        (timedelta(hours=2, seconds=-1), True),
        (timedelta(hours=2, seconds=1), False),
    ],
)
def test_times_are_of_the_last_two_weeks_and_the_next_two_hours(upload, hour, shift, is_allowed):
    published = item(Value=1, Timestamp=utc(hour) + shift)
    if is_allowed:
        assert upload(published)
    else:
        with pytest.raises(InvalidParameterValue, match="Timestamp must specify a time within the past two weeks"):
            upload(published)


def test_how_much_one_request_may_publish(upload):
    assert len(upload(*[item(Value=1)] * 1000)) == 1000
    with pytest.raises(InvalidParameterValue, match="size greater than 1000"):
        upload(*[item(Value=1)] * 1001)
    with pytest.raises(MissingParameter, match="MetricData"):
        upload()
    with pytest.raises(InvalidParameterValue, match="EntityMetricData is not supported"):
        upload(EntityMetricData=[{}])
