import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from refapp.backends.cloudwatch.metrics.datum import Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.emf import extract

TIME = 1_567_097_351_092
DOCUMENT = {
    "_aws": {
        "Timestamp": TIME,
        "CloudWatchMetrics": [
            {
                "Namespace": "shop",
                "Dimensions": [["service"], ["service", "region"], []],
                "Metrics": [
                    {"Name": "latency", "Unit": "Milliseconds", "StorageResolution": 1},
                    {"Name": "size"},
                ],
            }
        ],
    },
    "service": "f",
    "region": "eu",
    "latency": [1, 2.5, 1],
    "size": 10,
    "other": {"nested": True},
}


def broken():
    return REGISTRY.get_sample_value("cloudwatch_emf_broken_documents_total")


def changed(**changes):
    """The document with some places changed; a place is named by its keys, joined by __."""
    document = copy.deepcopy(DOCUMENT)
    for place, value in changes.items():
        *path, last = place.replace("aws__", "_aws.").replace("__", ".").split(".")
        inner = document
        for key in path:
            inner = inner[int(key) if key.isdigit() else key]
        if value is ...:
            del inner[last]
        else:
            inner[int(last) if last.isdigit() else last] = value
    return document


def found(document, timestamp=TIME):
    return extract(document if isinstance(document, str) else json.dumps(document), timestamp)


def test_each_metric_has_each_set_of_dimensions():
    both = [("service", "f"), ("region", "eu")]
    latency, size = Distribution.of([1.0, 2.5, 1.0]), Distribution.of([10.0])
    assert found(DOCUMENT, TIME + 5) == [
        Datum(Metric.of("shop", name, dimensions), TIME, values, unit, resolution)
        for name, values, unit, resolution in [("latency", latency, "Milliseconds", 1), ("size", size, "None", 60)]
        for dimensions in (both[:1], both, [])
    ]


POD = {
    "CloudWatchMetrics": [
        {
            "Metrics": [
                {"Unit": "Percent", "Name": "pod_cpu_utilization"},
                {"Unit": "Percent", "Name": "pod_cpu_utilization_over_pod_limit"},
            ],
            "Dimensions": [
                ["PodName", "Namespace", "ClusterName"],
                ["Service", "Namespace", "ClusterName"],
                ["ClusterName"],
            ],
            "Namespace": "ContainerInsights",
        },
        {
            "Metrics": [{"Unit": "Count", "Name": "pod_number_of_container_restarts"}],
            "Dimensions": [["PodName", "Namespace", "ClusterName"]],
            "Namespace": "ContainerInsights",
        },
    ],
    "Type": "Pod",
    "Timestamp": str(TIME),
    "ClusterName": "demo",
    "Namespace": "dev",
    "PodName": "service-f",
    "pod_cpu_utilization": 0.145,
    "pod_number_of_container_restarts": 0,
}


def test_a_performance_event_of_container_insights():
    before = broken()
    data = found(POD)
    assert [(datum.metric.name, len(datum.metric.dimensions), datum.unit) for datum in data] == [
        ("pod_cpu_utilization", 3, "Percent"),  # not for the Service, which the pod does not have
        ("pod_cpu_utilization", 1, "Percent"),  # nor of its limit
        ("pod_number_of_container_restarts", 3, "Count"),
    ]
    assert {datum.timestamp for datum in data} == {TIME}
    assert data[2].distribution == Distribution.of([0.0])
    assert broken() == before


def test_the_time_at_the_root_may_be_a_number_or_missing():
    assert found(POD | {"Timestamp": TIME + 1})[0].timestamp == TIME + 1
    without = {name: value for name, value in POD.items() if name != "Timestamp"}
    assert found(without, 7)[0].timestamp == 7


@pytest.mark.parametrize(
    "message",
    [
        "",
        "plain text",
        '{"log": "without metrics"}',
        "CloudWatchMetrics in a text",
        '{"log": "of CloudWatchMetrics, but in a text"}',
        '{"kubernetes": {"CloudWatchMetrics": []}}',
        '["CloudWatchMetrics"]',
        '{"_aws": {}, "text": "CloudWatchMetrics"}',
    ],
)
def test_other_messages_are_not_broken(message):
    before = broken()
    assert found(message) == []
    assert broken() == before


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"service": ...}, 2),
        ({"service": None}, 2),
        ({"service": ""}, 2),
        ({"region": ...}, 4),
        ({"size": ...}, 3),
        ({"size": None}, 3),
        ({"latency": []}, 3),
        ({"aws__CloudWatchMetrics": []}, 0),
        ({"aws__CloudWatchMetrics__0__Dimensions": []}, 0),
        ({"aws__CloudWatchMetrics__0__Metrics": []}, 0),
        ({"aws__CloudWatchMetrics__0__Metrics__0__Unit": "None"}, 6),
    ],
)
def test_what_is_missing_yields_nothing_of_its_own(changes, left):
    before = broken()
    assert len(found(changed(**changes))) == left
    assert broken() == before


