"""Where the replicas of a workload are reached, in a file that changes as replicas come and go."""

from collections.abc import Iterable

from refapp.mesh.addresses import Pod
from refapp.mesh.envoy.labels import VERSION
from refapp.mesh.envoy.resources import Resource, socket_address, type_url
from refapp.topology import NAMESPACE


def endpoints(workload: str, pods: Iterable[Pod]) -> Resource:
    """The replicas of a workload, each with what the metrics of its callers say of it."""
    description = {"workload": workload, "namespace": NAMESPACE, "version": VERSION}
    members = [
        {
            "endpoint": {"address": socket_address(pod.inbound), "hostname": pod.name},
            "metadata": {"filter_metadata": {"istio": description}},
        }
        for pod in pods
    ]
    message = type_url("envoy.config.endpoint.v3.ClusterLoadAssignment")
    return {"@type": message, "cluster_name": workload, "endpoints": [{"lb_endpoints": members}]}
