import pandas as pd

from refapp.query.mesh.health import Replicas
from refapp.query.mesh.inventory import Inventory, replicas
from refapp.topology import REFERENCE


def test_a_topology_defines_workloads_services_and_entries(topology):
    found = Inventory.of(topology)
    assert [workload.name for workload in found.workloads] == ["istio-ingressgateway", "front", "one", "two"]
    assert set(found.services) == {
        ("dev", name) for name in ("istio-ingressgateway", "front", "one", "two", "mongodb", "rabbitmq")
    }
    assert found.entries["dev", "mongodb"] == ("mongodb.dev.svc.cluster.local",)
    assert (found.services["dev", "one"], found.services["dev", "mongodb"]) == ("one", "")


def test_the_reference_has_both_stores_as_entries():
    assert set(Inventory.of(REFERENCE).entries) == {("dev", "mongodb"), ("dev", "rabbitmq")}


def test_services_are_told_by_namespace(topology):
    found = Inventory.of(topology)
    assert not list(found.requested(["other"]))
    assert {service.name for service in found.requested(["dev"])} == {name for _, name in found.services}


def test_pods_are_counted_by_workload():
    pods = pd.DataFrame({"workload": ["a", "a", "b"], "ready": [True, False, True]})
    assert replicas(pods) == {"a": Replicas(2, 2, 1), "b": Replicas(1, 1, 1)}
    assert replicas(None) is None
    assert replicas(pods[:0]) == {}
