"""What cAdvisor tells, in the words of Container Insights.

In go the answers of its REST API: `MachineInfo` and a list of `ContainerInfo` of info/v1 in
https://github.com/google/cadvisor. As with the CloudWatch agent, a name such as `memory_working_set` is what the fields
of events are made from, by a prefix for the node, a pod or a container
(`internal/aws/containerinsight/const.go` in https://github.com/open-telemetry/opentelemetry-collector-contrib).
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from refapp.backends.containers.containerinfo import LABEL, NODE, SANDBOX

# What was read: the type of its event, and what tells it from others of that type.
Key = tuple[str, ...]

_MEGA = 10**6
_MEMORY = ("usage", "max_usage", "working_set", "rss", "cache", "mapped_file", "swap", "failcnt")
_FAULTS = {"container_data": "memory_", "hierarchical_data": "memory_hierarchical_"}
_NETWORK = tuple(f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "dropped"))
_DISKS = {"io_service_bytes": "diskio_io_service_bytes_", "io_serviced": "diskio_io_serviced_"}
_OPERATIONS = ("Async", "Read", "Sync", "Total", "Write")

Fields = dict[str, float]


class ReadingError(ValueError):
    """The answer is none of cAdvisor's; the message tells what is wrong with it."""


class Reading(NamedTuple):
    """What was read of one thing: values as they were, and counters, which only rise as long as its origin is the same.

    `at` is in seconds since 1970. CPU is counted in thousandths of a second, so its rate is in millicores. `labels` are
    what else is told of it, as members of its event.
    """

    origin: str
    at: float
    values: Fields
    counters: Fields
    labels: Mapping[str, str] = {}


class Snapshot(NamedTuple):
    """All that was read at once, and what the machine has: cores, and bytes of memory."""

    cores: int
    memory: int
    readings: dict[Key, Reading]


def pod_key(namespace: str, name: str, uid: str) -> Key:
    """The key of a pod."""
    return "Pod", namespace, name, uid


def container_key(namespace: str, pod: str, uid: str, name: str) -> Key:
    """The key of a container."""
    return "Container", namespace, pod, uid, name


def snapshot(machine: Any, infos: Any) -> Snapshot:
    """Understand the answers about the machine, and about all that runs on it.

    Raises:
        ReadingError: they are not of cAdvisor's shape.
    """
    try:
        readings = dict(_readings(infos))
        return Snapshot(int(_number(machine["num_cores"])), int(_number(machine["memory_capacity"])), readings)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ReadingError(f"not cAdvisor's answer: {error!r}") from error


def _readings(infos: Iterable[Any]) -> Iterator[tuple[Key, Reading]]:
    pods: dict[str, Key] = {}
    entries = {info["name"]: (info["spec"].get("labels", {}), info["stats"][-1]) for info in infos if info.get("stats")}
    for name, (labels, stats) in entries.items():
        if f"{LABEL}container.name" in labels:
            namespace, pod, uid, container = (
                labels[LABEL + part] for part in ("pod.namespace", "pod.name", "pod.uid", "container.name")
            )
            pods[posixpath.dirname(name)] = pod_key(namespace, pod, uid)
            if container == SANDBOX:
                yield from _interfaces(("PodNet", namespace, pod, uid), name, stats)
            else:
                yield container_key(namespace, pod, uid, container), _usage(name, stats)
    # The cgroup around a pod's containers has no labels: it is known by what is in it.
    yield from ((key, _usage(name, entries[name][1])) for name, key in pods.items() if name in entries)
    if NODE in entries:
        yield from _node(entries[NODE][1])


def _node(stats: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    yield ("Node",), _usage(NODE, stats)
    yield from _interfaces(("NodeNet",), NODE, stats)
    yield from _filesystems(stats)
    yield from _disks(stats)


def _usage(name: str, stats: Mapping[str, Any]) -> Reading:
    """CPU and memory."""
    memory = stats.get("memory", {})
    values = _named(memory, {part: f"memory_{part}" for part in _MEMORY})
    counters = {
        f"cpu_usage_{kind}": _number(spent) / _MEGA
        for kind, spent in stats.get("cpu", {}).get("usage", {}).items()
        if kind in {"total", "user", "system"}
    }
    for part, prefix in _FAULTS.items():
        counters |= _named(memory.get(part, {}), {kind: prefix + kind for kind in ("pgfault", "pgmajfault")})
    if {"memory_pgfault", "memory_pgmajfault"} <= counters.keys():
        counters["memory_failures_total"] = counters["memory_pgfault"] + counters["memory_pgmajfault"]
    return Reading(name, _time(stats), values, counters)


def _interfaces(key: Key, name: str, stats: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    network = stats.get("network")
    for found in (network.get("interfaces") or [network]) if network else ():
        counters = _named(found, {part: f"network_{part}" for part in _NETWORK})
        interface = found["name"]
        yield (*key, interface), Reading(name, _time(stats), {}, counters, {"interface": interface})


def _filesystems(stats: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    for found in stats.get("filesystem", ()):
        names = ["capacity", "usage", "available", *(("inodes", "inodes_free") if found.get("has_inodes") else ())]
        values = _named(found, {part: f"filesystem_{part}" for part in names})
        device = found["device"]
        yield ("NodeFS", device), Reading(NODE, _time(stats), values, {}, {"device": device, "fstype": found["type"]})


def _disks(stats: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    devices: dict[str, Fields] = {}
    for part, prefix in _DISKS.items():
        for found in stats.get("diskio", {}).get(part, ()):
            device = found.get("device") or f"{found['major']}:{found['minor']}"
            names = {operation: prefix + operation.lower() for operation in _OPERATIONS}
            devices.setdefault(device, {}).update(_named(found["stats"], names))
    for device, counters in devices.items():
        yield ("NodeDiskIO", device), Reading(NODE, _time(stats), {}, counters, {"device": device})


def _named(values: Mapping[str, Any], names: Mapping[str, str]) -> Fields:
    """Those values that there are, by other names."""
    return {name: _number(values[part]) for part, name in names.items() if part in values}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value


def _time(stats: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(stats["timestamp"]).timestamp()
