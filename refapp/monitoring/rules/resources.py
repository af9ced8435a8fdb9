"""What pods use of processors and memory, and how close that is to what they may use."""

from typing import Final

from refapp.mesh.identity import SIDECAR
from refapp.monitoring.rules.groups import Alert, Group, Recording, Severity
from refapp.monitoring.rules.thresholds import Thresholds
from refapp.monitoring.timing import MINUTE, Timing
from refapp.topology import NAMESPACE

CPU: Final = "pod:container_cpu_usage_millicores:rate5m"
"""What the application of each pod uses of the processors, in millicores, as `kubectl top` shows it."""

# The series without a container are sums over a pod; "POD" is the one that holds a pod's network.
_CONTAINER = f'namespace="{NAMESPACE}",container!~"|POD"'
_APPLICATION = f'namespace="{NAMESPACE}",container!~"|POD|{SIDECAR}"'
_BY = "namespace, pod, container"
_WORKLOAD = '{{ $labels.pod | reReplaceAll "-[^-]+-[^-]+$" "" }}'


def group(timing: Timing, thresholds: Thresholds) -> Group:
    """What is recorded of the pods' resources, and the alerts on them."""
    return Group(
        name="resources",
        rules=(_usage(timing), _cpu(timing, thresholds), *_saturation(timing, thresholds)),
    )


def _usage(timing: Timing) -> Recording:
    window = timing.window(5 * MINUTE)
    usage = f"rate(container_cpu_usage_seconds_total{{{_APPLICATION}}}[{window}])"
    return Recording(record=CPU, expr=f"sum by (namespace, pod) ({usage}) * 1000")


def _cpu(timing: Timing, thresholds: Thresholds) -> Alert:
    """The alert of the article."""
    lasting = timing.lasting(3 * MINUTE)
    return Alert(
        name="PodCpuHigh",
        expr=f"{CPU} > {thresholds.cpu:g}",
        lasting=lasting,
        severity=Severity.WARNING,
        labels={"workload": _WORKLOAD},
        summary="{{ $labels.pod }} uses much CPU",
        description=(
            '{{ $labels.pod }} uses {{ $value | printf "%.0f" }} millicores, and has used more than '
            f"{thresholds.cpu:g} for {lasting}."
        ),
        value='{{ $value | printf "%.0f" }} m',
        runbook=(
            "See whether the autoscaler works and has not reached its maximum, and whether the nodes have room for "
            "further pods."
        ),
    )


def _saturation(timing: Timing, thresholds: Thresholds) -> tuple[Alert, ...]:
    window, lasting = timing.window(5 * MINUTE), timing.lasting(5 * MINUTE)
    memory = f"container_memory_working_set_bytes{{{_CONTAINER}}}"
    most = f"(container_spec_memory_limit_bytes{{{_CONTAINER}}} > 0)"
    seconds = f"rate(container_cpu_usage_seconds_total{{{_CONTAINER}}}[{window}])"
    quota, period = (f"container_spec_cpu_{name}{{{_CONTAINER}}}" for name in ("quota", "period"))
    limit = f"{thresholds.saturation:g}"
    return (
        Alert(
            name="ContainerMemoryNearLimit",
            expr=f"sum by ({_BY}) ({memory}) / sum by ({_BY}) {most} > {limit}",
            lasting=lasting,
            severity=Severity.WARNING,
            labels={"workload": _WORKLOAD},
            summary="{{ $labels.container }} in {{ $labels.pod }} is short of memory",
            description=(
                "The container uses {{ $value | humanizePercentage }} of its memory limit, and has used more than "
                f"{thresholds.saturation:.0%} for {lasting}. At 100% it is killed."
            ),
            value="{{ $value | humanizePercentage }} of its limit",
            runbook="See whether its memory grows with the load or without end; raise the limit, or mend the leak.",
        ),
        Alert(
            name="ContainerCpuNearLimit",
            expr=f"sum by ({_BY}) ({seconds}) / (sum by ({_BY}) ({quota} > 0) / sum by ({_BY}) ({period})) > {limit}",
            lasting=lasting,
            severity=Severity.WARNING,
            labels={"workload": _WORKLOAD},
            summary="{{ $labels.container }} in {{ $labels.pod }} is short of CPU",
            description=(
                "The container uses {{ $value | humanizePercentage }} of its CPU limit, and has used more than "
                f"{thresholds.saturation:.0%} for {lasting}. At 100% it is made to wait."
            ),
            value="{{ $value | humanizePercentage }} of its limit",
            runbook="Give the workload more replicas, or its containers a higher limit.",
        ),
    )
