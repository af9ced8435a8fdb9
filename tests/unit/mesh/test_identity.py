from refapp.mesh.identity import host, spiffe_id


def test_a_service_has_a_host_name():
    assert host("service-a") == "service-a.dev.svc.cluster.local"


def test_a_workload_has_a_spiffe_identity():
    assert spiffe_id("service-a") == "spiffe://cluster.local/ns/dev/sa/service-a"
