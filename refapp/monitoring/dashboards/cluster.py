"""*Cluster*: what the node has, what the pods take of it, their limits, their restarts and their replicas."""

from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row, Variable
from refapp.monitoring.dashboards.panels import FEW, SATURATION, bars, coloured, gauge, lines, number, table

_CHOSEN = 'namespace=~"$namespace"'
_CONTAINERS = f'{_CHOSEN},container!~"|POD"'
_CPU, _MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"
_ALL = 'container!~"|POD"'


def cluster() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid="cluster",
        title="Cluster",
        description="Processors, memory and network of the cluster's pods, their limits, restarts and replicas.",
        variables=(
            Variable(
                name="namespace",
                label="Namespace",
                query="label_values(kube_pod_info, namespace)",
                everything=True,
                many=True,
            ),
        ),
        rows=(
            Row(title="Cluster", panels=_whole()),
            Row(title="Pods", panels=_pods()),
            Row(title="Network", panels=_network()),
            Row(title="Limits", panels=_limits()),
            Row(title="Replicas and restarts", panels=_replicas()),
        ),
    )


def _whole() -> tuple[Panel, ...]:
    return (
        gauge(
            "CPU used",
            f"{promql.total(_CPU, _ALL)} / sum(machine_cpu_cores)",
            description="The share of all vCPUs that the containers keep busy.",
        ),
        gauge(
            "Memory used",
            f"sum({_MEMORY}{{{_ALL}}}) / sum(machine_memory_bytes)",
            description="The share of the memory of all nodes that the containers' working sets take.",
        ),
        number(
            "vCPUs",
            "sum(machine_cpu_cores)",
            unit="none",
            description="Processors of all nodes, as the operating system counts them.",
        ),
        number(
            "Memory",
            "sum(machine_memory_bytes)",
            unit="bytes",
            description="Memory of all nodes.",
        ),
        number(
            "Pods running",
            f'sum(kube_pod_status_phase{{phase="Running",{_CHOSEN}}})',
            unit="none",
            width=12,
            description="Pods whose containers run.",
        ),
        number(
            "Restarts",
            f"sum(kube_pod_container_status_restarts_total{{{_CHOSEN}}})",
            unit="none",
            width=12,
            limits=FEW,
            description="How often containers of the pods that there are have been restarted.",
        ),
    )


def _pods() -> tuple[Panel, ...]:
    return (
        lines(
            "CPU by pod",
            Query(expr=f"{promql.total(_CPU, _CONTAINERS, 'pod')} * 1000", legend="{{pod}}"),
            unit="suffix:m",
            width=24,
            height=10,
            description="Millicores of each pod, sidecar included: what kubectl top pod shows.",
        ),
        lines(
            "Memory by pod",
            Query(expr=f"sum by (pod) ({_MEMORY}{{{_CONTAINERS}}})", legend="{{pod}}"),
            unit="bytes",
            width=24,
            height=10,
            description="The working set of each pod, sidecar included: what kubectl top pod shows.",
        ),
    )


def _network() -> tuple[Panel, ...]:
    return tuple(
        lines(
            f"{word} by pod",
            Query(expr=promql.total(f"container_network_{what}_total", _CHOSEN, "pod"), legend="{{pod}}"),
            unit=unit,
            description=f"{noun} a second that each pod {verb}.",
        )
        for word, what, unit, noun, verb in (
            ("Bytes received", "receive_bytes", "Bps", "Bytes", "gets"),
            ("Bytes sent", "transmit_bytes", "Bps", "Bytes", "sends"),
            ("Packets received", "receive_packets", "pps", "Packets", "gets"),
            ("Packets sent", "transmit_packets", "pps", "Packets", "sends"),
        )
    )


