"""The metrics of cAdvisor, as a kubelet serves them at `/metrics/cadvisor`.

Names are those of https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md, labels those that the
kubelet gives them (`containerPrometheusLabelsFunc` in its server.go).

A kubelet has a series for each cgroup: one for each container, one more for each pod as a whole (`container=""`), and
one for each level above, up to the node (`id="/"`). A sum by pod that does not leave out `container=""` therefore
counts everything twice there (https://github.com/google/cadvisor/issues/2240). Here processes are measured and not
cgroups: there is no series for a whole pod, so such a sum is right with and without that condition. The network is
that of a whole pod in both; its series is that of the pod's sandbox, `container="POD"`, as with Docker.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from refapp.backends.containers import network
from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.network import Traffic
from refapp.backends.containers.sampler import Measured, Sampler

CPU_PERIOD = 100_000
"""The period of the CPU quota in microseconds: the kubelet's default."""

_LABELS = ("container", "id", "image", "name", "namespace", "pod")
_ROOT = ("", "/", "", "", "", "")
# cpu.shares of a container as the kubelet computes them (MilliCPUToShares in pkg/kubelet/cm/helpers_linux.go).
_SHARES_PER_CORE = 1024
_LEAST_SHARES = 2
_LEAST_QUOTA = 1000  # microseconds
_SERIES = "One series per container and one for the node (id=/), none for a whole pod."
_CPU = "Source: cpu.stat of the container's own cgroup if it has one, otherwise the times of its processes in {times}."
_MEMORY = "Source: memory.stat of the container's own cgroup if it has one, otherwise {memory}."
_DISK = "Source: io.stat of the container's own cgroup if it has one, otherwise {disk}."


class _Reading(NamedTuple):
    """One metric of a container; `root` is its value for the node. Where a value is None there is no series."""

    name: str
    text: str
    of: Callable[[Measured], float | None]
    root: Callable[[Sampler], float | None] = lambda _: None
    counter: bool = False
    labels: tuple[tuple[str, str], ...] = ()


def families(sampler: Sampler) -> Iterator[Metric]:
    """All metrics of the last sample."""
    containers = [(container_labels(found.pod, found.container), found) for found in sampler.containers()]
    sources = {
        "times": "/proc/PID/stat" if sampler.kernel.disk_source else "the system's process table",
        "memory": sampler.kernel.memory_source,
        "disk": sampler.kernel.disk_source,
    }
    for reading in (*_USAGE, *(_STORAGE if sampler.kernel.disk_source else ()), *_PROCESSES, *_SPEC):
        family = _family(
            reading.name, reading.text.format(**sources), (*_LABELS, *dict(reading.labels)), reading.counter
        )
        more = tuple(dict(reading.labels).values())
        for labels, found in containers:
            if (value := reading.of(found)) is not None:
                family.add_metric((*labels, *more), value)
        if (value := reading.root(sampler)) is not None:
            family.add_metric((*_ROOT, *more), value)
        yield family
    if sampler.network is not None:
        yield from _network(sampler)
    yield from _machine(sampler)


def container_labels(pod: Pod, container: Container) -> tuple[str, ...]:
    """The labels of a container: name, id, image, name as Docker would call it, namespace and pod."""
    name = f"k8s_{container.name}_{pod.name}_{pod.namespace}_{pod.uid}_{container.restarts}"
    place = f"{pod_cgroup(pod)}/{container.name}-{container.restarts}"
    return container.name, place, container.image, name, pod.namespace, pod.name


def pod_cgroup(pod: Pod) -> str:
    """What would be the cgroup around a pod's containers."""
    return f"/kubepods/pod{pod.uid or pod.name}"


def cpu_shares(container: Container) -> int:
    """The weight of a container's request for CPU."""
    return max(_LEAST_SHARES, int((container.cpu_request or 0) * _SHARES_PER_CORE))


def cpu_quota(container: Container) -> int | None:
    """The microseconds of CPU that a container may use in a period; None without a limit."""
    return max(_LEAST_QUOTA, round(container.cpu_limit * CPU_PERIOD)) if container.cpu_limit else None


def _network(sampler: Sampler) -> Iterator[Metric]:
    for name, text, of in _TRAFFIC:
        family = _family(name, f"{text} {network.SOURCE}", (*_LABELS, "interface"), counter=True)
        for pod, traffic in sampler.traffic():
            sandbox = f"k8s_POD_{pod.name}_{pod.namespace}_{pod.uid}_0"
            place = f"{pod_cgroup(pod)}/sandbox"
            family.add_metric(("POD", place, "pause", sandbox, pod.namespace, pod.name, "eth0"), of(traffic))
        yield family


def _machine(sampler: Sampler) -> Iterator[Metric]:
    machine = sampler.machine
    yield GaugeMetricFamily("machine_memory_bytes", "Memory installed in the machine.", machine.memory)
    yield GaugeMetricFamily("machine_cpu_cores", "Logical CPU cores of the machine.", machine.cores)
    yield GaugeMetricFamily("machine_cpu_physical_cores", "Physical CPU cores of the machine.", machine.physical_cores)
    failed = float(sampler.taken > 0 and sampler.load is None)
    yield GaugeMetricFamily("machine_scrape_error", "1 if the machine could not be read, 0 otherwise.", failed)


