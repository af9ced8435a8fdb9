from itertools import count

import pytest

from refapp.deploy.local import sidecars
from refapp.deploy.local.specs import Tier
from refapp.mesh import Mesh, destinations
from refapp.topology import REFERENCE


@pytest.fixture
def take():
    ports = count(20000)
    return lambda: next(ports)


def test_a_pod_has_a_way_to_each_destination(take):
    workload = REFERENCE["service-d"]
    pod = sidecars.addresses(workload, "service-d-x-y", 1, take)
    assert pod.application.port == 1
    assert tuple(pod.outbound) == destinations(workload)
    ports = [pod.inbound.port, pod.metrics.port, *(address.port for address in pod.outbound.values())]
    assert len(ports) == len(set(ports))


def test_a_sidecar_is_started_with_its_file_and_asked_whether_it_is_ready(take, tmp_path):
    mesh = Mesh(topology=REFERENCE, directory=tmp_path)
    pod = sidecars.addresses(REFERENCE["service-b"], "service-b-x-y", 1, take)
    container = sidecars.sidecar(mesh, pod)
    assert str(mesh.bootstrap("service-b-x-y")) in container.command
    assert (container.port, container.path) == (pod.metrics.port, "/ready")


def test_the_edge_is_a_pod_of_its_own(tmp_path):
    mesh = Mesh(topology=REFERENCE, directory=tmp_path)
    edge = sidecars.edge(1, 2, ("http://ui.example.test",))
    pod = sidecars.ingress_pod(mesh, edge)
    assert (pod.tier, pod.workload, pod.name) == (Tier.EDGE, "istio-ingressgateway", edge.name)
    assert pod.containers[0].ports == {"metrics": 2, "public": 1}
    assert edge.allowed_origins == ("http://ui.example.test",)
