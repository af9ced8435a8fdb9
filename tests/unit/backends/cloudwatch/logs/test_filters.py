import json

import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, LimitExceeded, ResourceNotFound
from refapp.backends.cloudwatch.logs.filters import Publisher
from refapp.backends.cloudwatch.metrics.datum import Metric

TRANSFORMATION = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}


def put(ask, name="f", pattern="ERROR", group="g", **members):
    transformations = [TRANSFORMATION | members]
    ask(
        "PutMetricFilter",
        logGroupName=group,
        filterName=name,
        filterPattern=pattern,
        metricTransformations=transformations,
    )


@pytest.fixture
def published(ask):
    """What is published: pairs of a metric and how often each value occurred."""
    data = []
    ask.region.watchers = [Publisher(lambda region, found: data.extend((region, datum) for datum in found))]
    ask.stream()

    def published():
        found = [(region, datum.metric, dict(datum.distribution.spread)) for region, datum in data]
        data.clear()
        return found

    return published


def test_filters_are_applied_to_what_comes_in(ask, published):
    ask.put("ERROR before there was a filter")
    put(ask)
    ask.put("ERROR", "fine", "ERROR")
    assert published() == [("us-east-1", Metric("n", "m"), {1.0: 2.0})]
    put(ask, pattern="fine", metricName="other")  # in its place
    ask.put("ERROR", "fine", "ERROR")
    assert published() == [("us-east-1", Metric("n", "other"), {1.0: 1.0})]
    ask("DeleteMetricFilter", logGroupName="g", filterName="f")
    ask.put("fine")
    assert published() == []


def test_filters_belong_to_a_group(ask, published):
    put(ask)
    ask.stream("s", "other")
    ask.put("ERROR", group="other")
    assert published() == []


def test_embedded_metrics_are_published(ask, published):
    directive = {"Namespace": "emf", "Dimensions": [["a"]], "Metrics": [{"Name": "v"}]}
    document = {"_aws": {"Timestamp": ask.now, "CloudWatchMetrics": [directive]}, "a": "x", "v": 5}
    ask.put("no metric", json.dumps(document))
    assert published() == [("us-east-1", Metric.of("emf", "v", [("a", "x")]), {5.0: 1.0})]


def test_rejected_events_are_not_counted(ask, published):
    put(ask)
    ask.put("ERROR", start=1)
    assert published() == []


def test_filters_are_described(ask, clock):
    ask("CreateLogGroup", logGroupName="g")
    put(ask, unit="Count", defaultValue=0)
    (item,) = ask("DescribeMetricFilters")["metricFilters"]
    assert item == {
        "filterName": "f",
        "filterPattern": "ERROR",
        "metricTransformations": [TRANSFORMATION | {"unit": "Count", "defaultValue": 0}],
        "creationTime": clock.now,
        "logGroupName": "g",
        "applyOnTransformedLogs": False,
    }
    assert ask("DescribeLogGroups")["logGroups"][0]["metricFilterCount"] == 1


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({}, ["a1", "a2", "b", "b"]),
        ({"logGroupName": "g"}, ["a1", "a2", "b"]),
        ({"logGroupName": "g", "filterNamePrefix": "a"}, ["a1", "a2"]),
        ({"metricName": "x", "metricNamespace": "n"}, ["a1", "b"]),
        ({"metricName": "x", "metricNamespace": "no"}, []),
    ],
)
def test_filters_are_found(ask, members, names):
    for group in ("g", "h"):
        ask("CreateLogGroup", logGroupName=group)
    for name, group, metric in (("b", "g", "m"), ("a2", "g", "m"), ("a1", "g", "x"), ("b", "h", "x")):
        put(ask, name, group=group, metricName=metric)
    token, found = {}, []
    while token is not None:
        answer = ask("DescribeMetricFilters", limit=3, **members, **token)
        found += [item["filterName"] for item in answer["metricFilters"]]
        token = {"nextToken": answer["nextToken"]} if "nextToken" in answer else None
    assert found == names


