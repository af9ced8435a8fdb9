"""The kubelet's metrics of itself, at `/metrics`, and those of this process.

Names and labels are those of https://kubernetes.io/docs/reference/instrumentation/metrics/; those that begin with
`refapp_` are not the kubelet's.
"""

from collections.abc import Iterator

from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from refapp.backends.containers.sampler import Sampler


def families(sampler: Sampler) -> Iterator[Metric]:
    """What runs on the node according to the last sample, and how this process does."""
    pods = sampler.inventory.pods
    containers = [container for pod in pods for container in pod.containers]
    running = sum(container.running for container in containers)
    ended = sum(not container.running and bool(container.terminations) for container in containers)
    yield GaugeMetricFamily(
        "kubelet_running_pods",
        "Pods of which a container runs.",
        sum(any(container.running for container in pod.containers) for pod in pods),
    )
    family = GaugeMetricFamily("kubelet_running_containers", "Containers by their state.", labels=("container_state",))
    family.add_metric(("running",), running)
    family.add_metric(("exited",), ended)
    family.add_metric(("created",), len(containers) - running - ended)
    yield family
    node = GaugeMetricFamily("kubelet_node_name", "The name of the node, as a label; the value is 1.", labels=("node",))
    if sampler.inventory.node:
        node.add_metric((sampler.inventory.node,), 1)
    yield node
    yield CounterMetricFamily(
        "refapp_inventory_errors_total",
        "How often the inventory of the node was found missing or broken, so that the one before stayed in use.",
        sampler.file.errors,
    )
    yield from ProcessCollector(registry=None).collect()
