from refapp.mesh import Address
from refapp.mesh.envoy.bootstrap import bootstrap


def test_it_tells_who_it_is_and_adds_what_all_have(mesh):
    resource = bootstrap(
        mesh,
        pod="service-a-0",
        workload="service-a",
        metrics_address=Address("127.0.0.1", 1),
        listeners=[{"name": "own"}],
        clusters=[{"name": "own"}],
    )
    assert resource["node"]["cluster"] == "service-a.dev"
    assert resource["admin"]["address"]["pipe"]["path"] == str(mesh.admin("service-a-0"))
    parts = resource["static_resources"]
    assert [listener["name"] for listener in parts["listeners"]] == ["own", "metrics"]
    assert [cluster["name"] for cluster in parts["clusters"]] == ["own", "admin", "zipkin"]