def test_a_group_has_room_for_a_hundred(ask):
    ask("CreateLogGroup", logGroupName="g")
    for number in range(100):
        put(ask, f"f{number}")
    with pytest.raises(LimitExceeded, match="can have 100 metric filters"):
        put(ask, "more")
    put(ask, "f7")


def test_five_may_have_regular_expressions(ask):
    ask("CreateLogGroup", logGroupName="g")
    for number in range(5):
        put(ask, f"f{number}", "%a%")
    with pytest.raises(LimitExceeded, match="can have 5 filters with regular expressions"):
        put(ask, "more", "{ $.a = %a% }")
    put(ask, "f0", "%b%")
    put(ask, "more", "no expression")


def test_a_pattern_is_tried_out(ask):
    line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
    pattern = "[ip, id, user, timestamp, request, status = 4*, bytes]"
    answer = ask("TestMetricFilter", filterPattern=pattern, logEventMessages=["no", line])
    assert answer["matches"] == [
        {
            "eventNumber": 2,
            "eventMessage": line,
            "extractedValues": {
                "$ip": "127.0.0.1",
                "$id": "-",
                "$user": "frank",
                "$timestamp": "10/Oct/2000:13:25:15 -0700",
                "$request": "GET /index.html HTTP/1.0",
                "$status": "404",
                "$bytes": "1534",
            },
        }
    ]


@pytest.mark.parametrize(
    ("operation", "members", "complaint"),
    [
        ("PutMetricFilter", {"filterName": "a:b"}, "regular expression pattern"),
        ("PutMetricFilter", {"filterPattern": None}, "'filterPattern' failed"),
        ("PutMetricFilter", {"filterPattern": "foo-bar"}, "Invalid filter pattern"),
        ("PutMetricFilter", {"metricTransformations": []}, "list of one structure"),
        ("PutMetricFilter", {"metricTransformations": [TRANSFORMATION] * 2}, "list of one structure"),
        ("PutMetricFilter", {"applyOnTransformedLogs": True}, "transforms no logs"),
        ("PutMetricFilter", {"fieldSelectionCriteria": "x"}, "fieldSelectionCriteria: not supported"),
        ("DescribeMetricFilters", {"metricName": "m"}, "must be given together"),
        ("DescribeMetricFilters", {"filterNamePrefix": "m"}, "must be given together with logGroupName"),
        ("TestMetricFilter", {"filterPattern": "a", "logEventMessages": []}, "list of 1 to 50"),
        ("TestMetricFilter", {"filterPattern": "a", "logEventMessages": ["x"] * 51}, "list of 1 to 50"),
        ("TestMetricFilter", {"filterPattern": "a", "logEventMessages": [""]}, "'logEventMessages' failed"),
        ("TestMetricFilter", {"filterPattern": "{", "logEventMessages": ["x"]}, "Invalid filter pattern"),
    ],
)
def test_what_is_refused(ask, operation, members, complaint):
    ask("CreateLogGroup", logGroupName="g")
    good = {"logGroupName": "g", "filterName": "f", "filterPattern": "", "metricTransformations": [TRANSFORMATION]}
    with pytest.raises(InvalidParameter, match=complaint):
        ask(operation, **((good | members) if operation == "PutMetricFilter" else members))
    assert ask("DescribeMetricFilters")["metricFilters"] == []


def test_there_has_to_be_a_group_or_a_filter(ask):
    with pytest.raises(ResourceNotFound, match="log group does not exist"):
        put(ask)
    with pytest.raises(ResourceNotFound, match="log group does not exist"):
        ask("DescribeMetricFilters", logGroupName="g")
    ask("CreateLogGroup", logGroupName="g")
    with pytest.raises(ResourceNotFound, match="metric filter does not exist"):
        ask("DeleteMetricFilter", logGroupName="g", filterName="f")
