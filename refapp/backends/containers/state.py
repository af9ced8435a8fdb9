"""The metrics of kube-state-metrics, at `/metrics/state`: what is wanted of the pods, and what has become of them.

Names and labels are those of version 2:
https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload and `docs/metrics/cluster`.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from refapp.backends.containers.inventory import VERSION, Container, Inventory, Pod
from refapp.backends.containers.machine import Machine

PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")
"""The phases that a pod can be in."""

_POD = ("namespace", "pod", "uid")
_CONTAINER = (*_POD, "container")
_Rows = Iterable[tuple[Sequence[str], float]]


def families(inventory: Inventory, machine: Machine) -> Iterator[Metric]:
    """All metrics of an inventory."""
    if inventory.node:
        yield from _node(inventory, machine)
    yield from _pods(inventory)
    yield from _containers(inventory)
    yield from _resources(inventory)
    yield from _deployments(inventory)
    yield from _autoscalers(inventory)


def phase(pod: Pod) -> str:
    """The phase of a pod: it runs when each of its containers was started at least once."""
    if pod.reason == "Evicted":
        return "Failed"
    started = bool(pod.containers) and all(item.running or item.terminations for item in pod.containers)
    return "Running" if started else "Pending"


def waiting(container: Container) -> str:
    """Why a container does not run; empty when it does."""
    if container.running:
        return ""
    return "CrashLoopBackOff" if container.terminations else "ContainerCreating"


def _node(inventory: Inventory, machine: Machine) -> Iterator[Metric]:
    node = inventory.node
    about = {
        "kernel_version": platform.release(),
        "os_image": _os_image(),
        "container_runtime_version": "",
        "kubelet_version": f"v{version('refapp')}",
        "kubeproxy_version": "",
        "pod_cidr": "",
        "provider_id": "",
        "system_uuid": "",
        "internal_ip": "127.0.0.1",
    }
    yield _gauge("kube_node_info", "A node, in labels.", ("node", *about), [((node, *about.values()), 1)])
    labels = {"label_alpha_eksctl_io_cluster_name": inventory.cluster, "label_kubernetes_io_hostname": node}
    yield _gauge("kube_node_labels", "The labels of a node.", ("node", *labels), [((node, *labels.values()), 1)])
    rows = [((node, "cpu", "core"), machine.cores), ((node, "memory", "byte"), machine.memory)]
    names = ("node", "resource", "unit")
    yield _gauge("kube_node_status_capacity", "The resources of a node.", names, rows)
    text = "The resources of a node that pods may use: all of them, as none are set aside for the system."
    yield _gauge("kube_node_status_allocatable", text, names, rows)
    conditions = [((node, "Ready", status), float(status == "true")) for status in ("true", "false", "unknown")]
    yield _gauge("kube_node_status_condition", "The condition of a node.", ("node", "condition", "status"), conditions)


def _pods(inventory: Inventory) -> Iterator[Metric]:
    pods = [(_pod(pod), pod) for pod in inventory.pods]
    about = ("host_ip", "pod_ip", "node", "created_by_kind", "created_by_name", "priority_class", "host_network")
    yield _gauge(
        "kube_pod_info",
        "A pod, in labels.",
        (*_POD, *about),
        [
            ((*ids, "127.0.0.1", "127.0.0.1", inventory.node, "ReplicaSet", pod.replica_set, "", "true"), 1)
            for ids, pod in pods
        ],
    )
    yield _gauge(
        "kube_pod_labels",
        "The labels of a pod.",
        (*_POD, "label_app", "label_tier", "label_version"),
        [((*ids, pod.workload, pod.tier, VERSION), 1) for ids, pod in pods],
    )
    yield _gauge(
        "kube_pod_owner",
        "What a pod belongs to.",
        (*_POD, "owner_kind", "owner_name", "owner_is_controller"),
        [((*ids, "ReplicaSet", pod.replica_set, "true"), 1) for ids, pod in pods],
    )
    text = "When a pod was started, in seconds since 1970."
    yield _gauge("kube_pod_start_time", text, _POD, [(ids, pod.started) for ids, pod in pods if pod.started])
    yield _gauge(
        "kube_pod_status_phase",
        "1 for the phase that a pod is in, 0 for all others.",
        (*_POD, "phase"),
        [((*ids, name), float(name == phase(pod))) for ids, pod in pods for name in PHASES],
    )
    yield _gauge(
        "kube_pod_status_ready",
        "Whether a pod can serve requests: 1 for the answer that is right.",
        (*_POD, "condition"),
        [
            ((*ids, condition), float(condition == str(pod.ready).lower()))
            for ids, pod in pods
            for condition in ("true", "false", "unknown")
        ],
    )
    text = "Why a pod is in trouble; no series when it is not."
    yield _gauge("kube_pod_status_reason", text, (*_POD, "reason"), [((*i, p.reason), 1) for i, p in pods if p.reason])


def _containers(inventory: Inventory) -> Iterator[Metric]:
    containers = [((*_pod(pod), item.name), item) for pod in inventory.pods for item in pod.containers]
    yield _gauge(
        "kube_pod_container_info",
        "A container, in labels.",
        (*_CONTAINER, "image", "image_id", "image_spec", "container_id"),
        [((*ids, item.image, "", item.image, ""), 1) for ids, item in containers],
    )
    restarts = CounterMetricFamily(
        "kube_pod_container_status_restarts_total", "How often a container was started again.", labels=_CONTAINER
    )
    for ids, item in containers:
        restarts.add_metric(ids, item.restarts)
    yield restarts
    text = "Whether a container runs."
    yield _gauge("kube_pod_container_status_running", text, _CONTAINER, [(i, item.running) for i, item in containers])
    text = "Whether a container waits to be started."
    rows: _Rows = [(ids, not item.running) for ids, item in containers]
    yield _gauge("kube_pod_container_status_waiting", text, _CONTAINER, rows)
    yield _gauge(
        "kube_pod_container_status_waiting_reason",
        "Why a container waits; no series when it does not.",
        (*_CONTAINER, "reason"),
        [((*ids, waiting(item)), 1) for ids, item in containers if not item.running],
    )
    yield _gauge(
        "kube_pod_container_status_last_terminated_reason",
        "Why a container last ended; no series when it never did.",
        (*_CONTAINER, "reason"),
        [((*ids, item.reason), 1) for ids, item in containers if item.reason],
    )
    text = "When a container that runs was started, in seconds since 1970."
    rows = [(ids, item.started) for ids, item in containers if item.running]
    yield _gauge("kube_pod_container_state_started", text, _CONTAINER, rows)


def _resources(inventory: Inventory) -> Iterator[Metric]:
    for kind in ("limit", "request"):
        yield _gauge(
            f"kube_pod_container_resource_{kind}s",
            f"The {kind} of a container for a resource; no series without one.",
            (*_CONTAINER, "node", "resource", "unit"),
            [
                ((*_pod(pod), item.name, inventory.node, resource, unit), value)
                for pod in inventory.pods
                for item in pod.containers
                for resource, unit in (("cpu", "core"), ("memory", "byte"))
                if (value := getattr(item, f"{resource}_{kind}")) is not None
            ],
        )


def _deployments(inventory: Inventory) -> Iterator[Metric]:
    there = Counter(pod.workload for pod in inventory.pods)
    ready = Counter(pod.workload for pod in inventory.pods if pod.ready)
    wanted = inventory.replicas
    for name, text, counts in (
        ("spec_replicas", "Pods that are wanted of a deployment.", wanted),
        ("status_replicas", "Pods of a deployment.", there),
        ("status_replicas_ready", "Pods of a deployment that are ready.", ready),
        ("status_replicas_available", "Pods of a deployment that can serve requests.", ready),
        (
            "status_replicas_unavailable",
            "Pods that are wanted of a deployment and cannot serve requests.",
            {workload: max(0, count - ready[workload]) for workload, count in wanted.items()},
        ),
    ):
        rows = [((inventory.namespace_of(workload), workload), counts.get(workload, 0)) for workload in wanted]
        yield _gauge(f"kube_deployment_{name}", text, ("namespace", "deployment"), rows)


def _autoscalers(inventory: Inventory) -> Iterator[Metric]:
    names = ("namespace", "horizontalpodautoscaler")
    autoscalers = [((inventory.namespace_of(item.workload), item.workload), item) for item in inventory.autoscalers]
    for name, text, field in _AUTOSCALER:
        rows: _Rows = [(ids, getattr(item, field)) for ids, item in autoscalers]
        yield _gauge(f"kube_horizontalpodautoscaler_{name}", text, names, rows)
    metric = (*names, "metric_name", "metric_target_type")
    text = "The use of CPU that an autoscaler aims at, in per cent of the request."
    rows = [((*ids, "cpu", "utilization"), item.target_utilisation) for ids, item in autoscalers]
    yield _gauge("kube_horizontalpodautoscaler_spec_target_metric", text, metric, rows)
    text = "The use of CPU that an autoscaler measured last, in per cent of the request."
    rows = [((*i, "cpu", "utilization"), a.utilisation) for i, a in autoscalers if a.utilisation is not None]
    yield _gauge("kube_horizontalpodautoscaler_status_target_metric", text, metric, rows)
    scaled = (*names, "scaletargetref_api_version", "scaletargetref_kind", "scaletargetref_name")
    rows = [((*ids, "apps/v1", "Deployment", item.workload), 1) for ids, item in autoscalers]
    yield _gauge("kube_horizontalpodautoscaler_info", "What an autoscaler scales.", scaled, rows)


def _gauge(name: str, text: str, labels: Sequence[str], rows: _Rows) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def _pod(pod: Pod) -> tuple[str, str, str]:
    return pod.namespace, pod.name, pod.uid


def _os_image() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform(terse=True)


_AUTOSCALER = (
    ("spec_min_replicas", "The fewest pods that an autoscaler asks for.", "min"),
    ("spec_max_replicas", "The most pods that an autoscaler asks for.", "max"),
    ("status_current_replicas", "The pods that an autoscaler found.", "current"),
    ("status_desired_replicas", "The pods that an autoscaler asks for.", "desired"),
)
