"""Envoy as a container: a sidecar beside an application, and the ingress in a pod of its own."""

from collections.abc import Callable

from refapp.deploy.local.environment import inherited
from refapp.deploy.local.ports import LOOPBACK
from refapp.deploy.local.specs import ContainerSpec, PodSpec, Probe, Tier, pod_name
from refapp.mesh import Address, Edge, Mesh, Pod, destinations
from refapp.mesh.envoy import arguments
from refapp.mesh.identity import INGRESS, SIDECAR
from refapp.topology import MIB, Resources, Workload

RESOURCES = Resources(cpu_request=0.01, memory_request=40 * MIB, cpu_limit=2.0, memory_limit=1024 * MIB)
"""What a proxy requests, and its limits, as in Istio's demo profile."""


def addresses(workload: Workload, pod: str, application: int, take: Callable[[], int]) -> Pod:
    """Where a pod and its sidecar listen: the application's port is given, all others are taken."""
    return Pod(
        name=pod,
        workload=workload.name,
        application=Address(LOOPBACK, application),
        inbound=Address(LOOPBACK, take()),
        metrics=Address(LOOPBACK, take()),
        outbound={destination: Address(LOOPBACK, take()) for destination in destinations(workload)},
    )


def sidecar(mesh: Mesh, pod: Pod) -> ContainerSpec:
    """The sidecar of a pod; its configuration is to be written before it starts."""
    return _envoy(mesh, pod.name, {"metrics": pod.metrics.port, "mtls": pod.inbound.port})


def edge(public: int, metrics: int, origins: tuple[str, ...]) -> Edge:
    """The edge of the mesh at its public port."""
    return Edge(
        name=pod_name(INGRESS, repr(origins)),
        public=Address(LOOPBACK, public),
        metrics=Address(LOOPBACK, metrics),
        allowed_origins=origins,
    )


def ingress_pod(mesh: Mesh, at: Edge) -> PodSpec:
    """The pod of the Envoy at the edge."""
    envoy = _envoy(mesh, at.name, {"metrics": at.metrics.port, "public": at.public.port})
    return PodSpec(name=at.name, workload=INGRESS, tier=Tier.EDGE, containers=(envoy,))


def _envoy(mesh: Mesh, pod: str, ports: dict[str, int]) -> ContainerSpec:
    return ContainerSpec(
        name=SIDECAR,
        command=tuple(arguments(mesh.bootstrap(pod))),
        env=inherited(),
        ports=ports,
        probe=Probe.HTTP,
        path="/ready",
        resources=RESOURCES,
    )
