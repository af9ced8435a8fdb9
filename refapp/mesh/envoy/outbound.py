"""What a sidecar does with the calls of its application to other workloads."""

from refapp.mesh.addresses import Address, Mesh
from refapp.mesh.envoy import accesslog, labels, statistics, tls
from refapp.mesh.envoy.http import FAULT_FILTER, connection_manager, route_file
from refapp.mesh.envoy.resources import HTTP1, HTTP2, Resource, listener, upstream_protocol, watched
from refapp.mesh.envoy.routes import cluster_name
from refapp.mesh.identity import host
from refapp.topology import NAMESPACE, Kind, Workload

CIRCUIT_BREAKER: Resource = {
    "max_connections": 1024,
    "max_pending_requests": 1024,
    "max_requests": 1024,
    "max_retries": 3,
    "track_remaining": True,
}
"""How much may be under way to one workload at a time; more is refused at once, with the response flag UO."""

OUTLIER_DETECTION: Resource = {
    # Gateway failures and failures to connect count. An UNAVAILABLE that a replica only passes on from deeper in the
    # chain is a gateway failure to Envoy, too: therefore half of the replicas always stay.
    "split_external_local_origin_errors": True,
    "consecutive_gateway_failure": 5,
    "enforcing_consecutive_gateway_failure": 100,
    "consecutive_local_origin_failure": 5,
    "enforcing_consecutive_5xx": 0,
    "enforcing_success_rate": 0,
    "enforcing_local_origin_success_rate": 0,
    "interval": "2s",
    "base_ejection_time": "5s",
    "max_ejection_percent": 50,
}
"""When a replica gets no calls for a while."""


def protocol(workload: Workload) -> str:
    """The protocol that a workload is called by: `http` or `grpc`."""
    return "grpc" if workload.kind is Kind.SERVICE else "http"


def calls_listener(mesh: Mesh, caller: str, callee: str, address: Address) -> Resource:
    """The listener at which an application reaches one callee."""
    manager = connection_manager(
        mesh,
        f"outbound_{callee}",
        route_file(callee, mesh.routes(caller, callee)),
        *statistics.requests(mesh, labels.source_http(caller)),
        *accesslog.requests(mesh, "outbound"),
        filters=(FAULT_FILTER,),
    )
    return listener(f"outbound_{callee}", address, "OUTBOUND", manager)


def cluster(mesh: Mesh, caller: str, callee: Workload) -> Resource:
    """The replicas of a callee, as its file of endpoints lists them, behind mutual TLS."""
    spoken, version = (tls.HTTP2, HTTP2) if protocol(callee) == "grpc" else (tls.HTTP1, HTTP1)
    description = {
        "host": host(callee.name),
        "name": callee.name,
        "namespace": NAMESPACE,
        "protocol": protocol(callee),
    }
    return {
        "name": cluster_name(callee.name),
        "alt_stat_name": f"outbound_{callee.name}",
        "type": "EDS",
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        "eds_cluster_config": {"service_name": callee.name, "eds_config": watched(mesh.endpoints(callee.name))},
        "metadata": {"filter_metadata": {"istio": description}},
        "circuit_breakers": {"thresholds": [CIRCUIT_BREAKER]},
        "outlier_detection": OUTLIER_DETECTION,
        **tls.client(mesh, caller, callee.name, spoken),
        **upstream_protocol(version),
    }
