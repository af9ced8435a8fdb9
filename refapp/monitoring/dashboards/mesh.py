"""*Istio Mesh*: what goes on in all of the mesh, and how each workload does."""

from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row
from refapp.monitoring.dashboards.panels import FEW, HEALTHY, coloured, lines, number, table

_SOURCE = 'reporter="source"'
_WORKLOAD = "destination_workload, destination_workload_namespace"
_NAME = "{{destination_workload_var}}"


def mesh() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid="istio-mesh",
        title="Istio Mesh",
        description="Traffic of the whole mesh, as its sidecars report it, and a line for each workload.",
        tags=("refapp", "istio"),
        rows=(
            Row(title="All traffic", panels=_totals()),
            Row(title="Workloads that answer HTTP and gRPC", panels=(_workloads(), _volume(), *_latencies())),
            Row(title="TCP", panels=(_stores(), *_bytes())),
        ),
    )


def _totals() -> tuple[Panel, ...]:
    coded = {code: promql.requests(f'{_SOURCE},response_code=~"{code}.."') for code in "45"}
    return (
        number(
            "Request volume",
            promql.requests(_SOURCE),
            unit="reqps",
            description="Requests a second between all workloads, the ingress gateway's included.",
        ),
        number(
            "Success rate",
            promql.success(_SOURCE),
            unit="percentunit",
            limits=HEALTHY,
            description="The share of requests that were not answered with a 5xx.",
        ),
        number(
            "4xx responses",
            f"{coded['4']} or vector(0)",
            unit="reqps",
            limits=FEW,
            description="Requests a second that were answered with a 4xx: the caller's fault.",
        ),
        number(
            "5xx responses",
            f"{coded['5']} or vector(0)",
            unit="reqps",
            limits=FEW,
            description="Requests a second that were answered with a 5xx: the callee's fault.",
        ),
    )


def _workloads() -> Panel:
    by = f"{_WORKLOAD}, destination_service"
    seconds = {"unit": "s", "decimals": 1}
    return table(
        "HTTP and gRPC workloads",
        {
            "requests": promql.of_workloads(promql.requests(_SOURCE, by)),
            "p50": promql.latency(0.5),
            "p90": promql.latency(0.9),
            "p99": promql.latency(0.99),
            "success": promql.of_workloads(promql.success(_SOURCE, _WORKLOAD)),
        },
        {
            "destination_workload_var": {"displayName": "Workload"},
            "Value #requests": {"displayName": "Requests", "unit": "reqps", "decimals": 1},
            "Value #p50": {"displayName": "p50", **seconds},
            "Value #p90": {"displayName": "p90", **seconds},
            "Value #p99": {"displayName": "p99", **seconds},
            "Value #success": {"displayName": "Success", "unit": "percentunit", "decimals": 1, **coloured(HEALTHY)},
        },
        hidden=("destination_workload", "destination_workload_namespace", "destination_service"),
        sort="Requests",
        description="Requests a second, latency and success of each workload that was called, as its callers saw it.",
    )


def _volume() -> Panel:
    return lines(
        "Requests by workload",
        Query(expr=promql.of_workloads(promql.requests(_SOURCE, _WORKLOAD)), legend=_NAME),
        unit="reqps",
        description="Requests a second to each workload, as its callers saw them.",
        width=24,
    )


def _latencies() -> tuple[Panel, ...]:
    latencies = (
        lines(
            f"p{round(100 * q)} latency by workload",
            Query(expr=promql.latency(q), legend=_NAME),
            unit="s",
            description=f"The time within which {round(100 * q)} of 100 requests to a workload were answered.",
        )
        for q in (0.5, 0.9, 0.99)
    )
    return (
        *latencies,
        lines(
            "gRPC statuses",
            Query(
                expr=promql.requests(f'{_SOURCE},request_protocol="grpc"', "grpc_response_status"),
                legend="status {{grpc_response_status}}",
            ),
            unit="reqps",
            description="Calls a second by their gRPC status: 0 is OK, 4 DEADLINE_EXCEEDED, 14 UNAVAILABLE. A call may "
            "fail and still be answered with HTTP's 200.",
        ),
    )


def _stores() -> Panel:
    by = "source_workload, destination_service"
    return table(
        "TCP by workload and destination",
        {
            "sent": promql.total("istio_tcp_sent_bytes_total", _SOURCE, by),
            "received": promql.total("istio_tcp_received_bytes_total", _SOURCE, by),
        },
        {
            "source_workload": {"displayName": "Workload"},
            "destination_service": {"displayName": "Destination"},
            "Value #sent": {"displayName": "Sent back", "unit": "Bps"},
            "Value #received": {"displayName": "Received", "unit": "Bps"},
        },
        sort="Received",
        description="Bytes a second on the TCP connections of each workload. Istio counts from the destination's side: "
        "*received* is what the workload sent there, *sent* what came back.",
    )


def _bytes() -> tuple[Panel, ...]:
    return tuple(
        lines(
            title,
            Query(expr=promql.total(metric, _SOURCE, "destination_service"), legend="{{destination_service}}"),
            unit="Bps",
            description=description,
        )
        for title, metric, description in (
            (
                "TCP received by destinations",
                "istio_tcp_received_bytes_total",
                "Bytes a second that the destinations of TCP connections got.",
            ),
            (
                "TCP sent by destinations",
                "istio_tcp_sent_bytes_total",
                "Bytes a second that the destinations of TCP connections sent back.",
            ),
        )
    )
