"""The performance events of Container Insights, as the CloudWatch agent writes them on a node of Amazon EKS.

Source: "Container Insights performance log events" and "Relevant fields in performance log events for Amazon EKS and
Kubernetes" in the CloudWatch user guide. Their directives are at the root and their timestamp is a text, as there.

What is measured is real. These fields have nothing real behind them here, and are left out:

- `InstanceId`, `InstanceType` and `AutoScalingGroupName`, unless they are told: the machine may be no EC2 instance. A
  local platform makes up an `InstanceId` that stays the same, so that the node's metrics have their dimensions.
  Without `InstanceId` the metrics of the node have `ClusterName` as their only dimension.
- `EBSVolumeId`, and all events of type ContainerFS: containers share the machine's filesystem.
- `kubernetes.containerd.container_id`: processes have no runtime that would give them an id.
- `*_memory_max_usage`, `*_memory_failcnt`, `pod_memory_swap` and `container_memory_swap`: counted by cgroups alone.
  `*_memory_mapped_file` of a container that has a cgroup of its own, and of its pod: pages of files that nobody has
  mapped are counted there too, as `*_memory_cache`, which elsewhere is those that are mapped.
- `pod_interface_network_{rx,tx}_{dropped,errors}` and their sums: pods share the machine's network, and are told apart
  by their TCP sockets, which count neither.
- `node_diskio_io_*_{async,sync}`: the kernel counts reads and writes.
- `node_status_capacity_pods`, `node_status_allocatable_pods`: there is no bound. Of the node's conditions only `ready`
  is known; nothing here finds out about pressure.
- `pod_container_status_waiting_reason_*` but for `crash_loop_back_off`: no image is pulled, no container created.
- events of DaemonSets and of the API server: there are none.

On a system without /proc, such as macOS, there is no network of pods, no count of page faults and no mapped memory of
the node. A rate is known from the second period on, and so is the number of restarts.

As with cAdvisor, the loopback interface is none of the node's: what pods on this machine send each other is in
`pod_network_*`, not in `node_network_*`. It is payload of TCP; packets are its segments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from refapp.backends.containerinsights import cluster, nodes, pods
from refapp.backends.containerinsights.declarations import CLASSIC, ENHANCED, directives
from refapp.backends.containerinsights.measurements import Measurements

MINUTE = 60.0
"""Seconds: events that come more often than that make metrics of high resolution."""

_SOURCES: Mapping[str, tuple[str, ...]] = {
    "Cluster": ("apiserver",),
    "ClusterNamespace": ("apiserver",),
    "ClusterService": ("apiserver",),
    "ClusterDeployment": ("apiserver",),
    "Node": ("cadvisor", "/proc", "pod", "calculated"),
    "NodeFS": ("cadvisor", "calculated"),
    "NodeNet": ("cadvisor", "calculated"),
    "NodeDiskIO": ("cadvisor",),
    "Pod": ("cadvisor", "pod", "calculated"),
    "PodNet": ("cadvisor", "calculated"),
    "Container": ("cadvisor", "pod", "calculated"),
}
_OF_THE_CLUSTER = "Cluster"  # what their types begin with

Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where events come from; what is empty is not told."""

    cluster: str
    node: str
    instance_id: str = ""
    instance_type: str = ""
    auto_scaling_group: str = ""

    @property
    def members(self) -> dict[str, str]:
        """What events of the node and all that is on it have in common."""
        names = {
            "AutoScalingGroupName": self.auto_scaling_group,
            "InstanceId": self.instance_id,
            "InstanceType": self.instance_type,
            "NodeName": self.node,
        }
        return {member: name for member, name in names.items() if name}


class Writer:
    """Writes events; enhanced ones tell of single pods and containers. `period` is in seconds."""

    def __init__(self, place: Place, *, enhanced: bool, period: float) -> None:
        self._place = place
        self._enhanced = enhanced
        self._declarations = ENHANCED if enhanced else CLASSIC
        self._high_resolution = period < MINUTE

    def events(self, found: Measurements, timestamp: int) -> Iterator[Event]:
        """The events of a period, all of the same time in milliseconds since 1970."""
        for kind, members in chain.from_iterable(
            part.drafts(found, enhanced=self._enhanced) for part in (cluster, nodes, pods)
        ):
            event = {
                "Type": kind,
                "Version": "0",
                "Timestamp": str(timestamp),
                "Sources": _SOURCES[kind],
                "ClusterName": self._place.cluster,
                **members,
                **({} if kind.startswith(_OF_THE_CLUSTER) else self._on_node(members)),
            }
            told = directives(self._declarations.get(kind, ()), event, high_resolution=self._high_resolution)
            # They stand last: Logs Insights knows the first 200 fields of an event.
            yield {**event, "CloudWatchMetrics": told} if told else event

    def _on_node(self, members: Mapping[str, Any]) -> Event:
        kubernetes = {"host": self._place.node, **members.get("kubernetes", {})}
        return {**self._place.members, "kubernetes": kubernetes}
