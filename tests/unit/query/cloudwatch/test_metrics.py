from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from refapp.query.cloudwatch import metrics
from refapp.query.cloudwatch.errors import CloudError, CloudWarning
from refapp.query.cloudwatch.metrics import Wanted
from refapp.query.cloudwatch.spans import Span

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPAN = Span(START, START + 4 * MINUTE)
NAMESPACE = "ContainerInsights"
TIMES = {"StartTime": SPAN.start, "EndTime": SPAN.end, "ScanBy": "TimestampAscending"}


def result(label, points, ident="q0", **more):
    times = [START + minute * MINUTE for minute in points]
    return {
        "Id": ident,
        "Label": label,
        "Timestamps": times,
        "Values": list(points.values()),
        "StatusCode": "Complete",
        **more,
    }


def answer(aws, *results, asked=None, **more):
    parameters = None if asked is None else {"MetricDataQueries": asked, **TIMES}
    aws.says("cloudwatch", "get_metric_data", {"MetricDataResults": list(results), **more}, parameters)


def one(metric="m", **more):
    return Wanted(metric=metric, dimensions={"ClusterName": "c"}, **more)


def read(aws, wanted, **more):
    return metrics.read(aws.cloud, NAMESPACE, {"x": wanted}, SPAN, **more)["x"]


def test_the_metrics_are_listed_with_a_column_for_each_dimension(aws):
    found = [
        {"MetricName": "b", "Namespace": NAMESPACE, "Dimensions": [{"Name": "ClusterName", "Value": "c"}]},
        {
            "MetricName": "a",
            "Namespace": NAMESPACE,
            "Dimensions": [{"Name": "ClusterName", "Value": "c"}, {"Name": "PodName", "Value": "p"}],
        },
    ]
    asked = {"Namespace": NAMESPACE, "Dimensions": [{"Name": "ClusterName", "Value": "c"}]}
    aws.says("cloudwatch", "list_metrics", {"Metrics": [*found, found[0]]}, asked)
    frame = metrics.list_metrics(aws.cloud, NAMESPACE, None, {"ClusterName": "c"})
    assert frame["metric"].tolist() == ["a", "b"]
    assert frame["PodName"].tolist()[:1] == ["p"]
    assert frame["PodName"].isna().tolist() == [False, True]


def test_there_may_be_no_metrics(aws):
    aws.says("cloudwatch", "list_metrics", {"Metrics": []}, {"Namespace": NAMESPACE, "MetricName": "x"})
    assert metrics.list_metrics(aws.cloud, NAMESPACE, "x", {}).empty


def test_one_series_is_asked_for_by_all_its_dimensions(aws):
    metric = {"Namespace": NAMESPACE, "MetricName": "m", "Dimensions": [{"Name": "ClusterName", "Value": "c"}]}
    stat = {"Metric": metric, "Period": 60, "Stat": "p99"}
    answer(aws, result("m", {0: 1.0, 1: 2.0, 3: 4.0}), asked=[{"Id": "q0", "MetricStat": stat, "Label": "m"}])
    frame = read(aws, one(statistic="p99"))
    assert frame.index.tolist() == [START + minute * MINUTE for minute in range(5)]
    np.testing.assert_equal(frame["m"].to_numpy(), [1, 2, np.nan, 4, np.nan])
    assert frame.index.name == "time"
    assert frame.attrs == {"metric": "m", "statistic": "p99", "step": 60}


def test_many_series_are_found_by_a_search(aws):
    search = "SEARCH('{ContainerInsights,ClusterName,PodName} MetricName=\"m\" ClusterName=\"c\"', 'Sum', 300)"
    label = "${PROP('Dim.PodName')}"
    asked = [{"Id": "q0", "Expression": search, "Label": label, "ReturnData": True}]
    answer(aws, result("b", {0: 1.0}), result("a", {0: 2.0}), asked=asked)
    frame = read(aws, one(statistic="Sum", by=("PodName",)), period=5 * MINUTE)
    assert list(frame.columns) == ["a", "b"]
    assert frame.iloc[0].tolist() == [2, 1]


