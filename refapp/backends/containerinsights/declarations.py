"""Which fields of performance events are metrics, and by which dimensions.

Sources: for the classic ones "Amazon EKS and Kubernetes Container Insights metrics" in the CloudWatch user guide, for
the enhanced ones what the CloudWatch agent declares (`translator/translate/otel/exporter/awsemf/kubernetes.go` in
https://github.com/aws/amazon-cloudwatch-agent), whose units are in `internal/aws/containerinsight/const.go` of
https://github.com/open-telemetry/opentelemetry-collector-contrib.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

NAMESPACE = "ContainerInsights"
"""The namespace of all metrics."""

_PERCENT, _BYTES, _COUNT, _NONE = "Percent", "Bytes", "Count", ""
_BYTES_A_SECOND, _COUNTS_A_SECOND = "Bytes/Second", "Count/Second"

Dimensions = tuple[str, ...]


class Declaration(NamedTuple):
    """Metrics with their units (empty for none), and the sets of dimensions that each of them is told by."""

    metrics: Mapping[str, str]
    dimensions: tuple[Dimensions, ...]


def directives(
    declarations: Iterable[Declaration], event: Mapping[str, Any], *, high_resolution: bool
) -> list[dict[str, Any]]:
    """What tells CloudWatch to make metrics of an event.

    As the CloudWatch agent does, it names no metric and no dimension that the event does not have.
    """
    resolution = {"StorageResolution": 1} if high_resolution else {}
    return list(_directives(declarations, event, resolution))


def _directives(
    declarations: Iterable[Declaration], event: Mapping[str, Any], resolution: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for declaration in declarations:
        metrics = [
            {**({"Unit": unit} if unit else {}), "Name": name, **resolution}
            for name, unit in declaration.metrics.items()
            if name in event
        ]
        dimensions = [list(names) for names in declaration.dimensions if all(name in event for name in names)]
        if metrics and dimensions:
            yield {"Metrics": metrics, "Dimensions": dimensions, "Namespace": NAMESPACE}


def _of(unit: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, unit)


_CLUSTER = ("ClusterName",)
_IN_NAMESPACE = ("Namespace", "ClusterName")
_SERVICE = ("Service", "Namespace", "ClusterName")
_WORKLOAD = ("PodName", "Namespace", "ClusterName")
_POD = ("FullPodName", "PodName", "Namespace", "ClusterName")
_CONTAINER = ("ContainerName", "PodName", "Namespace", "ClusterName")
_CONTAINER_OF_POD = ("ContainerName", "FullPodName", "PodName", "Namespace", "ClusterName")
_NODE = ("NodeName", "InstanceId", "ClusterName")

_CLUSTERS = _of(_COUNT, "cluster_node_count", "cluster_failed_node_count")
_NAMESPACES = Declaration(_of(_COUNT, "namespace_number_of_running_pods"), (_IN_NAMESPACE, _CLUSTER))
_SERVICES = Declaration(_of(_COUNT, "service_number_of_running_pods"), (_SERVICE, _CLUSTER))
_NODES = {
    "node_cpu_utilization": _PERCENT,
    "node_memory_utilization": _PERCENT,
    "node_network_total_bytes": _BYTES_A_SECOND,
    "node_cpu_reserved_capacity": _PERCENT,
    "node_memory_reserved_capacity": _PERCENT,
    "node_number_of_running_pods": _COUNT,
    "node_number_of_running_containers": _COUNT,
}
_NODE_SIZES = {
    "node_cpu_usage_total": _NONE,
    "node_cpu_limit": _NONE,
    "node_memory_working_set": _BYTES,
    "node_memory_limit": _BYTES,
}
_POD_USAGE = {
    "pod_cpu_utilization": _PERCENT,
    "pod_memory_utilization": _PERCENT,
    "pod_network_rx_bytes": _BYTES_A_SECOND,
    "pod_network_tx_bytes": _BYTES_A_SECOND,
    "pod_cpu_utilization_over_pod_limit": _PERCENT,
    "pod_memory_utilization_over_pod_limit": _PERCENT,
}
_POD_RESERVED = _of(_PERCENT, "pod_cpu_reserved_capacity", "pod_memory_reserved_capacity")
_POD_RESTARTS = _of(_COUNT, "pod_number_of_container_restarts")
_POD_STATE = {
    **_of(_COUNT, "pod_number_of_containers", "pod_number_of_running_containers"),
    **_of(_COUNT, *(f"pod_status_{name}" for name in ("ready", "scheduled", "running", "pending", "failed"))),
    **_of(_COUNT, "pod_status_unknown", "pod_status_succeeded"),
    **_of(_BYTES, "pod_memory_request", "pod_memory_limit"),
    **_of(_NONE, "pod_cpu_limit", "pod_cpu_request"),
    **_of(_COUNT, *(f"pod_container_status_{name}" for name in ("running", "terminated", "waiting"))),
    **_of(_COUNT, "pod_container_status_waiting_reason_crash_loop_back_off"),
    **_of(_COUNT, "pod_container_status_terminated_reason_oom_killed"),
}
_CONTAINERS = {
    **_of(_PERCENT, "container_cpu_utilization", "container_cpu_utilization_over_container_limit"),
    **_of(_NONE, "container_cpu_limit", "container_cpu_request"),
    **_of(_PERCENT, "container_memory_utilization", "container_memory_utilization_over_container_limit"),
    **_of(_COUNTS_A_SECOND, "container_memory_failures_total"),
    **_of(_BYTES, "container_memory_limit", "container_memory_request"),
}
_DEPLOYMENTS = _of(
    _COUNT, "replicas_desired", "replicas_ready", "status_replicas_available", "status_replicas_unavailable"
)

CLASSIC: Mapping[str, tuple[Declaration, ...]] = {
    "Cluster": (Declaration(_CLUSTERS, (_CLUSTER,)),),
    "ClusterNamespace": (_NAMESPACES,),
    "ClusterService": (_SERVICES,),
    "Node": (Declaration(_NODES, (_NODE, _CLUSTER)), Declaration(_NODE_SIZES, (_CLUSTER,))),
    "NodeFS": (Declaration(_of(_PERCENT, "node_filesystem_utilization"), (_NODE, _CLUSTER)),),
    "Pod": (
        Declaration(_POD_USAGE, (_WORKLOAD, _SERVICE, _IN_NAMESPACE, _CLUSTER)),
        Declaration(_POD_RESERVED, (_WORKLOAD, _CLUSTER)),
        Declaration(_POD_RESTARTS, (_WORKLOAD,)),
    ),
}
"""By the type of event."""

ENHANCED: Mapping[str, tuple[Declaration, ...]] = {
    "Cluster": (Declaration({**_CLUSTERS, "cluster_number_of_running_pods": _COUNT}, (_CLUSTER,)),),
    "ClusterNamespace": (_NAMESPACES,),
    "ClusterService": (_SERVICES,),
    "ClusterDeployment": (Declaration(_DEPLOYMENTS, (_WORKLOAD, _CLUSTER)),),
    "Node": (Declaration({**_NODES, **_NODE_SIZES, "node_status_condition_ready": _COUNT}, (_NODE, _CLUSTER)),),
    "NodeFS": (
        Declaration(
            {
                "node_filesystem_utilization": _PERCENT,
                **_of(_COUNT, "node_filesystem_inodes", "node_filesystem_inodes_free"),
            },
            (_NODE, _CLUSTER),
        ),
    ),
    "NodeNet": (
        Declaration(
            _of(_COUNTS_A_SECOND, "node_interface_network_rx_dropped", "node_interface_network_tx_dropped"),
            (_NODE, _CLUSTER),
        ),
    ),
    "NodeDiskIO": (
        Declaration(
            {
                "node_diskio_io_service_bytes_total": _BYTES_A_SECOND,
                "node_diskio_io_serviced_total": _COUNTS_A_SECOND,
            },
            (_NODE, _CLUSTER),
        ),
    ),
    "Pod": (
        Declaration(_POD_USAGE, (_WORKLOAD, _SERVICE, _IN_NAMESPACE, _CLUSTER, _POD)),
        Declaration({**_POD_RESERVED, **_POD_RESTARTS, **_POD_STATE}, (_WORKLOAD, _CLUSTER, _POD, _SERVICE)),
    ),
    "Container": (Declaration(_CONTAINERS, (_CLUSTER, _CONTAINER_OF_POD, _CONTAINER)),),
}
"""By the type of event, with metrics of single pods and containers."""
