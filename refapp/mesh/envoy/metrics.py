"""The listener that Prometheus scrapes: of all that Envoy's administration offers, it shows two pages."""

from refapp.mesh.addresses import Address, Mesh
from refapp.mesh.envoy.http import ROUTER_FILTER, fixed_routes
from refapp.mesh.envoy.resources import Resource, extension, listener, pipe, static_cluster

PAGES = {"/stats/prometheus": "/stats/prometheus?usedonly", "/ready": "/ready"}
"""The paths that are served, and what each asks Envoy's administration for."""

_CLUSTER = "admin"


def pages_listener(address: Address) -> Resource:
    """The listener of the pages."""
    routes = [
        {"match": {"path": path}, "route": {"cluster": _CLUSTER, "prefix_rewrite": page}}
        for path, page in PAGES.items()
    ]
    manager = extension(
        "envoy.filters.network.http_connection_manager",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="metrics",
        **fixed_routes("metrics", *routes),
        http_filters=[ROUTER_FILTER],
    )
    return listener("metrics", address, "UNSPECIFIED", manager) | {"ignore_global_conn_limit": True}


def cluster(mesh: Mesh, pod: str) -> Resource:
    """Envoy's own administration."""
    return static_cluster(_CLUSTER, pipe(mesh.admin(pod)))