def test_a_dimension_that_is_called_namespace_is_searched_by_its_value(aws):
    # CloudWatch takes `Namespace=` for the namespace of the metric, so whatever else is called "dev" is found, too.
    wanted = Wanted(metric="m", dimensions={"Namespace": "dev", "ClusterName": "c"}, by=("PodName",))
    search = (
        'SEARCH(\'{ContainerInsights,ClusterName,Namespace,PodName} MetricName="m" "dev" ClusterName="c"\', '
        "'Average', 60)"
    )
    label = "${PROP('Dim.PodName')}/${PROP('Dim.Namespace')}"
    asked = [{"Id": "q0", "Expression": search, "Label": label, "ReturnData": True}]
    answer(aws, result("a/dev", {0: 1.0}), result("dev/prod", {0: 2.0}), asked=asked)
    assert list(read(aws, wanted).columns) == ["a"]


def test_series_may_be_told_apart_by_several_dimensions(aws):
    answer(aws, result("dev/a", {0: 1.0}), result("prod/a", {0: 2.0}))
    frame = read(aws, one(by=("Namespace", "PodName")))
    assert list(frame.columns) == ["dev/a", "prod/a"]


def test_several_metrics_are_read_at_once(aws):
    answer(aws, result("a", {0: 1.0}, "q0"), result("b", {1: 2.0}, "q1"))
    frames = metrics.read(aws.cloud, NAMESPACE, {"x": one("a"), "y": one("b")}, SPAN)
    assert frames["x"].columns.tolist() == ["a"]
    assert frames["y"]["b"].dropna().tolist() == [2]


def test_the_pages_of_a_series_are_put_together(aws):
    answer(aws, result("m", {0: 1.0}, StatusCode="PartialData"), NextToken="t")
    answer(aws, result("m", {1: 2.0}))
    assert read(aws, one())["m"].dropna().tolist() == [1, 2]


def test_periods_may_begin_at_any_second(aws):
    late = START + timedelta(seconds=95)
    found = {"Id": "q0", "Label": "m", "Timestamps": [late], "Values": [1.0], "StatusCode": "Complete"}
    answer(aws, found)
    frame = read(aws, one())
    assert frame.index.tolist() == [START + timedelta(seconds=35) + minute * MINUTE for minute in range(4)]
    assert frame["m"].dropna().index.tolist() == [late]


@pytest.mark.parametrize("results", [[], [result("m", {})]])
def test_without_values_there_are_no_series(aws, results):
    answer(aws, *results)
    frame = read(aws, one())
    assert frame.shape == (0, 0)
    assert isinstance(frame.index, pd.DatetimeIndex)


def test_what_cloudwatch_has_to_say_is_a_warning(aws):
    answer(aws, Messages=[{"Code": "MaxMetricsExceeded", "Value": "more than 500"}])
    with pytest.warns(CloudWarning, match="MaxMetricsExceeded: more than 500"):
        read(aws, one())


@pytest.mark.parametrize("status", ["Forbidden", "InternalError"])
def test_values_that_cannot_be_read_are_an_error(aws, status):
    answer(aws, result("m", {}, StatusCode=status))
    with pytest.raises(CloudError, match=f"m cannot be read: {status}"):
        read(aws, one())


def test_a_value_of_a_dimension_may_have_quotation_marks(aws):
    search = r"""SEARCH('{ContainerInsights,A,B} MetricName="m" A="a\"b\\c"', 'Average', 60)"""
    asked = [{"Id": "q0", "Expression": search, "Label": "${PROP('Dim.B')}", "ReturnData": True}]
    answer(aws, asked=asked)
    read(aws, Wanted(metric="m", dimensions={"A": 'a"b\\c'}, by=("B",)))
