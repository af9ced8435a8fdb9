"""*Istio Performance*: what the mesh itself costs."""

from typing import Final

from refapp.mesh.identity import INGRESS, SIDECAR
from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row
from refapp.monitoring.dashboards.panels import lines, number
from refapp.monitoring.scraping import PODS

_OF_INGRESS: Final = f'pod=~"{INGRESS}-.*"'
_OF_SIDECARS: Final = f'container="{SIDECAR}",pod!~"{INGRESS}-.*"'
_CPU, _MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"
_CONTAINERS = 'container!~"|POD"'
_EDGE, _SIDE = f'source_workload="{INGRESS}"', f'source_workload!="{INGRESS}"'
_SENT, _SERVED = f'reporter="source",{_SIDE}', 'reporter="destination"'
_SIDECAR = f'container="{SIDECAR}"'
_JOB = f'job="{PODS}"'


def performance() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid="istio-performance",
        title="Istio Performance",
        description="Processor time, memory and bytes that the sidecars and the ingress gateway take.",
        tags=("refapp", "istio"),
        rows=(
            Row(title="Processors", panels=_processors()),
            Row(title="Memory and bytes", panels=_memory()),
            Row(title="Proxies", panels=_proxies()),
        ),
    )


def _processors() -> tuple[Panel, ...]:
    edge, sides = (promql.total(_CPU, f"{selector},{_CONTAINERS}") for selector in (_OF_INGRESS, _OF_SIDECARS))
    through = promql.requests(f'reporter="source",{_EDGE}')
    return (
        lines(
            "vCPU for 1,000 requests a second",
            {
                "ingress": Query(expr=f"{edge} / ({through} > 0) * 1000", legend=INGRESS),
                "sidecars": Query(expr=f"{sides} / ({through} > 0) * 1000", legend="sidecars"),
            },
            unit="none",
            description="Processors that would be busy if a thousand requests came in every second: seconds of CPU a "
            "second, divided by the requests that the gateway passed on. Nothing is shown without traffic.",
        ),
        lines(
            "vCPU",
            {"ingress": Query(expr=edge, legend=INGRESS), "sidecars": Query(expr=sides, legend="sidecars")},
            unit="none",
            description="Processors that are busy: seconds of CPU a second.",
        ),
        lines(
            "CPU by sidecar",
            Query(
                expr=f"sum by (pod) ({promql.rate(_CPU, _SIDECAR)}) * 1000",
                legend="{{pod}}",
            ),
            unit="suffix:m",
            width=24,
            description="Millicores of each sidecar.",
        ),
    )


def _memory() -> tuple[Panel, ...]:
    return (
        lines(
            "Memory of a proxy",
            {
                "ingress": Query(expr=f"avg({_MEMORY}{{{_OF_INGRESS},{_CONTAINERS}}})", legend=INGRESS),
                "sidecars": Query(expr=f"avg({_MEMORY}{{{_OF_SIDECARS}}})", legend="a sidecar on average"),
                "largest": Query(expr=f"max({_MEMORY}{{{_OF_SIDECARS}}})", legend="the largest sidecar"),
            },
            unit="bytes",
            description="The working set of the gateway and of a sidecar.",
        ),
        lines(
            "Memory of all proxies",
            Query(expr=f'sum by (pod) ({_MEMORY}{{container="{SIDECAR}"}})', legend="{{pod}}"),
            unit="bytes",
            stacked=True,
            description="The working sets of all sidecars, on each other.",
        ),
        lines(
            "Bytes through the proxies",
            {
                "ingress": Query(expr=_bytes(f'reporter="source",{_EDGE}'), legend=INGRESS),
                "sidecars": Query(
                    expr=f"{_bytes(_SENT)} + {_bytes(_SERVED)}",
                    legend="sidecars",
                ),
            },
            unit="Bps",
            width=24,
            description="Bytes a second of the bodies of requests and responses; of two sidecars each counts them.",
        ),
    )


def _proxies() -> tuple[Panel, ...]:
    return (
        number(
            "Proxies that answer",
            f"sum(up{{{_JOB}}})",
            unit="none",
            description="Sidecars and gateways that Prometheus could scrape.",
        ),
        number(
            "Shortest certificate",
            f"min(envoy_cluster_ssl_certificate_expiration_unix_time_seconds{{{_JOB}}} > 0) - time()",
            unit="s",
            decimals=1,
            limits=((None, "red"), (600, "orange"), (3600, "green")),
            description="Until the first certificate of a proxy expires.",
        ),
        number(
            "Connections",
            f"sum(envoy_server_total_connections{{{_JOB}}})",
            unit="none",
            description="Connections that are open at the proxies, from either side.",
        ),
        number(
            "Heap of all proxies",
            f"sum(envoy_server_memory_allocated{{{_JOB}}})",
            unit="bytes",
            description="Bytes that Envoy has allocated, by its own account.",
        ),
        lines(
            "Requests and connections in flight",
            Query(expr=f"sum by (app) (envoy_cluster_upstream_rq_active{{{_JOB}}})", legend="{{app}}"),
            unit="none",
            description="Requests that a proxy has passed on and that are not answered yet; TCP connections count too.",
        ),
        lines(
            "Connections opened by proxies",
            Query(expr=f"sum by (app) ({promql.rate('envoy_cluster_upstream_cx_total', _JOB)})", legend="{{app}}"),
            unit="cps",
            description="New connections a second to other proxies and to the workload; few, as long as they are kept.",
        ),
    )


def _bytes(selector: str) -> str:
    return " + ".join(promql.total(f"istio_{what}_bytes_sum", selector) for what in ("request", "response"))
