"""The Envoy beside one replica of a workload."""

from refapp.mesh.addresses import Mesh, Pod, stores
from refapp.mesh.envoy import egress, inbound, outbound
from refapp.mesh.envoy.bootstrap import bootstrap
from refapp.mesh.envoy.resources import Resource


def sidecar(mesh: Mesh, pod: Pod) -> Resource:
    """The configuration of a pod's sidecar."""
    topology = mesh.topology
    workload = topology[pod.workload]
    calls = [outbound.calls_listener(mesh, workload.name, callee, pod.outbound[callee]) for callee in workload.calls]
    callees = [outbound.cluster(mesh, workload.name, topology[callee]) for callee in workload.calls]
    connections = [egress.store_listener(mesh, workload.name, store, pod.outbound[store]) for store in stores(workload)]
    outside = [egress.cluster(store, mesh.stores[store]) for store in stores(workload)]
    return bootstrap(
        mesh,
        pod=pod.name,
        workload=workload.name,
        metrics_address=pod.metrics,
        listeners=[inbound.calls_listener(mesh, pod), *calls, *connections],
        clusters=[inbound.cluster(mesh, pod), *callees, *outside],
    )
