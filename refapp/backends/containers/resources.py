"""The resource metrics API, from which `kubectl top` and autoscalers read, as metrics-server serves it.

The shape is that of https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/: CPU over a window in
nanocores, memory (the working set) in kibibytes. A container is listed once it was sampled twice. The capacity of the
nodes, which `kubectl top nodes` needs for its per cents, is at `/api/v1/nodes`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from refapp.backends.containers.inventory import VERSION
from refapp.backends.containers.sampler import Measured, Sampler

GROUP = "metrics.k8s.io/v1beta1"
"""The name of the API, as it stands in paths and answers."""


def pods(sampler: Sampler, namespace: str | None = None) -> dict[str, Any]:
    """The pods of a namespace, or of all, that were sampled twice: a PodMetricsList."""
    known = [found for found in sampler.containers() if found.cores is not None]
    wanted = [found for found in known if namespace in (None, found.pod.namespace)]
    grouped = groupby(wanted, key=lambda found: (found.pod.namespace, found.pod.name))
    items = [_pod(list(containers), sampler.taken) for _, containers in grouped]
    return _list("PodMetricsList", GROUP, sorted(items, key=_name))


def nodes(sampler: Sampler) -> dict[str, Any]:
    """The node, once it was sampled twice: a NodeMetricsList."""
    cores, load, node = sampler.node_rate.per_second, sampler.load, sampler.inventory.node
    if not node or cores is None or load is None:
        return _list("NodeMetricsList", GROUP, [])
    item = {
        "metadata": {"name": node, "creationTimestamp": _time(sampler.machine.booted)},
        "timestamp": _time(sampler.taken),
        "window": _duration(sampler.node_rate.window),
        "usage": _usage(cores, load.memory.working_set),
    }
    return _list("NodeMetricsList", GROUP, [item])


def capacity(sampler: Sampler) -> dict[str, Any]:
    """The node and what it has: as much of a NodeList as is known."""
    resources = {"cpu": str(sampler.machine.cores), "memory": f"{sampler.machine.memory // 1024}Ki"}
    node = sampler.inventory.node
    item = {"metadata": {"name": node}, "status": {"capacity": resources, "allocatable": resources}}
    return _list("NodeList", "v1", [item] if node else [])


def _pod(containers: list[Measured], taken: float) -> dict[str, Any]:
    pod = containers[0].pod
    return {
        "metadata": {
            "name": pod.name,
            "namespace": pod.namespace,
            "creationTimestamp": _time(pod.started),
            "labels": {"app": pod.workload, "version": VERSION},
        },
        "timestamp": _time(taken),
        "window": _duration(min(found.window for found in containers)),
        "containers": [
            {"name": found.container.name, "usage": _usage(found.cores or 0.0, found.usage.memory.working_set)}
            for found in containers
        ],
    }


def _list(kind: str, version: str, items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": kind, "apiVersion": version, "metadata": {}, "items": list(items)}


def _name(item: dict[str, Any]) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def _usage(cores: float, memory: int) -> dict[str, str]:
    return {"cpu": f"{round(cores * 1e9)}n", "memory": f"{memory // 1024}Ki"}


def _duration(seconds: float) -> str:
    return f"{seconds:.3f}s"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
