"""*Istio Workload*: what a workload gets, and what it asks of others."""

from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row, Variable
from refapp.monitoring.dashboards.panels import HEALTHY, lines, number
from refapp.monitoring.dashboards.traffic import Direction
from refapp.topology import Topology

_TO = 'destination_workload_namespace=~"$namespace",destination_workload=~"$workload"'
_FROM = 'source_workload_namespace=~"$namespace",source_workload=~"$workload"'
_REPORTER = 'reporter=~"$reporter"'
_INBOUND = f'{_REPORTER},{_TO},source_workload=~"$source"'
_OUTBOUND = f'reporter="source",{_FROM},destination_service=~"$destination"'


def workload(topology: Topology) -> Dashboard:
    """The dashboard; at first it shows the workload behind the ingress gateway."""
    source = "{{source_workload}}"
    inbound = Direction("Incoming", "source", "source_workload", source, _INBOUND, _INBOUND, secured=True)
    outbound = Direction(
        "Outgoing", "destination", "destination_service_name", "{{destination_service_name}}", _OUTBOUND, _OUTBOUND
    )
    return Dashboard(
        uid="istio-workload",
        title="Istio Workload",
        description="What workloads are asked by others, and what they ask of others.",
        tags=("refapp", "istio"),
        variables=_variables(topology.gateway.name),
        rows=(
            Row(title="General: $workload", panels=_general()),
            Row(title="Inbound workloads", panels=inbound.panels()),
            Row(title="Outbound services", panels=outbound.panels()),
        ),
    )


def _variables(first: str) -> tuple[Variable, ...]:
    requests = "istio_requests_total"
    return (
        Variable(
            name="namespace",
            label="Namespace",
            query=f"label_values({requests}, source_workload_namespace)",
            everything=True,
            many=True,
        ),
        Variable(
            name="workload",
            label="Workload",
            query=f"query_result(count by (workload) ({_either()}))",
            matching='/workload="([^"]+)"/',
            chosen=first,
            everything=True,
            many=True,
        ),
        Variable(
            name="reporter",
            label="Reporter",
            values=("destination", "source"),
            chosen="destination",
            many=True,
        ),
        Variable(
            name="source",
            label="Inbound workload",
            query=f"label_values({requests}{{{_TO}}}, source_workload)",
            everything=True,
            many=True,
        ),
        Variable(
            name="destination",
            label="Outbound service",
            query=f'label_values({{__name__=~"istio_requests_total|istio_tcp_sent_bytes_total",{_FROM}}}, '
            "destination_service)",
            everything=True,
            many=True,
        ),
    )


def _either() -> str:
    """The workloads on either side of a call: one that is never called still calls, or sends to a store."""
    sides = (
        ("istio_requests_total", "destination"),
        ("istio_requests_total", "source"),
        ("istio_tcp_sent_bytes_total", "source"),
    )
    chosen = [(f'{metric}{{{side}_workload_namespace=~"$namespace"}}', f"{side}_workload") for metric, side in sides]
    return " or ".join(f'label_replace({series}, "workload", "$1", "{label}", "(.+)")' for series, label in chosen)


def _general() -> tuple[Panel, ...]:
    incoming = f"{_REPORTER},{_TO}"
    return (
        number(
            "Incoming request volume",
            promql.requests(incoming),
            unit="reqps",
            width=8,
            description="Requests a second to the workloads chosen.",
        ),
        number(
            "Incoming success rate (not 5xx)",
            promql.success(incoming),
            unit="percentunit",
            limits=HEALTHY,
            width=8,
            description="The share of requests to the workloads that were not answered with a 5xx.",
        ),
        number(
            "TCP traffic to destinations",
            f"sum({promql.rate('istio_tcp_received_bytes_total', _OUTBOUND)})",
            unit="Bps",
            width=8,
            description="Bytes a second that the workloads send to databases and the queue. Empty for those without.",
        ),
        lines(
            "Request duration",
            {
                f"p{round(100 * q)}": Query(expr=promql.quantile(q, incoming), legend=f"p{round(100 * q)}")
                for q in (0.5, 0.9, 0.99)
            },
            unit="ms",
            description="The time within which 50, 90 and 99 of 100 requests to the workloads were answered.",
        ),
        lines(
            "gRPC statuses",
            Query(expr=promql.requests(incoming, "grpc_response_status"), legend="status {{grpc_response_status}}"),
            unit="reqps",
            description="Requests a second to the workloads by their gRPC status; one without a status is HTTP.",
        ),
    )
