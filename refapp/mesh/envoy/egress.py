"""What a sidecar does with the connections of its application to stores outside the mesh."""

from refapp.mesh.addresses import Address, Mesh
from refapp.mesh.envoy import accesslog, statistics
from refapp.mesh.envoy.resources import Resource, extension, listener, socket_address, static_cluster
from refapp.mesh.envoy.routes import cluster_name


def store_listener(mesh: Mesh, workload: str, store: str, address: Address) -> Resource:
    """The listener at which an application reaches a store."""
    proxy = extension(
        "envoy.filters.network.tcp_proxy",
        "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
        stat_prefix=statistics.store_prefix(workload, store),
        cluster=cluster_name(store),
        idle_timeout="0s",  # a pool keeps connections open that it does not use
        access_log=[*statistics.connections(mesh, workload, store), *accesslog.connections(mesh, "outbound")],
        access_log_options={"flush_access_log_on_connected": True},
    )
    return listener(f"outbound_{store}", address, "OUTBOUND", proxy)


def cluster(store: str, address: Address) -> Resource:
    """A store, at the address where it really listens."""
    return static_cluster(cluster_name(store), socket_address(address), alt_stat_name=f"outbound_{store}")
