"""The events of the node: CPU, memory and pods, its network interfaces, filesystems and disks."""

from collections.abc import Iterator

from refapp.backends.containerinsights.cluster import is_running
from refapp.backends.containerinsights.formulas import (
    Resources,
    named,
    network,
    percent,
    requests,
    reserved,
    utilization,
    with_total,
)
from refapp.backends.containerinsights.measurements import Draft, Measurements


def drafts(found: Measurements, *, enhanced: bool) -> Iterator[Draft]:
    """The events; none when the node does not tell what it measures."""
    if found.node is None:
        return
    yield "Node", _node(found, found.node) | ({"node_status_condition_ready": 1} if enhanced else {})
    for fields, labels in found.parts("NodeFS"):
        utilized = {
            "filesystem_utilization": percent(fields.get("filesystem_usage"), fields.get("filesystem_capacity"))
        }
        yield "NodeFS", {**labels, **named("node_", fields, utilized)}
    for fields, labels in found.parts("NodeNet"):
        yield "NodeNet", {**labels, **named("node_interface_", with_total(fields))}
    for fields, labels in found.parts("NodeDiskIO"):
        yield "NodeDiskIO", {**labels, **named("node_", fields)}


def _node(found: Measurements, capacity: Resources) -> dict[str, float]:
    pods = found.inventory.pods
    containers = [container for pod in pods for container in pod.containers]
    fields, request = found.fields(("Node",)), requests(containers)
    interfaces = network(part.fields for part in found.parts("NodeNet"))
    return {
        **named(
            "node_",
            fields,
            {"cpu_limit": capacity.cpu, "cpu_request": request.cpu or 0},
            {"memory_limit": capacity.memory, "memory_request": request.memory or 0},
            utilization(fields, capacity),
            reserved(Resources(request.cpu or 0, request.memory or 0), capacity),
            interfaces,
        ),
        "node_number_of_running_pods": sum(map(is_running, pods)),
        "node_number_of_running_containers": sum(container.running for container in containers),
    }