def _limits() -> tuple[Panel, ...]:
    by = "pod, container"
    memory = f"max by ({by}) ({_MEMORY}{{{_CONTAINERS}}})"
    most = f"max by ({by}) (container_spec_memory_limit_bytes{{{_CONTAINERS}}} > 0)"
    cpu = promql.total(_CPU, _CONTAINERS, by)
    quota, period = (f"container_spec_cpu_{name}{{{_CONTAINERS}}}" for name in ("quota", "period"))
    cores = f"max by ({by}) ({quota} / {period} > 0)"
    return (
        table(
            "Use and limits",
            {
                "cpu": f"{cpu} * 1000",
                "cpulimit": f"{cores} * 1000",
                "cpushare": f"{cpu} / {cores}",
                "memory": memory,
                "memorylimit": most,
                "memoryshare": f"{memory} / {most}",
            },
            {
                "pod": {"displayName": "Pod"},
                "container": {"displayName": "Container"},
                "Value #cpu": {"displayName": "CPU", "unit": "suffix:m", "decimals": 0},
                "Value #cpulimit": {"displayName": "Limit", "unit": "suffix:m", "decimals": 0},
                "Value #cpushare": {"displayName": "CPU / limit", **_share()},
                "Value #memory": {"displayName": "Memory", "unit": "bytes", "decimals": 0},
                "Value #memorylimit": {"displayName": "Limit ", "unit": "bytes", "decimals": 0},
                "Value #memoryshare": {"displayName": "Memory / limit", **_share()},
            },
            sort="Memory / limit",
            height=14,
            description="What each container uses now, and what it may use. Above its memory limit it is killed, above "
            "that of its CPU it has to wait.",
        ),
        bars(
            "Memory, of the limit",
            Query(expr=f"topk(10, {memory} / {most})", legend="{{pod}} {{container}}"),
            unit="percentunit",
            high=1,
            limits=SATURATION,
            width=24,
            description="The ten containers closest to their memory limit.",
        ),
    )


def _share() -> dict[str, object]:
    return {"unit": "percentunit", "decimals": 0, **coloured(SATURATION)}


def _replicas() -> tuple[Panel, ...]:
    scaler = f"kube_horizontalpodautoscaler_{{what}}{{{{{_CHOSEN}}}}}"
    window = promql.WINDOW
    return (
        lines(
            "Replicas by deployment",
            Query(expr=f"sum by (deployment) (kube_deployment_status_replicas{{{_CHOSEN}}})", legend="{{deployment}}"),
            unit="none",
            calculations=("lastNotNull", "max"),
            description="Pods of each deployment.",
        ),
        lines(
            "Replicas that are not available",
            Query(
                expr=f"sum by (deployment) (kube_deployment_spec_replicas{{{_CHOSEN}}}"
                f" - kube_deployment_status_replicas_available{{{_CHOSEN}}})",
                legend="{{deployment}}",
            ),
            unit="none",
            calculations=("lastNotNull", "max"),
            description="Pods that a deployment should have and that are not ready.",
        ),
        table(
            "Autoscalers",
            {
                what: f"max by (horizontalpodautoscaler) ({scaler.format(what=what)})"
                for what in (
                    "status_current_replicas",
                    "status_desired_replicas",
                    "spec_min_replicas",
                    "spec_max_replicas",
                )
            },
            {
                "horizontalpodautoscaler": {"displayName": "Autoscaler"},
                "Value #status_current_replicas": {"displayName": "Replicas"},
                "Value #status_desired_replicas": {"displayName": "Desired"},
                "Value #spec_min_replicas": {"displayName": "Minimum"},
                "Value #spec_max_replicas": {"displayName": "Maximum"},
            },
            description="How many replicas each autoscaler has, wants, and may have. Empty without autoscalers.",
        ),
        lines(
            "Restarts by pod",
            Query(
                expr=f"sum by (pod) (increase(kube_pod_container_status_restarts_total{{{_CHOSEN}}}[{window}]))",
                legend="{{pod}}",
            ),
            unit="none",
            calculations=("max",),
            description="Restarts of the containers of each pod, within the window of a rate.",
        ),
        lines(
            "Containers killed for their memory",
            Query(
                expr=f"sum by (pod) (increase(container_oom_events_total{{{_CHOSEN}}}[{window}]))",
                legend="{{pod}}",
            ),
            unit="none",
            calculations=("max",),
            description="How often containers of each pod were killed because they went beyond their memory limit.",
        ),
    )
