"""The golden signals of each workload: how many calls, how many fail, how long they take.

Calls are counted where they come from (`reporter="source"`): a workload that cannot be reached counts nothing itself.
What the caller did not reach has no `destination_workload`, so workloads are told by the service they are called by.

The signals are those of https://sre.google/sre-book/monitoring-distributed-systems/; their fourth, saturation, is among
the rules of `resources`.
"""

from typing import Final

from refapp.monitoring.rules.groups import Alert, Group, Recording, Severity
from refapp.monitoring.rules.thresholds import Thresholds
from refapp.monitoring.scraping import PODS
from refapp.monitoring.timing import MINUTE, Timing
from refapp.topology import NAMESPACE, Topology

REQUESTS: Final = "service:istio_requests:rate5m"
"""Calls to a service, a second."""

ERRORS: Final = "service:istio_errors:ratio_rate5m"
"""The share of the calls to a service that fail."""

LATENCY: Final = "service:istio_request_duration_milliseconds:p99_rate5m"
"""The time within which 99 of 100 calls to a service are answered, in milliseconds."""

# UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: those that google/rpc/code.proto maps to
# an HTTP status from 500 on, so that a call is judged alike on either side of the gateway.
_FAILED = 'response_code=~"5.."'
_FAILED_GRPC = 'response_code!~"5..",grpc_response_status=~"2|4|12|13|14|15"'
_SERVICE = "destination_service_namespace, destination_service_name"
_LABELS = {
    "namespace": "{{ $labels.destination_service_namespace }}",
    "workload": "{{ $labels.destination_service_name }}",
}


def failed(selector: str, window: str) -> str:
    """The rates of the calls that failed, each series of `istio_requests_total` apart; `selector` has its labels."""
    return (
        f"rate(istio_requests_total{{{selector},{_FAILED}}}[{window}])"
        f" or rate(istio_requests_total{{{selector},{_FAILED_GRPC}}}[{window}])"
    )


def group(topology: Topology, timing: Timing, thresholds: Thresholds) -> Group:
    """What is recorded of each workload's traffic, and the alerts on it.

    A name such as `rate5m` tells the window before it is scaled, so that a query is the same on each target.
    """
    return Group(
        name="traffic",
        rules=(*_recordings(timing.window(5 * MINUTE)), *_alerts(topology, timing, thresholds)),
    )


def _recordings(window: str) -> tuple[Recording, ...]:
    source = 'reporter="source"'
    buckets = f"rate(istio_request_duration_milliseconds_bucket{{{source}}}[{window}])"
    return (
        Recording(record=REQUESTS, expr=f"sum by ({_SERVICE}) (rate(istio_requests_total{{{source}}}[{window}]))"),
        Recording(
            record=ERRORS,
            expr=f"(sum by ({_SERVICE}) ({failed(source, window)}) or {REQUESTS} * 0) / ({REQUESTS} > 0)",
        ),
        Recording(record=LATENCY, expr=f"histogram_quantile(0.99, sum by (le, {_SERVICE}) ({buckets}))"),
    )


def _alerts(topology: Topology, timing: Timing, thresholds: Thresholds) -> tuple[Alert, ...]:
    lasting = timing.lasting(2 * MINUTE)
    return (
        Alert(
            name="WorkloadErrors",
            expr=f"{ERRORS} > {thresholds.errors:g}",
            lasting=lasting,
            severity=Severity.CRITICAL,
            labels=_LABELS,
            summary="Calls to {{ $labels.destination_service_name }} fail",
            description=(
                "{{ $value | humanizePercentage }} of the calls to {{ $labels.destination_service_name }} fail, for "
                f"more than {lasting}; up to {thresholds.errors:.0%} are accepted."
            ),
            value="{{ $value | humanizePercentage }}",
            runbook=(
                "Find a failed trace and look at its deepest failed span: that workload's log says why. Response flags "
                "of istio_requests_total tell whether it was reached at all."
            ),
        ),
        Alert(
            name="WorkloadSlow",
            expr=f"{LATENCY} > {thresholds.latency:g}",
            lasting=lasting,
            severity=Severity.WARNING,
            labels=_LABELS,
            summary="{{ $labels.destination_service_name }} answers slowly",
            description=(
                "One of 100 calls to {{ $labels.destination_service_name }} takes longer than "
                '{{ $value | printf "%.0f" }} ms, for more than '
                f"{lasting}; {thresholds.latency:g} ms are accepted."
            ),
            value='{{ $value | printf "%.0f" }} ms',
            runbook=(
                "Compare a slow trace with a fast one. A workload is slow by itself only if its own span is longer "
                "than those of the workloads it calls."
            ),
        ),
        _silent(topology, timing),
    )


def _silent(topology: Topology, timing: Timing) -> Alert:
    """No call to a workload that each request to the edge ought to reach."""
    called = "|".join((topology.gateway.name, *topology.answer))
    edge = f'{REQUESTS}{{destination_service_name="{topology.gateway.name}"}}'
    known = f'count by (namespace, app) (up{{job="{PODS}",namespace="{NAMESPACE}",app=~"{called}"}})'
    reached = f'label_replace({REQUESTS} > 0, "app", "$1", "destination_service_name", "(.+)")'
    lasting = timing.lasting(2 * MINUTE)
    return Alert(
        name="WorkloadWithoutTraffic",
        expr=f"({known} unless on (app) {reached}) and on () ({edge} > 0)",
        lasting=lasting,
        severity=Severity.WARNING,
        labels={"workload": "{{ $labels.app }}"},
        summary="Nobody calls {{ $labels.app }}",
        description=(
            f"Requests come in at the edge, but none has reached {{{{ $labels.app }}}} for more than {lasting}. "
            "It has {{ $value }} pod(s)."
        ),
        value="0 calls/s",
        runbook="Look for the workload before it in the chain that fails, or is not called itself.",
    )