def _family(name: str, text: str, labels: tuple[str, ...], counter: bool) -> CounterMetricFamily | GaugeMetricFamily:
    return (CounterMetricFamily if counter else GaugeMetricFamily)(name, text, labels=labels)


_USAGE = (
    _Reading(
        "container_cpu_usage_seconds_total",
        f"CPU time used, in seconds. {_SERIES} {_CPU}",
        lambda found: found.usage.user + found.usage.system,
        lambda sampler: sampler.load.user + sampler.load.system if sampler.load else None,
        counter=True,
        labels=(("cpu", "total"),),
    ),
    _Reading(
        "container_cpu_user_seconds_total",
        f"CPU time used outside the kernel, in seconds. {_CPU}",
        lambda found: found.usage.user,
        lambda sampler: sampler.load.user if sampler.load else None,
        counter=True,
    ),
    _Reading(
        "container_cpu_system_seconds_total",
        f"CPU time used in the kernel, in seconds. {_CPU}",
        lambda found: found.usage.system,
        lambda sampler: sampler.load.system if sampler.load else None,
        counter=True,
    ),
    _Reading(
        "container_memory_working_set_bytes",
        "Memory in use, without pages of files that nobody touched lately, in bytes: what kubectl top shows. "
        f"{_SERIES} {_MEMORY}",
        lambda found: found.usage.memory.working_set,
        lambda sampler: sampler.load.memory.working_set if sampler.load else None,
    ),
    _Reading(
        "container_memory_usage_bytes",
        f"Memory in bytes, whenever it was touched; without a cgroup the same as the working set. {_MEMORY}",
        lambda found: found.usage.memory.usage,
        lambda sampler: sampler.load.memory.usage if sampler.load else None,
    ),
    _Reading(
        "container_memory_rss",
        f"Anonymous memory in bytes. {_MEMORY}",
        lambda found: found.usage.memory.anonymous,
        lambda sampler: sampler.load.memory.anonymous if sampler.load else None,
    ),
    _Reading(
        "container_memory_cache",
        f"Pages of files and shared memory in bytes; without a cgroup only those that a process has mapped. {_MEMORY}",
        lambda found: found.usage.memory.file,
        lambda sampler: sampler.load.memory.file if sampler.load else None,
    ),
    _Reading(
        "container_oom_events_total",
        "How often the container ran out of memory. Source: memory.events of its own cgroup if it has one, otherwise "
        "how often it ended as OOMKilled since it was first seen.",
        lambda found: found.oom_kills,
        counter=True,
    ),
)
_STORAGE = (
    _Reading(
        "container_fs_reads_bytes_total",
        f"Bytes read from storage; what was cached does not count. {_DISK}",
        lambda found: found.usage.read,
        counter=True,
    ),
    _Reading(
        "container_fs_writes_bytes_total",
        f"Bytes written to storage. {_DISK}",
        lambda found: found.usage.written,
        counter=True,
    ),
)
_PROCESSES = (
    _Reading("container_processes", "Processes of the container.", lambda found: found.usage.processes),
    _Reading("container_threads", "Threads of the container's processes.", lambda found: found.usage.threads),
    _Reading(
        "container_file_descriptors",
        "Files and sockets that the container's processes have open.",
        lambda found: found.usage.descriptors,
    ),
    _Reading(
        "container_last_seen",
        "When the container was last seen, in seconds since 1970.",
        lambda found: found.seen,
        lambda sampler: sampler.taken,
    ),
    _Reading(
        "container_start_time_seconds",
        "When the container was started, in seconds since 1970.",
        lambda found: found.container.started,
        lambda sampler: sampler.machine.booted,
    ),
)
_SPEC = (
    _Reading(
        "container_spec_memory_limit_bytes",
        f"Limit of the container's memory in bytes, 0 for none. {_SERIES}",
        lambda found: found.container.memory_limit or 0,
    ),
    _Reading(
        "container_spec_cpu_period",
        "Period of the container's CPU quota in microseconds.",
        lambda _: CPU_PERIOD,
    ),
    _Reading(
        "container_spec_cpu_quota",
        "Microseconds of CPU that the container may use in a period; no series without a limit.",
        lambda found: cpu_quota(found.container),
    ),
    _Reading(
        "container_spec_cpu_shares",
        "Weight of the container when CPU is short: 1024 for each core it requests.",
        lambda found: cpu_shares(found.container),
    ),
)
_TRAFFIC: tuple[tuple[str, str, Callable[[Traffic], float]], ...] = (
    ("container_network_receive_bytes_total", "Bytes that the pod received.", lambda sums: sums.bytes_received),
    ("container_network_transmit_bytes_total", "Bytes that the pod sent.", lambda sums: sums.bytes_sent),
    (
        "container_network_receive_packets_total",
        "TCP segments that the pod received.",
        lambda sums: sums.segments_received,
    ),
    ("container_network_transmit_packets_total", "TCP segments that the pod sent.", lambda sums: sums.segments_sent),
)
