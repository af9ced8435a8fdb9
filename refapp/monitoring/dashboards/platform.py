"""*Reference Platform*: the golden signals of the platform, its queue and its databases; derived from the topology."""

from refapp.mesh.identity import INGRESS
from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row
from refapp.monitoring.dashboards.panels import HEALTHY, SATURATION, bars, heat, lines, number
from refapp.monitoring.scraping import RABBITMQ
from refapp.topology import NAMESPACE, Topology, Workload

_EDGE = f'reporter="source",source_workload="{INGRESS}"'
_SOURCE = f'reporter="source",destination_service_namespace="{NAMESPACE}"'
_NAME = "{{destination_service_name}}"
_CONTAINERS = f'namespace="{NAMESPACE}",container!~"|POD"'
_BROKER = f'job="{RABBITMQ}"'
_TCP = 'reporter="source"'
_PAIR = "source_workload, destination_service_name"
_STORES = f'reporter="source",destination_service=~"mongodb.*",source_workload_namespace="{NAMESPACE}"'


def platform(topology: Topology) -> Dashboard:
    """The dashboard of a platform."""
    return Dashboard(
        uid="reference-platform",
        title="Reference Platform",
        description="How the platform does for its users, where it is slow or fails, and what waits in its queue.",
        rows=(
            Row(title="Golden signals at the ingress gateway", panels=_signals()),
            Row(title="Services", panels=_services()),
            Row(title="Queue", panels=_queue(topology)),
            Row(title="Databases", panels=_databases(topology)),
        ),
    )


def _signals() -> tuple[Panel, ...]:
    return (
        number(
            "Traffic",
            promql.requests(_EDGE),
            unit="reqps",
            description="Requests a second that came in through the ingress gateway.",
        ),
        number(
            "Success",
            f"1 - ({promql.failures(_EDGE)})",
            unit="percentunit",
            limits=HEALTHY,
            description="The share of those requests that did not fail, by HTTP or by gRPC.",
        ),
        number(
            "Latency, p99",
            promql.quantile(0.99, _EDGE),
            unit="ms",
            limits=((None, "green"), (500, "orange"), (1000, "red")),
            description="The time within which 99 of 100 requests were answered.",
        ),
        number(
            "Saturation",
            _saturation(),
            unit="percentunit",
            limits=SATURATION,
            description="How much of its memory limit the container uses that is closest to it.",
        ),
        lines(
            "Requests by response code",
            Query(expr=promql.requests(_EDGE, "response_code"), legend="{{response_code}}"),
            unit="reqps",
            description="Requests a second at the gateway by their HTTP status.",
        ),
        lines(
            "Latency",
            {
                f"p{round(100 * q)}": Query(expr=promql.quantile(q, _EDGE), legend=f"p{round(100 * q)}")
                for q in (0.5, 0.9, 0.99)
            },
            unit="ms",
            description="The time within which 50, 90 and 99 of 100 requests were answered.",
        ),
        heat(
            "Latencies at the gateway",
            promql.total("istio_request_duration_milliseconds_bucket", _EDGE, "le"),
            unit="ms",
            description="How many requests a second took how long: a row for each bucket of Istio's histogram.",
        ),
    )


def _saturation() -> str:
    limit = f"(container_spec_memory_limit_bytes{{{_CONTAINERS}}} > 0)"
    return f"max(container_memory_working_set_bytes{{{_CONTAINERS}}} / {limit})"


def _services() -> tuple[Panel, ...]:
    return (
        lines(
            "Requests by service",
            Query(expr=promql.requests(_SOURCE, "destination_service_name"), legend=_NAME),
            unit="reqps",
            description="Calls a second to each service.",
        ),
        lines(
            "Failures by service",
            Query(expr=promql.failures(_SOURCE, "destination_service_name"), legend=_NAME),
            unit="percentunit",
            calculations=("lastNotNull", "max"),
            description="The share of calls that fail, by HTTP or by gRPC. Who calls a service that fails, fails too: "
            "look for the one farthest down the chain.",
        ),
        lines(
            "p99 by service",
            Query(expr=promql.quantile(0.99, _SOURCE, "destination_service_name"), legend=_NAME),
            unit="ms",
            description="The time within which 99 of 100 calls were answered; it holds that of the calls below.",
        ),
        bars(
            "p50 by service",
            Query(expr=promql.quantile(0.5, _SOURCE, "destination_service_name"), legend=_NAME),
            unit="ms",
            description="The time within which half of the calls were answered.",
        ),
    )


