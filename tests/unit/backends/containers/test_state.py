import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.containers.inventory import Autoscaler, Container, Inventory, Pod
from refapp.backends.containers.machine import Machine
from refapp.backends.containers.server import Exposition
from refapp.backends.containers.state import PHASES, families, phase, waiting

MACHINE = Machine(memory=8 << 30, cores=4, physical_cores=2, booted=1.0)
RUNS = Container(
    name="service-a",
    image="refapp/service-a",
    pid=10,
    running=True,
    started=60.0,
    restarts=2,
    reason="OOMKilled",
    memory_limit=400,
    memory_request=55,
    cpu_limit=0.2,
    cpu_request=0.005,
)
POD = Pod(
    name="service-a-h-1",
    workload="service-a",
    uid="u1",
    tier="service",
    started=50.0,
    ready=True,
    containers=(RUNS, Container(name="istio-proxy")),
)
AT = {"namespace": "dev", "pod": "service-a-h-1", "uid": "u1"}
INVENTORY = Inventory(
    node="node-1",
    cluster="demo",
    pods=(
        POD,
        Pod(name="service-a-h-2", workload="service-a"),
        Pod(name="i-1", workload="i", namespace="istio-system"),
    ),
    replicas={"service-a": 3, "i": 1},
    autoscalers=(
        Autoscaler(workload="service-a", min=2, max=6, current=2, desired=3, target_utilisation=80.0, utilisation=95.5),
    ),
)


def text(inventory):
    return Exposition(lambda: families(inventory, MACHINE)).text().decode()


def values(name, *labels, inventory=INVENTORY):
    found = (sample for family in text_string_to_metric_families(text(inventory)) for sample in family.samples)
    return {tuple(sample.labels[label] for label in labels): sample.value for sample in found if sample.name == name}


def labels_of(name):
    return [
        sample.labels
        for family in text_string_to_metric_families(text(INVENTORY))
        for sample in family.samples
        if sample.name == name
    ]


def test_the_node():
    (about,) = labels_of("kube_node_info")
    assert (about["node"], about["internal_ip"]) == ("node-1", "127.0.0.1")
    assert about["kernel_version"]
    assert labels_of("kube_node_labels")[0]["label_alpha_eksctl_io_cluster_name"] == "demo"
    for name in ("kube_node_status_capacity", "kube_node_status_allocatable"):
        assert values(name, "resource", "unit") == {("cpu", "core"): 4, ("memory", "byte"): 8 << 30}


def test_the_labels_of_a_pod():
    assert labels_of("kube_pod_info")[0] == AT | {
        "host_ip": "127.0.0.1",
        "pod_ip": "127.0.0.1",
        "node": "node-1",
        "created_by_kind": "ReplicaSet",
        "created_by_name": "service-a-h",
        "priority_class": "",
        "host_network": "true",
    }
    assert labels_of("kube_pod_labels")[0] == AT | {
        "label_app": "service-a",
        "label_tier": "service",
        "label_version": "v1",
    }
    assert labels_of("kube_pod_owner")[0]["owner_name"] == "service-a-h"


def test_a_pod_has_one_phase():
    found = values("kube_pod_status_phase", "pod", "phase")
    assert {key: value for key, value in found.items() if value} == {
        (pod.name, "Pending"): 1.0 for pod in INVENTORY.pods
    }
    assert len(found) == len(PHASES) * len(INVENTORY.pods)


def test_a_pod_runs_when_each_container_was_started():
    assert phase(Pod(name="p", workload="w")) == "Pending"
    assert phase(POD) == "Pending"
    ended = replace(POD, containers=(RUNS, Container(name="istio-proxy", reason="Error")))
    assert phase(ended) == "Running"
    assert phase(replace(ended, reason="Evicted")) == "Failed"


def test_a_pod_is_ready_or_not():
    found = values("kube_pod_status_ready", "pod", "condition")
    assert {key for key, value in found.items() if value} == {
        ("service-a-h-1", "true"),
        ("service-a-h-2", "false"),
        ("i-1", "false"),
    }
    assert len(found) == 3 * len(INVENTORY.pods)


def test_the_start_of_a_pod_is_told_when_it_is_known():
    assert values("kube_pod_start_time", "pod") == {("service-a-h-1",): 50.0}


def test_the_status_of_containers():
    assert values("kube_pod_container_status_restarts_total", "container")["service-a",] == 2
    assert values("kube_pod_container_status_running", "container") == {("service-a",): 1, ("istio-proxy",): 0}
    assert values("kube_pod_container_status_waiting", "container") == {("service-a",): 0, ("istio-proxy",): 1}
    assert values("kube_pod_container_status_waiting_reason", "container", "reason") == {
        ("istio-proxy", "ContainerCreating"): 1
    }
    assert values("kube_pod_container_status_last_terminated_reason", "container", "reason") == {
        ("service-a", "OOMKilled"): 1
    }
    assert values("kube_pod_container_state_started", "container") == {("service-a",): 60.0}


def test_a_container_that_ended_waits_for_its_next_start():
    assert waiting(RUNS) == ""
    assert waiting(replace(RUNS, running=False)) == "CrashLoopBackOff"


def test_limits_and_requests():
    labels = ("container", "node", "resource", "unit")
    assert values("kube_pod_container_resource_limits", *labels) == {
        ("service-a", "node-1", "cpu", "core"): 0.2,
        ("service-a", "node-1", "memory", "byte"): 400,
    }
    assert values("kube_pod_container_resource_requests", *labels) == {
        ("service-a", "node-1", "cpu", "core"): 0.005,
        ("service-a", "node-1", "memory", "byte"): 55,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spec_replicas", (3, 1)),
        ("status_replicas", (2, 1)),
        ("status_replicas_ready", (1, 0)),
        ("status_replicas_available", (1, 0)),
        ("status_replicas_unavailable", (2, 1)),
    ],
)
def test_deployments(name, expected):
    found = values(f"kube_deployment_{name}", "namespace", "deployment")
    assert found == {("dev", "service-a"): expected[0], ("istio-system", "i"): expected[1]}


def test_autoscalers():
    for name, expected in {
        "spec_min_replicas": 2,
        "spec_max_replicas": 6,
        "status_current_replicas": 2,
        "status_desired_replicas": 3,
    }.items():
        found = values(f"kube_horizontalpodautoscaler_{name}", "namespace", "horizontalpodautoscaler")
        assert found == {("dev", "service-a"): expected}
    metric = ("metric_name", "metric_target_type")
    found = values("kube_horizontalpodautoscaler_spec_target_metric", *metric)
    assert found == {("cpu", "utilization"): 80.0}
    found = values("kube_horizontalpodautoscaler_status_target_metric", *metric)
    assert found == {("cpu", "utilization"): 95.5}


def test_an_autoscaler_may_not_have_measured_yet():
    (autoscaler,) = INVENTORY.autoscalers
    young = replace(INVENTORY, autoscalers=(replace(autoscaler, utilisation=None),))
    assert values("kube_horizontalpodautoscaler_status_target_metric", "metric_name", inventory=young) == {}


def test_without_an_inventory_there_is_nothing():
    assert values("kube_node_info", inventory=Inventory()) == {}
    assert not [line for line in text(Inventory()).splitlines() if not line.startswith("#")]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("inventory", [INVENTORY, Inventory()])
def test_promtool_finds_no_fault(inventory):
    found = subprocess.run(
        ["promtool", "check", "metrics"], input=text(inventory), capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
