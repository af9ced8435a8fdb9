import pytest

from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.processes import Resident
from refapp.backends.containers.resources import capacity, nodes, pods


@pytest.fixture
def here(made_up, node, monkeypatch):
    """A node that was sampled twice, one second apart."""
    clock = iter(range(100, 200))
    monkeypatch.setattr("refapp.backends.containers.sampler.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("refapp.backends.containers.sampler.time.time", lambda: 1_700_000_000.9)
    here = node(kernel=made_up)
    for pid in (10, 20, 30, 40):
        made_up.add(pid)
    made_up.shares[10] = Resident(13 << 20, 0)
    here.runs(
        Pod(
            name="b-1",
            workload="b",
            started=1_600_000_000.0,
            containers=(
                Container(name="b", pid=10, running=True),
                Container(name="istio-proxy", pid=20, running=True),
            ),
        ),
        Pod(name="a-1", workload="a", containers=(Container(name="a", pid=30, running=True),)),
        Pod(
            name="i-1", workload="i", namespace="istio-system", containers=(Container(name="i", pid=40, running=True),)
        ),
        Pod(name="c-1", workload="c", containers=(Container(name="c"),)),
    )
    made_up.add(10, user=0.135)
    return here


def test_a_pod_is_listed_once_it_was_sampled_twice(here):
    assert pods(here.sampler)["items"] == []
    here.sampler.sample()
    listed = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in pods(here.sampler)["items"]]
    assert listed == [("dev", "a-1"), ("dev", "b-1"), ("istio-system", "i-1")]


def test_the_shape_of_pods(here):
    here.sampler.sample()
    answer = pods(here.sampler, "dev")
    assert (answer["kind"], answer["apiVersion"]) == ("PodMetricsList", "metrics.k8s.io/v1beta1")
    assert answer["items"][1] == {
        "metadata": {
            "name": "b-1",
            "namespace": "dev",
            "creationTimestamp": "2020-09-13T12:26:40Z",
            "labels": {"app": "b", "version": "v1"},
        },
        "timestamp": "2023-11-14T22:13:20Z",
        "window": "1.000s",
        "containers": [
            {"name": "b", "usage": {"cpu": "135000000n", "memory": "13312Ki"}},
            {"name": "istio-proxy", "usage": {"cpu": "0n", "memory": "0Ki"}},
        ],
    }


def test_a_namespace_may_have_no_pods(here):
    here.sampler.sample()
    assert pods(here.sampler, "elsewhere")["items"] == []


def test_the_shape_of_nodes(here):
    assert nodes(here.sampler)["items"] == []
    here.sampler.sample()
    (item,) = nodes(here.sampler)["items"]
    assert (item["metadata"]["name"], item["window"]) == ("node-1", "1.000s")
    assert item["usage"]["memory"] == f"{here.sampler.load.memory.working_set // 1024}Ki"
    assert item["usage"]["cpu"].endswith("n")


def test_the_capacity_is_that_of_the_machine(here):
    (item,) = capacity(here.sampler)["items"]
    machine = here.sampler.machine
    assert item["status"]["allocatable"] == {"cpu": str(machine.cores), "memory": f"{machine.memory // 1024}Ki"}


def test_a_node_without_a_name_is_not_listed(node, made_up):
    nameless = node(kernel=made_up).sampler
    nameless.sample()
    nameless.sample()
    assert (nodes(nameless)["items"], capacity(nameless)["items"]) == ([], [])