@pytest.mark.parametrize(
    "document",
    [
        '{"CloudWatchMetrics": [',
        '{"CloudWatchMetrics": [], "x": NaN}',
        '{"CloudWatchMetrics": {}}',
        '{"CloudWatchMetrics": [5]}',
        '{"CloudWatchMetrics": [], "Timestamp": "soon"}',
        '{"CloudWatchMetrics": [], "Timestamp": "²"}',
        '{"CloudWatchMetrics": [], "Timestamp": 1.5}',
        '{"CloudWatchMetrics": [], "Timestamp": true}',
        changed(aws__Timestamp=str(TIME)),
        changed(aws__Timestamp=...),
        changed(aws__Timestamp=TIME - 14 * 86_400_000 - 1),
        changed(aws__Timestamp=TIME + 2 * 3_600_000 + 1),
        changed(aws__CloudWatchMetrics__0__Namespace=...),
        changed(aws__CloudWatchMetrics__0__Namespace=""),
        changed(aws__CloudWatchMetrics__0__Namespace=":shop"),
        changed(aws__CloudWatchMetrics__0__Namespace="n" * 256),
        changed(aws__CloudWatchMetrics__0__Namespace=5),
        changed(aws__CloudWatchMetrics__0__Dimensions=...),
        changed(aws__CloudWatchMetrics__0__Dimensions=["service"]),
        changed(aws__CloudWatchMetrics__0__Dimensions=[["service", "service"]]),
        changed(aws__CloudWatchMetrics__0__Dimensions=[[5]]),
        changed(aws__CloudWatchMetrics__0__Dimensions=[[f"d{number}" for number in range(31)]]),
        changed(aws__CloudWatchMetrics__0__Metrics=...),
        changed(aws__CloudWatchMetrics__0__Metrics=["latency"]),
        changed(aws__CloudWatchMetrics__0__Metrics=[{"Unit": "Count"}]),
        changed(aws__CloudWatchMetrics__0__Metrics=[{"Name": "m"}] * 101),
        changed(aws__CloudWatchMetrics__0__Metrics__0__Unit="Hours"),
        changed(aws__CloudWatchMetrics__0__Metrics__0__Unit=["Count"]),
        changed(aws__CloudWatchMetrics__0__Metrics__0__StorageResolution=5),
        changed(service=5),
        changed(service="s" * 1025),
        changed(latency="fast"),
        changed(latency=True),
        changed(latency=[1, "fast"]),
        changed(latency=2.0**361),
        changed(latency=list(range(101))),
    ],
)
def test_a_broken_document_yields_nothing_and_is_counted(document):
    before = broken()
    assert found(document) == []
    assert broken() == before + 1


def test_as_much_as_is_allowed():
    names = [f"d{number}" for number in range(30)]
    metrics = [f"m{number}" for number in range(100)]
    directive = {"Namespace": "shop", "Dimensions": [names], "Metrics": [{"Name": name} for name in metrics]}
    members = dict.fromkeys(names, "x") | {name: list(range(100)) for name in metrics}
    data = found({"_aws": {"Timestamp": TIME, "CloudWatchMetrics": [directive]}, **members})
    assert len(data) == 100
    assert {len(datum.metric.dimensions) for datum in data} == {30}
    assert {datum.distribution.samples for datum in data} == {100}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["service", "latency"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    "_aws",
    "aws__Timestamp",
    "aws__CloudWatchMetrics",
    "aws__CloudWatchMetrics__0",
    "aws__CloudWatchMetrics__0__Namespace",
    "aws__CloudWatchMetrics__0__Dimensions",
    "aws__CloudWatchMetrics__0__Dimensions__0",
    "aws__CloudWatchMetrics__0__Metrics",
    "aws__CloudWatchMetrics__0__Metrics__0",
    "aws__CloudWatchMetrics__0__Metrics__0__Name",
    "aws__CloudWatchMetrics__0__Metrics__0__Unit",
    "aws__CloudWatchMetrics__0__Metrics__0__StorageResolution",
    "service",
    "latency",
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_is_in_a_document_nothing_is_raised(place, value):
    for datum in found(changed(**{place: value})):
        assert datum.distribution.samples > 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=30))
def test_whatever_is_in_a_message_nothing_is_raised(text):
    assert found('{"CloudWatchMetrics"' + text) == []
