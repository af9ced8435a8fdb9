import json

import pytest

from refapp.mesh.envoy import inbound


@pytest.mark.parametrize(
    ("workload", "callers"),
    [
        ("rev-proxy", ("istio-ingressgateway",)),
        ("service-a", ("rev-proxy", "service-i", "istio-ingressgateway")),
        ("service-b", ("service-a",)),
        ("service-f", ()),
    ],
)
def test_callers_are_those_of_the_topology(topology, workload, callers):
    assert inbound.callers(topology, workload) == callers


def test_a_listener_asks_for_a_certificate(mesh, pods):
    listener = inbound.calls_listener(mesh, pods["service-b"])
    (chain,) = listener["filter_chains"]
    assert chain["transport_socket"]["typed_config"]["require_client_certificate"]
    assert '"exact": "spiffe://cluster.local/ns/dev/sa/service-a"' in json.dumps(chain)


@pytest.mark.parametrize(("workload", "version"), [("rev-proxy", "http_"), ("service-b", "http2_")])
def test_the_application_is_spoken_to_in_its_protocol(mesh, pods, workload, version):
    cluster = inbound.cluster(mesh, pods[workload])
    assert f'"{version}protocol_options"' in json.dumps(cluster)
    assert str(pods[workload].application.port) in json.dumps(cluster)
