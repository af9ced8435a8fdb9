import itertools

import pytest

from refapp.backends.containerinsights.declarations import CLASSIC, ENHANCED, Declaration, directives

CLUSTER, SERVICE = ("ClusterName",), ("Service", "Namespace", "ClusterName")
NODE = ("NodeName", "InstanceId", "ClusterName")
IN_NAMESPACE, WORKLOAD = ("Namespace", "ClusterName"), ("PodName", "Namespace", "ClusterName")
POD = ("FullPodName", *WORKLOAD)
CONTAINERS = (CLUSTER, ("ContainerName", *WORKLOAD), ("ContainerName", *POD))
SOME = Declaration({"a": "Count", "b": ""}, (("X", "Y"), ("Y",)))


def dimensions(declarations):
    """The sets of dimensions of each metric, which has to be declared once."""
    pairs = [
        (metric, set(declaration.dimensions))
        for of_type in declarations.values()
        for declaration in of_type
        for metric in declaration.metrics
    ]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize(
    ("metric", "classic", "more"),
    [
        ("cluster_node_count", {CLUSTER}, set()),
        ("cluster_failed_node_count", {CLUSTER}, set()),
        ("cluster_number_of_running_pods", None, {CLUSTER}),
        ("namespace_number_of_running_pods", {IN_NAMESPACE, CLUSTER}, set()),
        ("service_number_of_running_pods", {SERVICE, CLUSTER}, set()),
        ("node_cpu_utilization", {NODE, CLUSTER}, set()),
        ("node_network_total_bytes", {NODE, CLUSTER}, set()),
        ("node_number_of_running_containers", {NODE, CLUSTER}, set()),
        ("node_filesystem_utilization", {NODE, CLUSTER}, set()),
        ("node_filesystem_inodes_free", None, {NODE, CLUSTER}),
        ("node_diskio_io_serviced_total", None, {NODE, CLUSTER}),
        ("node_interface_network_rx_dropped", None, {NODE, CLUSTER}),
        ("node_status_condition_ready", None, {NODE, CLUSTER}),
        ("node_cpu_usage_total", {CLUSTER}, {NODE}),
        ("node_memory_limit", {CLUSTER}, {NODE}),
        ("pod_cpu_utilization", {WORKLOAD, SERVICE, IN_NAMESPACE, CLUSTER}, {POD}),
        ("pod_network_tx_bytes", {WORKLOAD, SERVICE, IN_NAMESPACE, CLUSTER}, {POD}),
        ("pod_cpu_reserved_capacity", {WORKLOAD, CLUSTER}, {POD, SERVICE}),
        ("pod_number_of_container_restarts", {WORKLOAD}, {POD, SERVICE, CLUSTER}),
        ("pod_status_running", None, {WORKLOAD, CLUSTER, POD, SERVICE}),
        ("pod_cpu_limit", None, {WORKLOAD, CLUSTER, POD, SERVICE}),
        ("pod_container_status_waiting", None, {WORKLOAD, CLUSTER, POD, SERVICE}),
        ("container_cpu_utilization", None, set(CONTAINERS)),
        ("container_memory_failures_total", None, set(CONTAINERS)),
        ("replicas_desired", None, {WORKLOAD, CLUSTER}),
        ("status_replicas_unavailable", None, {WORKLOAD, CLUSTER}),
    ],
)
def test_a_metric_has_its_dimensions(metric, classic, more):
    assert dimensions(CLASSIC).get(metric) == classic
    assert dimensions(ENHANCED)[metric] == (classic or set()) | more


def test_enhanced_metrics_are_all_classic_ones_and_more():
    enhanced = dimensions(ENHANCED)
    for metric, sets in dimensions(CLASSIC).items():
        assert sets <= enhanced[metric]


def test_units_are_cloudwatchs():
    units = {
        unit
        for of_type in itertools.chain(CLASSIC.values(), ENHANCED.values())
        for declaration in of_type
        for unit in declaration.metrics.values()
    }
    assert units == {"Percent", "Bytes", "Bytes/Second", "Count", "Count/Second", ""}


def test_a_directive_names_only_what_the_event_has():
    found = directives([SOME], {"a": 1, "Y": "y"}, high_resolution=False)
    assert found == [
        {"Metrics": [{"Unit": "Count", "Name": "a"}], "Dimensions": [["Y"]], "Namespace": "ContainerInsights"}
    ]


def test_a_metric_may_have_no_unit():
    (found,) = directives([SOME], {"a": 1, "b": 2, "X": "x", "Y": "y"}, high_resolution=False)
    assert found["Metrics"] == [{"Unit": "Count", "Name": "a"}, {"Name": "b"}]
    assert found["Dimensions"] == [["X", "Y"], ["Y"]]


@pytest.mark.parametrize("event", [{"a": 1, "b": 2}, {"a": 1, "X": "x"}, {"X": "x", "Y": "y"}])
def test_there_is_no_directive_without_metrics_or_dimensions(event):
    assert directives([SOME], event, high_resolution=False) == []


def test_metrics_may_be_of_high_resolution():
    (found,) = directives([SOME], {"a": 1, "Y": "y"}, high_resolution=True)
    assert found["Metrics"] == [{"Unit": "Count", "Name": "a", "StorageResolution": 1}]
