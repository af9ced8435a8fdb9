"""What is told of the pods, as they come and go."""

import json
import sys

import pytest

from refapp.backends.containers import inventory
from refapp.deploy.local.registry import Registry
from refapp.deploy.local.runner import PodRunner
from refapp.deploy.local.specs import APPLICATION_METRICS, ContainerSpec, PodSpec, Tier
from refapp.deploy.pods import Autoscaling
from refapp.mesh import Address, Edge, Pod
from refapp.topology import Resources


def address(port):
    return Address("127.0.0.1", port)


@pytest.fixture
def runner(tmp_path):
    def runner(name, port, workload="service-a"):
        container = ContainerSpec(
            name="service-a",
            command=(sys.executable,),
            ports={"grpc": port, APPLICATION_METRICS: port + 3},
            resources=Resources(),
        )
        at = Pod(
            name=name,
            workload="service-a",
            application=address(port),
            inbound=address(port + 1),
            metrics=address(port + 2),
            outbound={},
        )
        spec = PodSpec(name=name, workload=workload, tier=Tier.SERVICE, containers=(container,), addresses=at)
        return PodRunner(spec, tmp_path / "logs")

    return runner


@pytest.fixture
def registry(tmp_path):
    edge = Edge(public=address(1), metrics=address(2), allowed_origins=())
    return Registry(tmp_path / "inventory.json", tmp_path, edge)


def targets(path, job="kubernetes-pods"):
    groups = json.loads((path / "targets" / f"{job}.json").read_text())
    return {group["labels"]["pod"]: group["targets"] for group in groups}


def test_pods_are_told_as_they_are(tmp_path, registry, runner):
    first = runner("service-a-1-x", 100)
    first.started = 12.0
    first.containers[0].restarts = 2
    first.containers[0].terminated = "OOMKilled"
    scaled = Autoscaling(
        workload="service-a", minimum=1, maximum=3, targets={"cpu": 80}, current=1, desired=2, utilisation={"cpu": 99.0}
    )
    registry.update([first], {"service-a": 2}, [scaled])
    told = inventory.read(tmp_path / "inventory.json")
    (pod,) = told.pods
    (container,) = pod.containers
    assert (pod.name, pod.namespace, pod.started, pod.ready, pod.uid) == (
        "service-a-1-x",
        "dev",
        12.0,
        False,
        first.spec.uid,
    )
    assert (container.restarts, container.reason, container.running) == (2, "OOMKilled", False)
    assert (container.memory_limit, container.cpu_request) == (Resources().memory_limit, Resources().cpu_request)
    assert told.replicas == {"service-a": 2}
    assert (told.autoscalers[0].desired, told.autoscalers[0].utilisation) == (2, 99.0)


def test_pods_that_nobody_calls_have_no_service(tmp_path, registry, runner):
    registry.update([runner(f"{name}-1-x", 100, name) for name in ("service-a", "kubelet", "prometheus")], {}, [])
    told = inventory.read(tmp_path / "inventory.json")
    assert [pod.service_name for pod in told.pods] == ["service-a", "", "prometheus"]


def test_targets_follow_the_pods(tmp_path, registry, runner):
    first, second = runner("service-a-1-x", 100), runner("service-a-1-y", 200)
    registry.update([first], {}, [])
    assert targets(tmp_path) == {"service-a-1-x": ["127.0.0.1:102"], "istio-ingressgateway": ["127.0.0.1:2"]}
    assert targets(tmp_path, "applications") == {"service-a-1-x": ["127.0.0.1:103"]}
    registry.update([first, second], {}, [])
    assert targets(tmp_path)["service-a-1-y"] == ["127.0.0.1:202"]
    registry.update([second], {}, [])
    assert "service-a-1-x" not in targets(tmp_path)


def test_nothing_is_written_while_nothing_changes(tmp_path, registry, runner):
    pods = [runner("service-a-1-x", 100)]
    registry.update(pods, {}, [])
    files = [tmp_path / "inventory.json", tmp_path / "targets" / "kubernetes-pods.json"]
    before = [file.stat().st_ino for file in files]
    registry.update(pods, {}, [])
    assert [file.stat().st_ino for file in files] == before


def test_what_could_not_be_written_is_tried_again(tmp_path, runner):
    (tmp_path / "later").write_text("no directory")
    registry = Registry(tmp_path / "later" / "inventory.json", tmp_path, None)
    pods = [runner("service-a-1-x", 100)]
    with pytest.raises(OSError, match="later"):
        registry.update(pods, {}, [])
    (tmp_path / "later").unlink()
    registry.update(pods, {}, [])
    assert inventory.read(tmp_path / "later" / "inventory.json").pods
