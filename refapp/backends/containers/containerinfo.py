"""cAdvisor's REST API, from which an agent reads all that is measured on the node in one answer.

The shape is `ContainerInfo` of https://github.com/google/cadvisor/blob/master/info/v1/container.go, the paths are those
of `docs/api.md` there. What is not measured is left out, where cAdvisor would say 0. There is an entry for the node
(`/`), and, as a kubelet has cgroups, one for each pod as a whole, one for its sandbox, which has the pod's network, and
one for each container that runs. Each has its last reading alone: CPU in nanoseconds, memory in bytes.

The node is read when it is asked for; all others were read with the last sample.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from refapp.backends.containers import devices, machine
from refapp.backends.containers.cadvisor import CPU_PERIOD, container_labels, cpu_quota, cpu_shares, pod_cgroup
from refapp.backends.containers.cgroups import Memory
from refapp.backends.containers.devices import Disk, Filesystem, Interface
from refapp.backends.containers.inventory import Pod
from refapp.backends.containers.machine import Faults
from refapp.backends.containers.network import Traffic
from refapp.backends.containers.sampler import Measured, Sampler

API = "/api/v1.3"
"""The version of the API, as it stands in paths."""

NODE = "/"
"""The name of the node's entry."""

SANDBOX = "POD"
"""The name of the container that has a pod's network, as Docker calls it."""

LABEL = "io.kubernetes."
"""What the labels of a container begin with: `pod.namespace`, `pod.name`, `pod.uid` and `container.name`."""

Info = dict[str, Any]

_NANO = 10**9


def machine_info(sampler: Sampler) -> Info:
    """What the machine has: as much of a MachineInfo as is known."""
    found = sampler.machine
    return {
        "timestamp": _time(time.time()),
        "num_cores": found.cores,
        "num_physical_cores": found.physical_cores,
        "memory_capacity": found.memory,
    }


def subcontainers(sampler: Sampler) -> list[Info]:
    """The node and everything on it that is measured."""
    measured = list(sampler.containers())
    return [
        _node(sampler),
        *_pods(sampler, measured),
        *_sandboxes(sampler),
        *(_container(found, sampler) for found in measured),
    ]


def _node(sampler: Sampler) -> Info:
    stats: Info = {
        "network": _network([_interface(found) for found in devices.interfaces()]),
        "filesystem": [_filesystem(found) for found in devices.filesystems()],
        "diskio": _disks(devices.disks()),
    }
    try:
        load = machine.load()
    except OSError:
        pass  # The sampler reads it too, and tells it.
    else:
        stats["cpu"] = _cpu(load.user, load.system)
        stats["memory"] = _memory(load.memory, machine.faults(), mapped=load.mapped, swap=load.swap)
    memory = {"limit": sampler.machine.memory}
    return _info(NODE, stats, taken=time.time(), since=sampler.machine.booted, memory=memory)


def _pods(sampler: Sampler, measured: Iterable[Measured]) -> Iterator[Info]:
    """The pods of which every container that runs is measured; the sums of others would be too small."""
    containers: dict[tuple[str, str], list[Measured]] = {}
    for found in measured:
        containers.setdefault((found.pod.namespace, found.pod.name), []).append(found)
    for pod, used in sampler.totals():
        parts = containers.get((pod.namespace, pod.name), [])
        if len(parts) == sum(container.running for container in pod.containers):
            memory = Memory(*(sum(part.usage.memory[field] for part in parts) for field in range(len(Memory._fields))))
            mapped = None if any(part.container.cgroup for part in parts) else memory.file
            faults = _faults(sampler, int(used.faults), int(used.major_faults))
            stats = {"cpu": _cpu(used.user, used.system), "memory": _memory(memory, faults, mapped=mapped)}
            yield _info(pod_cgroup(pod), stats, taken=sampler.taken, since=pod.started)


def _sandboxes(sampler: Sampler) -> Iterator[Info]:
    """The sandbox that each pod has, whether its network is measured or not."""
    traffic = {pod_cgroup(pod): carried for pod, carried in sampler.traffic()}
    for pod in sampler.inventory.pods:
        carried = traffic.get(pod_cgroup(pod))
        stats = {"network": _network([_pod_interface(carried)])} if carried else {}
        labels = _labels(pod, SANDBOX)
        yield _info(f"{pod_cgroup(pod)}/sandbox", stats, taken=sampler.taken, since=pod.started, labels=labels)


