from refapp.mesh import Address
from refapp.mesh.envoy import metrics


def test_two_pages_are_shown():
    (chain,) = metrics.pages_listener(Address("127.0.0.1", 1))["filter_chains"]
    (host,) = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
    assert [route["match"] for route in host["routes"]] == [{"path": "/stats/prometheus"}, {"path": "/ready"}]


def test_they_come_from_the_administration(mesh):
    (members,) = metrics.cluster(mesh, "pod")["load_assignment"]["endpoints"]
    assert members["lb_endpoints"][0]["endpoint"]["address"]["pipe"]["path"] == str(mesh.admin("pod"))
