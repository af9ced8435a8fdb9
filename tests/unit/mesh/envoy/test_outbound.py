import json

import pytest

from refapp.mesh import Address
from refapp.mesh.envoy import outbound


@pytest.mark.parametrize(("callee", "protocol"), [("rev-proxy", "http"), ("service-a", "grpc")])
def test_a_cluster_is_of_its_callee(mesh, topology, callee, protocol):
    cluster = outbound.cluster(mesh, "istio-ingressgateway", topology[callee])
    assert cluster["metadata"]["filter_metadata"]["istio"]["protocol"] == protocol
    assert cluster["eds_cluster_config"]["service_name"] == callee
    options = json.dumps(cluster["typed_extension_protocol_options"])
    assert ("http2_protocol_options" in options) is (protocol == "grpc")


def test_half_of_the_replicas_always_stay():
    assert outbound.OUTLIER_DETECTION["max_ejection_percent"] == 50


def test_a_listener_reads_the_routes_of_its_caller(mesh):
    listener = outbound.calls_listener(mesh, "service-a", "service-b", Address("127.0.0.1", 1))
    assert str(mesh.routes("service-a", "service-b")) in json.dumps(listener)
