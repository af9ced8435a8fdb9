import pytest

from refapp.backends.cloudwatch.metrics.data import get_metric_data
from refapp.backends.cloudwatch.metrics.errors import InvalidNextToken, ValidationError
from refapp.backends.cloudwatch.metrics.times import utc


def metric(id_="m1", name="latency", *, stat="Sum", period=60, dimensions=(), **members):
    what = {"Namespace": "shop", "MetricName": name, "Dimensions": list(dimensions)}
    return {"Id": id_, "MetricStat": {"Metric": what, "Period": period, "Stat": stat}, **members}


def expression(text, id_="e1", **members):
    return {"Id": id_, "Expression": text, **members}


@pytest.fixture
def get(store, clock, hour):
    def get(*queries, start=0, end=600, **members):
        times = {"StartTime": utc(hour + start), "EndTime": utc(hour + end)}
        request = {"MetricDataQueries": list(queries), **times, **members}
        return get_metric_data(store, request, clock.now, {"Region": "eu-west-1"})

    return get


@pytest.fixture
def filled(store, datum, hour):
    store.put([datum(minute + 1, at=hour + 60 * minute) for minute in range(5)])
    store.put([datum(10, at=hour + 60, name="errors", pod="a"), datum(20, at=hour + 60, name="errors", pod="b")])


@pytest.mark.usefixtures("filled")
def test_results_are_in_the_order_of_the_request_and_the_newest_first(get, hour):
    answer = get(expression("m1 * 2"), metric())
    assert answer == {
        "MetricDataResults": [
            {
                "Id": "e1",
                "Label": "e1",
                "Timestamps": [utc(hour + 60 * minute) for minute in range(4, -1, -1)],
                "Values": [10, 8, 6, 4, 2],
                "StatusCode": "Complete",
            },
            {
                "Id": "m1",
                "Label": "latency",
                "Timestamps": [utc(hour + 60 * minute) for minute in range(4, -1, -1)],
                "Values": [5, 4, 3, 2, 1],
                "StatusCode": "Complete",
            },
        ],
        "Messages": [],
    }
    (result,) = get(metric(), ScanBy="TimestampAscending")["MetricDataResults"]
    assert result["Values"] == [1, 2, 3, 4, 5]
    assert result["Timestamps"] == [utc(hour + 60 * minute) for minute in range(5)]


@pytest.mark.usefixtures("filled")
def test_only_what_is_to_be_returned_is(get):
    results = get(metric(ReturnData=False), expression("m1"))["MetricDataResults"]
    assert [result["Id"] for result in results] == ["e1"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("queries", "labels"),
    [
        ([metric(), metric("m2", stat="Maximum")], ["latency Sum", "latency Maximum"]),
        ([metric(Label="own")], ["own"]),
        ([metric(Label="max ${MAX} of ${LABEL} in ${PROP('Region')}")], ["max 5 of latency in eu-west-1"]),
        ([expression("SEARCH('{shop,pod}', 'Sum', 60)")], ["a", "b"]),
        ([expression("SEARCH('{shop,pod}', 'Sum', 60)", Label="errors of")], ["errors of a", "errors of b"]),
        ([expression("SEARCH('{shop,pod}', 'Sum', 60)", Label="")], ["a", "b"]),
        ([expression("SEARCH('{shop,pod}', 'Sum', 60)", Label="${LABEL}: ${SUM}")], ["a: 10", "b: 20"]),
        ([expression("SUM(SEARCH('{shop,pod}', 'Sum', 60))", Label="all")], ["all"]),
        ([expression("FILL(METRICS(), 0)", Label="Filled:"), metric(ReturnData=False)], ["Filled: latency"]),
    ],
)
def test_labels(get, queries, labels):
    assert [result["Label"] for result in get(*queries)["MetricDataResults"]] == labels


def test_what_has_no_data_points_is_complete(get):
    for query in (metric(), expression("SUM(SEARCH('nothing', 'Sum', 60))")):
        (result,) = get(query)["MetricDataResults"]
        assert (result["Values"], result["Timestamps"], result["StatusCode"]) == ([], [], "Complete")
    assert get(expression("SEARCH('nothing', 'Sum', 60)"))["MetricDataResults"] == []


def test_several_units_are_told(get, store, datum):
    store.put([datum(60000, unit="Milliseconds"), datum(5, unit="Count"), datum(1, unit="Seconds")])
    (result,) = get(metric())["MetricDataResults"]
    assert result["Values"] == [5]
    value = "Multiple units returned: '[Count, Milliseconds, Seconds]'"
    assert result["Messages"] == [{"Code": "MultipleUnits", "Value": value}]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
@pytest.mark.parametrize("scan", ["TimestampAscending", "TimestampDescending"])
def test_pages_have_all_points_once(get, size, scan):
    queries = [
        metric(),
        metric("m2", "nothing"),
        expression("SEARCH('{shop,pod}', 'Sum', 60)"),
        metric("m3", "nothing"),
    ]
    whole = {}
    for result in get(*queries, ScanBy=scan)["MetricDataResults"]:
        whole[result["Id"], result["Label"]] = result["Values"]
    request, found, partial = {"MaxDatapoints": size, "ScanBy": scan}, {}, []
    for _ in range(20):
        answer = get(*queries, **request)
        assert sum(len(result["Values"]) for result in answer["MetricDataResults"]) <= size
        for result in answer["MetricDataResults"]:
            found.setdefault((result["Id"], result["Label"]), []).extend(result["Values"])
            partial.append(result["StatusCode"] == "PartialData")
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert found == whole
    assert any(partial) == (size < 5)


@pytest.mark.usefixtures("filled")
def test_a_token_is_of_its_request(get):
    token = get(metric(), MaxDatapoints=2)["NextToken"]
    with pytest.raises(InvalidNextToken):
        get(metric(), MaxDatapoints=3, NextToken=token)


def test_the_start_is_rounded_and_the_end_excluded(get, store, datum, hour):
    store.put([datum(minute, at=hour + 60 * minute) for minute in range(10)])
    (result,) = get(metric(period=300), start=90, end=540, ScanBy="TimestampAscending")["MetricDataResults"]
    assert result["Timestamps"] == [utc(hour + 60), utc(hour + 360)]
    assert result["Values"] == [1 + 2 + 3 + 4 + 5, 6 + 7 + 8]


@pytest.mark.parametrize(
    ("queries", "members", "message"),
    [
        ([metric()] * 501, {}, "at most 500 members"),
        ([metric()], {"MaxDatapoints": 0}, "MaxDatapoints must be between"),
        ([metric()], {"MaxDatapoints": 100_801}, "MaxDatapoints must be between"),
        ([metric()], {"start": 600}, "StartTime must be less than"),
        ([metric()], {"LabelOptions": {"Timezone": "CET"}}, "time zone"),
        ([metric(), metric()], {}, "m1 is there twice"),
        ([expression("1")], {}, "must be a time series"),
        ([expression("ANOMALY_DETECTION_BAND(m1)"), metric()], {}, "ANOMALY_DETECTION_BAND is not supported"),
    ],
)
def test_what_is_refused_is_named(get, queries, members, message):
    with pytest.raises(ValidationError, match=message):
        get(*queries, **members)
