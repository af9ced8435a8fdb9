from dataclasses import replace

from refapp.mesh.envoy.http import CORS, FAULT
from refapp.mesh.envoy.ingress import callees, edge_routes, ingress
from refapp.mesh.envoy.routes import Fault, cluster_name


def routes(mesh, edge, fault=None):
    (virtual_host,) = edge_routes(mesh, edge, fault)["virtual_hosts"]
    return virtual_host["routes"]


def test_the_edge_leads_to_the_gateway_and_its_services(topology):
    assert callees(topology) == ("rev-proxy", "service-a")


def test_routes_lead_to_clusters_of_the_edge(mesh, edge):
    clusters = {cluster["name"] for cluster in ingress(mesh, edge)["static_resources"]["clusters"]}
    targets = [route["route"]["cluster"] for route in routes(mesh, edge)]
    assert targets == [cluster_name("rev-proxy")] * 2 + [cluster_name("service-a"), "ui"]
    assert clusters >= set(targets)


def test_without_a_user_interface_only_the_api_is_public(mesh, edge):
    assert "ui" not in [route["name"] for route in routes(mesh, replace(edge, ui=None))]


def test_origins_are_allowed_by_name(mesh, edge):
    (virtual_host,) = edge_routes(mesh, edge)["virtual_hosts"]
    policy = virtual_host["typed_per_filter_config"][CORS]
    assert policy["allow_origin_string_match"] == [{"exact": "http://ui.example.test"}]


def test_a_fault_befalls_the_api_alone(mesh, edge):
    faulty = [FAULT in route.get("typed_per_filter_config", {}) for route in routes(mesh, edge, Fault(delay=1))]
    assert faulty == [True, True, False, False]
