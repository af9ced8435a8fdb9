"""The Envoy at the edge of the mesh: the API, gRPC-Web and the user interface, at one public address."""

from collections.abc import Mapping

from refapp.mesh.addresses import Edge, Mesh
from refapp.mesh.envoy import accesslog, labels, outbound, statistics
from refapp.mesh.envoy.bootstrap import bootstrap
from refapp.mesh.envoy.http import (
    CORS,
    CORS_FILTER,
    FAULT_FILTER,
    GRPC_WEB_FILTER,
    connection_manager,
    route_configuration,
    route_file,
)
from refapp.mesh.envoy.resources import Resource, listener, type_url
from refapp.mesh.envoy.routes import Fault, call
from refapp.mesh.identity import INGRESS

ROUTES = "edge"
"""The name of the edge's routes."""

_API: tuple[Resource, ...] = ({"path_separated_prefix": "/api"}, {"path": "/openapi.json"})
_GRPC_WEB: Resource = {"prefix": "/greeting.v3.GreetingService/"}
_GRPC_WEB_HEADERS = ("x-grpc-web", "x-user-agent", "grpc-timeout")
# By the last three a page that begins a trace tells which, and finds it again.
_HEADERS = ("content-type", "authorization", *_GRPC_WEB_HEADERS, "x-request-id", "x-b3-traceid", "x-b3-spanid")


def ingress(mesh: Mesh, edge: Edge) -> Resource:
    """The configuration of the Envoy at the edge."""
    manager = connection_manager(
        mesh,
        "ingress",
        route_file(ROUTES, mesh.routes(INGRESS, ROUTES)),
        *statistics.requests(mesh, labels.source_http(INGRESS)),
        *accesslog.requests(mesh, "outbound"),
        filters=(GRPC_WEB_FILTER, CORS_FILTER, FAULT_FILTER),
        edge=True,
    )
    topology = mesh.topology
    return bootstrap(
        mesh,
        pod=edge.name,
        workload=INGRESS,
        metrics_address=edge.metrics,
        listeners=[listener("ingress", edge.public, "OUTBOUND", manager)],
        clusters=[outbound.cluster(mesh, INGRESS, topology[callee]) for callee in topology.entrances],
    )


def edge_routes(mesh: Mesh, edge: Edge, faults: Mapping[str, Fault | None] | None = None) -> Resource:
    """The routes of the edge, the CORS policy for all of them, and the faults of the calls to each workload."""
    faults, gateway, interface = faults or {}, mesh.topology.gateway, mesh.topology.ui
    api = [call(gateway.name, match=match, fault=faults.get(gateway.name)) for match in _API]
    web = [call(service, match=_GRPC_WEB, fault=faults.get(service)) for service in gateway.calls[:1]]
    ui = [call(interface.name, fault=faults.get(interface.name))] if interface else []
    policy = {"typed_per_filter_config": {CORS: _cors(edge.allowed_origins)}}
    message = type_url("envoy.config.route.v3.RouteConfiguration")
    return {"@type": message, **route_configuration(ROUTES, *api, *web, *ui, **policy)}


def _cors(origins: tuple[str, ...]) -> Resource:
    return {
        "@type": type_url("envoy.extensions.filters.http.cors.v3.CorsPolicy"),
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_credentials": True,
        "allow_methods": "GET,POST,OPTIONS",  # POST is gRPC-Web's
        "allow_headers": ",".join(_HEADERS),
        "expose_headers": "x-request-id,grpc-status,grpc-message",
        "max_age": "86400",
        "forward_not_matching_preflights": False,
    }