def _queue(topology: Topology) -> tuple[Panel, ...]:
    depth = "sum by (queue) (rabbitmq_queue_messages{0}{{{1}}})"
    consumers = [workload for workload in topology if workload.consumes]
    return (
        number(
            "Messages in the queues",
            f"sum(rabbitmq_queue_messages{{{_BROKER}}})",
            unit="short",
            limits=((None, "green"), (100, "orange"), (1000, "red")),
            description="Messages that wait for a consumer or for its acknowledgement.",
        ),
        number(
            "Consumers",
            f"sum(rabbitmq_queue_consumers{{{_BROKER}}})",
            unit="none",
            limits=((None, "red"), (1, "green")),
            description="Who takes messages from the queues; without any they only grow.",
        ),
        number(
            "Published",
            f"sum({promql.rate('rabbitmq_channel_messages_published_total', _BROKER)})",
            unit="mps",
            description="Messages a second that were published.",
        ),
        number(
            "Acknowledged",
            f"sum({promql.rate('rabbitmq_channel_messages_acked_total', _BROKER)})",
            unit="mps",
            description="Messages a second that a consumer has said it is done with.",
        ),
        lines(
            "Queue depth",
            {
                "ready": Query(expr=depth.format("_ready", _BROKER), legend="{{queue}} ready"),
                "unacked": Query(expr=depth.format("_unacked", _BROKER), legend="{{queue}} unacknowledged"),
            },
            unit="short",
            description="Messages that wait, and those that a consumer has and has not acknowledged.",
        ),
        lines(
            "Messages published and acknowledged",
            {
                "published": Query(
                    expr=f"sum({promql.rate('rabbitmq_channel_messages_published_total', _BROKER)})", legend="published"
                ),
                "acknowledged": Query(
                    expr=f"sum({promql.rate('rabbitmq_channel_messages_acked_total', _BROKER)})", legend="acknowledged"
                ),
            },
            unit="mps",
            description="Where the two part, the queue grows or shrinks.",
        ),
        *(_egress(workload) for workload in consumers),
    )


def _egress(workload: Workload) -> Panel:
    selector = f'reporter="source",source_workload="{workload.name}"'
    return lines(
        f"TCP egress of {workload.title}",
        {
            what: Query(
                expr=promql.total(f"istio_tcp_{what}_bytes_total", selector, "destination_service_name"),
                legend=f"{{{{destination_service_name}}}} {what}",
            )
            for what in ("sent", "received")
        },
        unit="Bps",
        width=24,
        description=f"{workload.title} takes messages from the queue and writes them into its database: a steady "
        "stream of bytes, though nobody calls it.",
    )


def _databases(topology: Topology) -> tuple[Panel, ...]:
    writers = "|".join(workload.name for workload in topology if workload.database)
    selector = f'{_STORES},source_workload=~"{writers}"'
    return (
        lines(
            "Bytes to the databases",
            Query(
                expr=promql.total("istio_tcp_received_bytes_total", selector, "source_workload"),
                legend="{{source_workload}}",
            ),
            unit="Bps",
            description="Bytes a second that each service sends to its database.",
        ),
        lines(
            "Bytes from the databases",
            Query(
                expr=promql.total("istio_tcp_sent_bytes_total", selector, "source_workload"),
                legend="{{source_workload}}",
            ),
            unit="Bps",
            description="Bytes a second that come back.",
        ),
        *(
            lines(
                f"Connections {what}",
                Query(
                    expr=promql.total(f"istio_tcp_connections_{what}_total", _TCP, _PAIR),
                    legend="{{source_workload}} to {{destination_service_name}}",
                ),
                unit="cps",
                description=f"Connections a second to databases and queue that were {what}; {more}.",
            )
            for what, more in (
                ("opened", "few, as long as the services keep theirs"),
                ("closed", "those that never came about are among them"),
            )
        ),
    )
