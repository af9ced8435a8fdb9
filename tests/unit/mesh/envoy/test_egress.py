from refapp.mesh import Address
from refapp.mesh.envoy import egress


def test_a_listener_leads_to_the_store(mesh):
    address = Address("127.0.0.1", 1)
    (chain,) = egress.store_listener(mesh, "service-c", "mongodb", address)["filter_chains"]
    (proxy,) = chain["filters"]
    assert proxy["typed_config"]["cluster"] == egress.cluster("mongodb", address)["name"]
    assert proxy["typed_config"]["idle_timeout"] == "0s"
