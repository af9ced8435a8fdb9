import math

import pandas as pd
import pytest

from refapp.query.cloudwatch.objects import COLUMNS, objects

PODS = pd.DataFrame(
    [
        ("dev", "service-a", "service-a", "service-a-1", 10.0, 1.0, 4),
        ("dev", "service-a", "service-a", "service-a-2", 20.0, 2.0, 1),
        ("dev", None, "job", "job-1", 5.0, 5.0, 5),
        ("istio-system", "gateway", "gateway", "gateway-1", 1.0, 1.0, 5),
    ],
    columns=["Namespace", "Service", "PodName", "kubernetes.pod_name", "cpu", "memory", "samples"],
)
NODES = pd.DataFrame({"cpu": [40.0], "memory": [60.0], "samples": [5]})
NONE = pd.DataFrame({"alarm": [], "state": [], "dimensions": []}, dtype=object)


def alarms(*found):
    return pd.DataFrame(found, columns=["alarm", "state", "dimensions"])


def named(frame, kind):
    return frame[frame["kind"] == kind].set_index("name")


def test_a_cluster_has_namespaces_services_workloads_and_pods():
    frame = objects("demo", PODS, NODES, NONE)
    assert list(frame.columns) == list(COLUMNS)
    found = frame.groupby("kind", sort=False)["name"].apply(list).to_dict()
    assert found == {
        "cluster": ["demo"],
        "namespace": ["dev", "istio-system"],
        "service": ["service-a", "gateway"],
        "workload": ["job", "service-a", "gateway"],
        "pod": ["job-1", "service-a-1", "service-a-2", "gateway-1"],
    }


def test_an_object_says_where_it_belongs():
    frame = objects("demo", PODS, NODES, NONE)
    pod = named(frame, "pod").loc["service-a-2"]
    assert [pod[name] for name in ("namespace", "service", "workload", "pod")] == [
        "dev",
        "service-a",
        "service-a",
        "service-a-2",
    ]
    assert named(frame, "workload").loc["job", "service"] == ""
    assert named(frame, "service").loc["gateway", "workload"] == ""


def test_the_load_is_the_average_of_all_samples_and_that_of_a_cluster_the_nodes():
    frame = objects("demo", PODS, NODES, NONE)
    assert named(frame, "workload").loc["service-a", "cpu"] == pytest.approx((4 * 10 + 20) / 5)
    assert named(frame, "namespace").loc["dev", "memory"] == pytest.approx((4 * 1 + 2 + 25) / 10)
    assert named(frame, "cluster").loc["demo", ["cpu", "memory"]].tolist() == [40, 60]


def test_pods_are_counted():
    frame = objects("demo", PODS, NODES, NONE)
    assert named(frame, "cluster").loc["demo", "pods"] == 4
    assert named(frame, "namespace")["pods"].tolist() == [3, 1]
    assert named(frame, "workload").loc["service-a", "pods"] == 2


@pytest.mark.parametrize(
    ("dimensions", "kind", "name"),
    [
        ({}, "cluster", "demo"),
        ({"Namespace": "dev"}, "namespace", "dev"),
        ({"Namespace": "dev", "Service": "service-a"}, "service", "service-a"),
        ({"Namespace": "dev", "PodName": "service-a"}, "workload", "service-a"),
        ({"Namespace": "dev", "PodName": "service-a", "FullPodName": "service-a-2"}, "pod", "service-a-2"),
    ],
)
def test_an_alarm_belongs_to_the_object_whose_dimensions_its_metric_has(dimensions, kind, name):
    frame = objects("demo", PODS, NODES, alarms(("x", "ALARM", {**dimensions, "ClusterName": "demo"})))
    (row,) = frame[frame["alarm"] != ""].to_dict("records")
    assert (row["kind"], row["name"], row["alarm"], row["alarms"]) == (kind, name, "ALARM", "x")


def test_the_worst_of_several_alarms_counts():
    own = {"ClusterName": "demo"}
    frame = objects("demo", PODS, NODES, alarms(("x", "OK", own), ("y", "ALARM", own), ("z", "INSUFFICIENT_DATA", own)))
    assert frame.loc[0, ["alarm", "alarms"]].tolist() == ["ALARM", "x, y, z"]


def test_alarms_of_other_clusters_and_of_anything_else_do_not_count():
    frame = objects("demo", PODS, NODES, alarms(("x", "ALARM", {"ClusterName": "other"}), ("y", "ALARM", {})))
    assert set(frame["alarm"]) == {""}


@pytest.mark.parametrize("nothing", [PODS[:0], pd.DataFrame()])
def test_without_events_there_is_only_the_cluster(nothing):
    frame = objects("demo", nothing, pd.DataFrame(), NONE)
    (row,) = frame.to_dict("records")
    assert (row["kind"], row["pods"]) == ("cluster", 0)
    assert math.isnan(row["cpu"])
