"""HTTP and gRPC over a connection: the filters that every request passes, and where routes come from."""

from pathlib import Path

from refapp.mesh.addresses import Mesh
from refapp.mesh.envoy import tracing
from refapp.mesh.envoy.resources import Resource, extension, type_url, watched

CORS = "envoy.filters.http.cors"
FAULT = "envoy.filters.http.fault"
_FILTER = "envoy.extensions.filters.http.{}"

FAULT_FILTER = extension(FAULT, _FILTER.format("fault.v3.HTTPFault"))
CORS_FILTER = extension(CORS, _FILTER.format("cors.v3.Cors"))
GRPC_WEB_FILTER = extension("envoy.filters.http.grpc_web", _FILTER.format("grpc_web.v3.GrpcWeb"))
ROUTER_FILTER = extension("envoy.filters.http.router", _FILTER.format("router.v3.Router"))


def connection_manager(
    mesh: Mesh, name: str, routes: Resource, *logs: Resource, filters: tuple[Resource, ...] = (), edge: bool = False
) -> Resource:
    """The network filter that speaks HTTP; at the `edge`, what a client says of its own address is not believed."""
    return extension(
        "envoy.filters.network.http_connection_manager",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=name,
        **routes,
        **tracing.settings(mesh),
        access_log=logs,
        use_remote_address=edge,
        normalize_path=True,
        server_header_transformation="PASS_THROUGH",
        generate_request_id=True,
        preserve_external_request_id=True,
        request_id_extension=_request_id(mesh),
        always_set_request_id_in_response=edge,  # by which a client finds logs and trace of its request
        http_filters=(*filters, ROUTER_FILTER),
    )


def fixed_routes(name: str, *routes: Resource) -> Resource:
    """Routes that stay as they are while Envoy runs."""
    return {"route_config": route_configuration(name, *routes)}


def route_file(name: str, path: Path) -> Resource:
    """Routes that change when another file is renamed into the place of `path`."""
    return {"rds": {"route_config_name": name, "config_source": watched(path)}}


def route_configuration(name: str, *routes: Resource, **virtual_host: object) -> Resource:
    """A set of routes for requests to any host."""
    return {"name": name, "virtual_hosts": [{"name": name, "domains": ["*"], "routes": routes, **virtual_host}]}


def _request_id(mesh: Mesh) -> Resource:
    """How ids of requests are treated: as they come.

    Envoy would write into the id why a request is traced, and a client would not find the id that it sent. The id is
    also what a share of the requests is chosen by; one that is no UUID is never chosen.
    """
    config = {
        "@type": type_url("envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig"),
        "pack_trace_reason": False,
        "use_request_id_for_trace_sampling": mesh.sampling < 100,  # noqa: PLR2004 - per cent
    }
    return {"typed_config": config}
