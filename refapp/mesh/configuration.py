"""The files of a mesh: what is written before its sidecars start, and replaced while they run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from refapp.mesh.addresses import Edge, Mesh, Pod
from refapp.mesh.certificates import LIFETIME, Authority, WorkloadFiles
from refapp.mesh.envoy.endpoints import endpoints
from refapp.mesh.envoy.ingress import ROUTES, edge_routes, ingress
from refapp.mesh.envoy.routes import Fault, calls
from refapp.mesh.envoy.sidecar import sidecar
from refapp.mesh.files import replace_json, replace_resources
from refapp.mesh.identity import INGRESS


def write(mesh: Mesh, pods: Sequence[Pod], edge: Edge, *, lifetime: timedelta = LIFETIME) -> None:
    """Write all files of a mesh: certificates, endpoints and routes first, then what its Envoys start with."""
    for name in (INGRESS, *(workload.name for workload in mesh.topology)):
        rotate(mesh, name, lifetime=lifetime)
    for workload in mesh.topology:
        write_endpoints(mesh, workload.name, [pod for pod in pods if pod.workload == workload.name])
    for caller, callee in mesh.topology.calls:
        write_route(mesh, caller, callee)
    write_edge_routes(mesh, edge)
    for pod in pods:
        write_sidecar(mesh, pod)
    write_ingress(mesh, edge)


def rotate(mesh: Mesh, workload: str, *, lifetime: timedelta = LIFETIME) -> WorkloadFiles:
    """Give a workload a new certificate; its sidecars take it up as they run."""
    authority = Authority(mesh.directory / "authority")
    return authority.issue(workload, mesh.certificates(workload), lifetime=lifetime)


def rotate_due(mesh: Mesh, now: datetime, *, lifetime: timedelta = LIFETIME) -> list[str]:
    """Give a new certificate to each workload whose certificate has lived half of its life, and name them."""
    names = (INGRESS, *(workload.name for workload in mesh.topology))
    due = [name for name in names if WorkloadFiles(mesh.certificates(name)).needs_rotation(now)]
    for name in due:
        rotate(mesh, name, lifetime=lifetime)
    return due


def write_endpoints(mesh: Mesh, workload: str, pods: Sequence[Pod]) -> None:
    """List the replicas that a workload's callers may call: a new one once it is ready, a leaving one no more."""
    replace_resources(mesh.endpoints(workload), endpoints(workload, pods))


def write_route(mesh: Mesh, caller: str, callee: str, fault: Fault | None = None) -> str:
    """Set how one workload calls another; without a `fault`, one that was injected ends.

    Returns:
        The version of the route.
    """
    return replace_resources(mesh.routes(caller, callee), calls(callee, fault))


def write_edge_routes(mesh: Mesh, edge: Edge, faults: Mapping[str, Fault | None] | None = None) -> str:
    """Set where the edge leads, and the faults of its calls by the workloads that are called.

    Returns:
        The version of the routes.
    """
    return replace_resources(mesh.routes(INGRESS, ROUTES), edge_routes(mesh, edge, faults))


def write_sidecar(mesh: Mesh, pod: Pod) -> Path:
    """Write what a pod's sidecar is started with, and return where."""
    return _write_bootstrap(mesh, pod.name, sidecar(mesh, pod))


def write_ingress(mesh: Mesh, edge: Edge) -> Path:
    """Write what the Envoy at the edge is started with, and return where."""
    return _write_bootstrap(mesh, edge.name, ingress(mesh, edge))


def _write_bootstrap(mesh: Mesh, pod: str, configuration: dict[str, object]) -> Path:
    mesh.admin(pod).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_json(mesh.bootstrap(pod), configuration)
    return mesh.bootstrap(pod)
