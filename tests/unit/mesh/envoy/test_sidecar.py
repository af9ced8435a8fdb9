import pytest

from refapp.mesh import destinations
from refapp.mesh.envoy.sidecar import sidecar


@pytest.mark.parametrize("name", ["rev-proxy", "service-a", "service-f", "service-i"])
def test_a_sidecar_listens_for_what_the_topology_says(mesh, pods, topology, name):
    listeners = sidecar(mesh, pods[name])["static_resources"]["listeners"]
    expected = ["inbound", *(f"outbound_{destination}" for destination in destinations(topology[name])), "metrics"]
    assert [listener["name"] for listener in listeners] == expected


def test_it_listens_at_the_addresses_of_its_pod(mesh, pods):
    pod = pods["service-a"]
    listeners = sidecar(mesh, pod)["static_resources"]["listeners"]
    ports = [listener["address"]["socket_address"]["port_value"] for listener in listeners]
    expected = [pod.inbound, *pod.outbound.values(), pod.metrics]
    assert ports == [address.port for address in expected]
