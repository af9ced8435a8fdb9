from refapp.mesh.envoy.endpoints import endpoints


def test_a_replica_is_reached_at_its_sidecar(pods):
    pod = pods["service-a"]
    (members,) = endpoints("service-a", [pod])["endpoints"]
    (member,) = members["lb_endpoints"]
    assert member["endpoint"]["address"]["socket_address"]["port_value"] == pod.inbound.port
    assert member["metadata"]["filter_metadata"]["istio"]["workload"] == "service-a"
