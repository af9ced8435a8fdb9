import pytest

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import InvalidNextToken, InvalidParameterValue
from refapp.backends.cloudwatch.metrics.listing import as_member, from_member, list_metrics


@pytest.fixture
def listed(store, datum, clock):
    store.put(
        [
            datum(1, at=clock.now, pod="a", app="x"),
            datum(1, at=clock.now, pod="b"),
            datum(1, at=clock.now, pod="b", unit="Seconds"),
            datum(1, at=clock.now - 4 * 3600, name="errors"),
            datum(1, at=clock.now, name="errors", namespace="other", app="x"),
        ]
    )

    def names(**request):
        found = list_metrics(store, request, clock.now)["Metrics"]
        return [" ".join([m["Namespace"], m["MetricName"], *(d["Value"] for d in m["Dimensions"])]) for m in found]

    return names


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({}, ["other errors x", "shop errors", "shop latency x a", "shop latency b"]),
        ({"Namespace": "shop"}, ["shop errors", "shop latency x a", "shop latency b"]),
        ({"Namespace": "SHOP"}, []),
        ({"MetricName": "errors"}, ["other errors x", "shop errors"]),
        ({"Dimensions": [{"Name": "pod"}]}, ["shop latency x a", "shop latency b"]),
        ({"Dimensions": [{"Name": "app", "Value": "x"}]}, ["other errors x", "shop latency x a"]),
        ({"Dimensions": [{"Name": "app", "Value": "x"}, {"Name": "pod", "Value": "a"}]}, ["shop latency x a"]),
        ({"Dimensions": [{"Name": "app", "Value": "y"}]}, []),
        ({"RecentlyActive": "PT3H"}, ["other errors x", "shop latency x a", "shop latency b"]),
    ],
)
def test_each_metric_is_listed_once(listed, request_, found):
    assert listed(**request_) == found


def test_pages_have_all_metrics_once(store, datum, clock):
    store.put([datum(1, at=clock.now, name=f"metric-{number:04}") for number in range(1203)])
    request, sizes, names = {"Namespace": "shop"}, [], []
    while True:
        answer = list_metrics(store, request, clock.now)
        sizes.append(len(answer["Metrics"]))
        names += [metric["MetricName"] for metric in answer["Metrics"]]
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert sizes == [500, 500, 203]
    assert names == [f"metric-{number:04}" for number in range(1203)]
    with pytest.raises(InvalidNextToken):
        list_metrics(store, {"Namespace": "other", "NextToken": request["NextToken"]}, clock.now)


@pytest.mark.parametrize("name", ["IncludeLinkedAccounts", "OwningAccount"])
def test_other_accounts_are_refused(store, clock, name):
    with pytest.raises(InvalidParameterValue, match=name):
        list_metrics(store, {name: "123456789012"}, clock.now)


def test_members():
    metric = Metric.of("shop", "latency", [("pod", "a"), ("app", "x")])
    assert from_member(as_member(metric)) == metric
    assert from_member({"Namespace": "shop", "MetricName": "latency", "Dimensions": None}) == Metric("shop", "latency")