def _container(found: Measured, sampler: Sampler) -> Info:
    container, usage = found.container, found.usage
    mapped = None if container.cgroup else usage.memory.file
    faults = _faults(sampler, usage.faults, usage.major_faults)
    stats = {"cpu": _cpu(usage.user, usage.system), "memory": _memory(usage.memory, faults, mapped=mapped)}
    _, name, *_ = container_labels(found.pod, container)
    return _info(
        name,
        stats,
        taken=found.seen,
        since=container.started,
        labels=_labels(found.pod, container.name),
        image=container.image,
        cpu={"limit": cpu_shares(container), "quota": cpu_quota(container), "period": CPU_PERIOD},
        memory={"limit": container.memory_limit, "reservation": container.memory_request},
    )


def _info(name: str, stats: Info, *, taken: float, since: float, **spec: Any) -> Info:
    """An entry, without what is None or empty."""
    known = _known(stats)
    flags = {f"has_{part}": part in known for part in ("cpu", "memory", "network", "filesystem", "diskio")}
    return {
        "name": name,
        "spec": {"creation_time": _time(since), **_known(spec), **flags},
        "stats": [{"timestamp": _time(taken), **known}],
    }


def _known(values: Info) -> Info:
    pairs = ((name, _known(value) if isinstance(value, dict) else value) for name, value in values.items())
    return {name: value for name, value in pairs if value not in (None, "", [], {})}


def _labels(pod: Pod, container: str) -> Info:
    values = {"pod.namespace": pod.namespace, "pod.name": pod.name, "pod.uid": pod.uid, "container.name": container}
    return {LABEL + name: value for name, value in values.items()}


def _cpu(user: float, system: float) -> Info:
    times = {"total": user + system, "user": user, "system": system}
    return {"usage": {name: round(seconds * _NANO) for name, seconds in times.items()}}


def _memory(memory: Memory, faults: Faults | None, *, mapped: int | None, swap: int | None = None) -> Info:
    """Memory; what descends from a process counts with it, so faults of the hierarchy are the same."""
    counted = {"pgfault": faults.all, "pgmajfault": faults.major} if faults else None
    return {
        "usage": memory.usage,
        "working_set": memory.working_set,
        "rss": memory.anonymous,
        "cache": memory.file,
        "mapped_file": mapped,
        "swap": swap,
        "container_data": counted,
        "hierarchical_data": counted,
    }


def _faults(sampler: Sampler, faults: int, major: int) -> Faults | None:
    return Faults(faults, major) if sampler.kernel.fault_source else None


def _network(interfaces: list[Info]) -> Info:
    """The network; the first interface stands beside their list, too."""
    return {**interfaces[0], "interfaces": interfaces} if interfaces else {}


def _interface(found: Interface) -> Info:
    return {
        "name": found.name,
        "rx_bytes": found.bytes_received,
        "rx_packets": found.packets_received,
        "rx_errors": found.errors_received,
        "rx_dropped": found.dropped_received,
        "tx_bytes": found.bytes_sent,
        "tx_packets": found.packets_sent,
        "tx_errors": found.errors_sent,
        "tx_dropped": found.dropped_sent,
    }


def _pod_interface(traffic: Traffic) -> Info:
    return {
        "name": "eth0",
        "rx_bytes": traffic.bytes_received,
        "rx_packets": traffic.segments_received,
        "tx_bytes": traffic.bytes_sent,
        "tx_packets": traffic.segments_sent,
    }


def _filesystem(found: Filesystem) -> Info:
    return {
        "device": found.device,
        "type": found.kind,
        "capacity": found.capacity,
        "usage": found.used,
        "available": found.available,
        "has_inodes": found.inodes > 0,
        "inodes": found.inodes,
        "inodes_free": found.inodes_free,
    }


def _disks(disks: list[Disk]) -> Info:
    """What went to and from disks: bytes, and operations."""
    return {
        "io_service_bytes": [_disk(found.device, found.bytes_read, found.bytes_written) for found in disks],
        "io_serviced": [_disk(found.device, found.reads, found.writes) for found in disks],
    }


def _disk(device: str, read: int, written: int) -> Info:
    return {"device": device, "stats": {"Read": read, "Write": written, "Total": read + written}}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
