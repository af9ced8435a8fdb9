"""What an Envoy is started with: who it is, its listeners and clusters, and how it keeps statistics."""

from collections.abc import Sequence

from refapp.mesh.addresses import Address, Mesh
from refapp.mesh.envoy import metrics, statistics, tracing
from refapp.mesh.envoy.resources import Resource, extension, pipe
from refapp.mesh.identity import TRUST_DOMAIN
from refapp.topology import NAMESPACE

_MOST_CONNECTIONS = 10_000


def bootstrap(
    mesh: Mesh,
    *,
    pod: str,
    workload: str,
    metrics_address: Address,
    listeners: Sequence[Resource],
    clusters: Sequence[Resource],
) -> Resource:
    """The whole configuration of one Envoy."""
    static_resources = {
        "listeners": [*listeners, metrics.pages_listener(metrics_address)],
        "clusters": [*clusters, metrics.cluster(mesh, pod), *tracing.clusters(mesh)],
    }
    layers = [
        {"name": "static", "static_layer": tracing.BATCHES},
        {"name": "admin", "admin_layer": {}},
    ]
    return {
        "node": _node(pod, workload),
        "admin": {"address": pipe(mesh.admin(pod))},
        "bootstrap_extensions": [statistics.namespace_extension()],
        "stats_flush_interval": "1s",  # a histogram shows what was counted up to the last flush
        "stats_config": statistics.configuration(),
        "layered_runtime": {"layers": layers},
        "overload_manager": {"resource_monitors": [_connection_limit()]},
        "static_resources": static_resources,
    }


def _node(pod: str, workload: str) -> Resource:
    """The node as Istio describes it; a span's service is its `cluster`."""
    domain = f"{NAMESPACE}.svc.{TRUST_DOMAIN}"
    return {
        "id": f"sidecar~127.0.0.1~{pod}.{NAMESPACE}~{domain}",
        "cluster": f"{workload}.{NAMESPACE}",
        "metadata": {"NAME": pod, "NAMESPACE": NAMESPACE, "WORKLOAD_NAME": workload, "MESH_ID": TRUST_DOMAIN},
    }


def _connection_limit() -> Resource:
    return extension(
        "envoy.resource_monitors.global_downstream_max_connections",
        "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=_MOST_CONNECTIONS,
    )
