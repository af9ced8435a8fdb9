"""The events of the cluster: how many nodes and pods there are, by namespace, Service and Deployment."""

from collections import Counter
from collections.abc import Iterator

from refapp.backends.containerinsights.measurements import Draft, Measurements
from refapp.backends.containers.inventory import Pod
from refapp.backends.containers.state import phase


def drafts(found: Measurements, *, enhanced: bool) -> Iterator[Draft]:
    """The events; a node that does not tell what it measures counts as failed."""
    pods = found.inventory.pods
    running = [pod for pod in pods if is_running(pod)]
    cluster = {"cluster_node_count": 1, "cluster_failed_node_count": int(found.node is None)}
    yield "Cluster", {**cluster, "cluster_number_of_running_pods": len(running)} if enhanced else cluster
    yield from _namespaces(pods, running)
    yield from _services(pods)
    if enhanced:
        yield from _deployments(found)


def is_running(pod: Pod) -> bool:
    """Whether a pod is in the phase Running."""
    return phase(pod) == "Running"


def _namespaces(pods: tuple[Pod, ...], running: list[Pod]) -> Iterator[Draft]:
    counts = Counter(pod.namespace for pod in running)
    for namespace in sorted({pod.namespace for pod in pods}):
        kubernetes = {"namespace_name": namespace}
        members = {"Namespace": namespace, "namespace_number_of_running_pods": counts[namespace]}
        yield "ClusterNamespace", {**members, "kubernetes": kubernetes}


def _services(pods: tuple[Pod, ...]) -> Iterator[Draft]:
    """The Services. As on AWS, the pods that count are those that a Service leads to: they are ready."""
    ready = Counter((pod.namespace, pod.service_name) for pod in pods if pod.ready)
    for namespace, service in sorted({(pod.namespace, pod.service_name) for pod in pods if pod.service_name}):
        yield (
            "ClusterService",
            {
                "Namespace": namespace,
                "Service": service,
                "kubernetes": {"namespace_name": namespace, "service_name": service},
                "service_number_of_running_pods": ready[namespace, service],
            },
        )


def _deployments(found: Measurements) -> Iterator[Draft]:
    ready = Counter(pod.workload for pod in found.inventory.pods if pod.ready)
    for workload, wanted in found.inventory.replicas.items():
        namespace = found.inventory.namespace_of(workload)
        yield (
            "ClusterDeployment",
            {
                "Namespace": namespace,
                "PodName": workload,
                "kubernetes": {"namespace_name": namespace},
                "replicas_desired": wanted,
                "replicas_ready": ready[workload],
                "status_replicas_available": ready[workload],
                "status_replicas_unavailable": max(0, wanted - ready[workload]),
            },
        )
