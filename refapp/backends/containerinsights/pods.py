"""The events of pods and their containers.

`PodName` is the name of the workload, as on AWS for what a Deployment owns; that of the pod is `kubernetes.pod_name`.
"""

from collections.abc import Iterator
from typing import Any

from refapp.backends.containerinsights.formulas import (
    Resources,
    limits,
    named,
    network,
    requests,
    reserved,
    utilization,
    utilization_over,
    with_total,
)
from refapp.backends.containerinsights.measurements import Draft, Measurements
from refapp.backends.containerinsights.readings import container_key, pod_key
from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.state import PHASES, phase, waiting

_NO_CAPACITY = Resources(None, None)


def drafts(found: Measurements, *, enhanced: bool) -> Iterator[Draft]:
    """The events; none when the node does not tell what it measures."""
    if found.node is None:
        return
    for pod in found.inventory.pods:
        place, kubernetes = _place(pod, enhanced), _kubernetes(pod)
        yield "Pod", {**place, "kubernetes": kubernetes, **_pod(found, pod), **(_state(pod) if enhanced else {})}
        for fields, labels in found.parts("PodNet", *pod_key(pod.namespace, pod.name, pod.uid)[1:]):
            numbers = named("pod_interface_", with_total(fields))
            yield "PodNet", {**place, "kubernetes": kubernetes, **labels, **numbers}
        for container in pod.containers:
            name = {"ContainerName": container.name} if enhanced else {}
            about = {**place, **name, "kubernetes": {**kubernetes, "container_name": container.name}}
            yield "Container", {**about, **_container(found, pod, container, enhanced)}


def _place(pod: Pod, enhanced: bool) -> dict[str, str]:
    names = {
        "Namespace": pod.namespace,
        "PodName": pod.workload,
        "FullPodName": pod.name if enhanced else "",
        "Service": pod.service_name,
    }
    return {member: name for member, name in names.items() if name}


def _kubernetes(pod: Pod) -> dict[str, Any]:
    service = {"service_name": pod.service_name} if pod.service_name else {}
    return {
        "namespace_name": pod.namespace,
        "pod_id": pod.uid,
        "pod_name": pod.name,
        "pod_owners": [{"owner_kind": "Deployment", "owner_name": pod.workload}],
        "labels": pod.labels,
        **service,
    }


def _pod(found: Measurements, pod: Pod) -> dict[str, Any]:
    key = pod_key(pod.namespace, pod.name, pod.uid)
    fields, capacity = found.fields(key), found.node or _NO_CAPACITY
    request, limit = requests(pod.containers), limits(pod.containers)
    restarts = [
        found.restarts.get(container_key(pod.namespace, pod.name, pod.uid, container.name))
        for container in pod.containers
    ]
    return {
        **named(
            "pod_",
            fields,
            {"cpu_request": request.cpu, "cpu_limit": limit.cpu},
            {"memory_request": request.memory, "memory_limit": limit.memory},
            utilization(fields, capacity),
            utilization_over("pod", fields, limit),
            reserved(request, capacity),
            network(part.fields for part in found.parts("PodNet", *key[1:])),
            {"number_of_containers": len(pod.containers)},
            {"number_of_running_containers": sum(container.running for container in pod.containers)},
            {"number_of_container_restarts": None if None in restarts else sum(filter(None, restarts))},
        ),
        "pod_status": phase(pod),
    }


def _state(pod: Pod) -> dict[str, int]:
    """What the enhanced events tell of a pod's state: 1 or 0, and how many of its containers are in which."""
    containers, now = pod.containers, phase(pod)
    running = sum(container.running for container in containers)
    crashed = sum(waiting(container) == "CrashLoopBackOff" for container in containers)
    return {
        **{f"pod_status_{name.lower()}": int(name == now) for name in PHASES},
        "pod_status_ready": int(pod.ready),
        "pod_status_scheduled": 1,
        "pod_container_status_running": running,
        "pod_container_status_waiting": len(containers) - running,
        "pod_container_status_terminated": 0,
        "pod_container_status_waiting_reason_crash_loop_back_off": crashed,
        "pod_container_status_terminated_reason_oom_killed": sum(item.reason == "OOMKilled" for item in containers),
    }


def _container(found: Measurements, pod: Pod, container: Container, enhanced: bool) -> dict[str, Any]:
    key = container_key(pod.namespace, pod.name, pod.uid, container.name)
    fields = found.fields(key) if container.running else {}
    request, limit = requests([container]), limits([container])
    texts = {
        "container_status": "Running" if container.running else "Waiting",
        "container_status_reason": waiting(container),
        "container_last_termination_reason": container.reason,
    }
    return {
        **named(
            "container_",
            fields,
            {"cpu_request": request.cpu, "cpu_limit": limit.cpu},
            {"memory_request": request.memory, "memory_limit": limit.memory},
            utilization(fields, found.node or _NO_CAPACITY),
            utilization_over("container", fields, limit) if enhanced else {},
        ),
        **named("", {"number_of_container_restarts": found.restarts.get(key)}),
        **{name: text for name, text in texts.items() if text},
    }
