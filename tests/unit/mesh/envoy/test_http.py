from pathlib import Path

from refapp.mesh.envoy.http import (
    FAULT_FILTER,
    ROUTER_FILTER,
    connection_manager,
    fixed_routes,
    route_configuration,
    route_file,
)


def test_the_router_is_the_last_filter(mesh):
    manager = connection_manager(mesh, "name", fixed_routes("name"), filters=(FAULT_FILTER,))
    assert manager["typed_config"]["http_filters"] == (FAULT_FILTER, ROUTER_FILTER)


def test_only_the_edge_looks_at_the_address_of_its_client(mesh):
    for edge in (True, False):
        manager = connection_manager(mesh, "name", fixed_routes("name"), edge=edge)
        assert manager["typed_config"]["use_remote_address"] is edge


def test_routes_are_fixed_or_in_a_file():
    assert fixed_routes("name", {"name": "route"})["route_config"] == route_configuration("name", {"name": "route"})
    assert route_file("name", Path("/run/x"))["rds"]["route_config_name"] == "name"
