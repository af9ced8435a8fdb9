"""What a sidecar does with the calls to its application: check who calls, count, trace, and pass on."""

from refapp.mesh.addresses import Mesh, Pod
from refapp.mesh.envoy import accesslog, labels, statistics, tls
from refapp.mesh.envoy.http import connection_manager, fixed_routes
from refapp.mesh.envoy.outbound import protocol
from refapp.mesh.envoy.resources import (
    HTTP1,
    HTTP2,
    Resource,
    listener,
    socket_address,
    static_cluster,
    upstream_protocol,
)
from refapp.mesh.identity import INGRESS, host
from refapp.topology import Topology

APPLICATION = "inbound|application"
"""The cluster by which a sidecar reaches its own application."""


def callers(topology: Topology, workload: str) -> tuple[str, ...]:
    """The workloads that may call `workload`: those of the topology, and the edge where it leads in."""
    return (*topology.callers(workload), *((INGRESS,) if workload in topology.entrances else ()))


def calls_listener(mesh: Mesh, pod: Pod) -> Resource:
    """The listener at which the sidecars of a workload's callers reach it."""
    workload = mesh.topology[pod.workload]
    spoken = protocol(workload)
    route = {
        "name": "application",
        "match": {"prefix": "/"},
        "decorator": {"operation": f"{host(workload.name)}/*"},
        "route": {"cluster": APPLICATION, "timeout": "0s"},  # the caller's sidecar sets the limit
    }
    manager = connection_manager(
        mesh,
        "inbound",
        fixed_routes("inbound", route),
        *statistics.requests(mesh, labels.destination_http(mesh, workload.name, spoken)),
        *accesslog.requests(mesh, "inbound"),
    )
    socket = tls.server(
        mesh,
        workload.name,
        callers(mesh.topology, workload.name),
        tls.HTTP2 if spoken == "grpc" else tls.HTTP1,
    )
    return listener("inbound", pod.inbound, "INBOUND", labels.caller_filter(), manager, **socket)


def cluster(mesh: Mesh, pod: Pod) -> Resource:
    """The application beside the sidecar."""
    version = HTTP2 if protocol(mesh.topology[pod.workload]) == "grpc" else HTTP1
    return static_cluster(APPLICATION, socket_address(pod.application), **upstream_protocol(version))
