"""*Istio Service*: a service as its callers see it, and as the workloads behind it do."""

from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Dashboard, Panel, Query, Row, Variable
from refapp.monitoring.dashboards.panels import HEALTHY, lines, number
from refapp.monitoring.dashboards.traffic import Direction
from refapp.topology import NAMESPACE, Topology

_SERVICE = 'destination_service=~"$service"'
_CALLERS = f'reporter="source",{_SERVICE},source_workload=~"$client",source_workload_namespace=~"$namespace"'
_CALLEES = f'reporter="destination",{_SERVICE},destination_workload=~"$workload"'


def service(topology: Topology) -> Dashboard:
    """The dashboard; at first it shows the service behind the ingress gateway."""
    callers = Direction("Incoming", "client", "source_workload", "{{source_workload}}", _CALLERS, _CALLERS)
    served = "{{destination_workload}}"
    callees = Direction("Served", "workload", "destination_workload", served, _CALLEES, _CALLEES, secured=True)
    return Dashboard(
        uid="istio-service",
        title="Istio Service",
        description="A service as its clients see it, and as the workloads behind it do; between them is the network.",
        tags=("refapp", "istio"),
        variables=_variables(f"{topology.gateway.name}.{NAMESPACE}.svc.cluster.local"),
        rows=(
            Row(title="Service: $service", panels=(*_side("Client", _CALLERS), *_side("Server", _CALLEES))),
            Row(title="Client workloads", panels=callers.panels()),
            Row(title="Service workloads", panels=callees.panels()),
        ),
    )


def _variables(first: str) -> tuple[Variable, ...]:
    requests = "istio_requests_total"
    return (
        Variable(
            name="service",
            label="Service",
            chosen=first,
            query='label_values({__name__=~"istio_requests_total|istio_tcp_sent_bytes_total"}, destination_service)',
            everything=True,
            many=True,
        ),
        Variable(
            name="namespace",
            label="Client namespace",
            query=f"label_values({requests}{{{_SERVICE}}}, source_workload_namespace)",
            everything=True,
            many=True,
        ),
        Variable(
            name="client",
            label="Client workload",
            query='label_values({__name__=~"istio_requests_total|istio_tcp_sent_bytes_total",'
            f'{_SERVICE},source_workload_namespace=~"$namespace"}}, source_workload)',
            everything=True,
            many=True,
        ),
        Variable(
            name="workload",
            label="Service workload",
            query=f"label_values({requests}{{{_SERVICE}}}, destination_workload)",
            everything=True,
            many=True,
        ),
    )


def _side(side: str, selector: str) -> tuple[Panel, ...]:
    seen = "as its clients count" if side == "Client" else "as its own sidecars count"
    return (
        number(
            f"{side} request volume",
            promql.requests(selector),
            unit="reqps",
            description=f"Requests a second to the service, {seen}.",
        ),
        number(
            f"{side} success rate (not 5xx)",
            promql.success(selector),
            unit="percentunit",
            limits=HEALTHY,
            description=f"The share of requests that were not answered with a 5xx, {seen}.",
        ),
        lines(
            f"{side} request duration",
            {
                f"p{round(100 * q)}": Query(expr=promql.quantile(q, selector), legend=f"p{round(100 * q)}")
                for q in (0.5, 0.9, 0.99)
            },
            unit="ms",
            height=6,
            description=f"The time within which 50, 90 and 99 of 100 requests were answered, {seen}.",
        ),
    )
