from dataclasses import replace

import pytest

from refapp.mesh.envoy.http import CORS, FAULT
from refapp.mesh.envoy.ingress import edge_routes, ingress
from refapp.mesh.envoy.routes import Fault, cluster_name


def routes(mesh, edge, faults=None):
    (virtual_host,) = edge_routes(mesh, edge, faults)["virtual_hosts"]
    return virtual_host["routes"]


def test_routes_lead_to_clusters_of_the_edge(mesh, edge):
    clusters = {cluster["name"] for cluster in ingress(mesh, edge)["static_resources"]["clusters"]}
    targets = [route["route"]["cluster"] for route in routes(mesh, edge)]
    assert targets == [cluster_name(name) for name in ("rev-proxy", "rev-proxy", "service-a", "angular-ui")]
    assert clusters >= set(targets)


def test_what_is_not_the_api_is_the_user_interface_s(mesh, edge):
    *_, last = routes(mesh, edge)
    assert last["match"] == {"prefix": "/"}


def test_without_a_user_interface_only_the_api_is_public(mesh, edge):
    without = replace(mesh, topology=mesh.topology.without_ui())
    assert [route["name"] for route in routes(without, edge)] == ["rev-proxy", "rev-proxy", "service-a"]


def test_origins_are_allowed_by_name(mesh, edge):
    (virtual_host,) = edge_routes(mesh, edge)["virtual_hosts"]
    policy = virtual_host["typed_per_filter_config"][CORS]
    assert policy["allow_origin_string_match"] == [{"exact": "http://ui.example.test"}]


def test_a_page_of_another_origin_may_begin_a_trace(mesh, edge):
    (virtual_host,) = edge_routes(mesh, edge)["virtual_hosts"]
    allowed = virtual_host["typed_per_filter_config"][CORS]["allow_headers"].split(",")
    assert {"x-request-id", "x-b3-traceid", "x-b3-spanid"} <= set(allowed)


@pytest.mark.parametrize(
    ("callee", "expected"),
    [
        ("rev-proxy", [True, True, False, False]),
        ("service-a", [False, False, True, False]),
        ("angular-ui", [False, False, False, True]),
    ],
)
def test_a_fault_befalls_the_calls_to_one_workload(mesh, edge, callee, expected):
    found = routes(mesh, edge, {callee: Fault(delay=1)})
    assert [FAULT in route.get("typed_per_filter_config", {}) for route in found] == expected
