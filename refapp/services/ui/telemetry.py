"""The questions that the graph asks of Prometheus: fixed PromQL over Istio's standard metrics.

Source of metrics and labels: https://istio.io/latest/docs/reference/config/metrics/. Which reports are asked for is
Kiali's rule (`graph/telemetry/istio/istio.go`): what sidecars in the namespace report as destinations, what they report
as sources, and what those elsewhere report of calls to services here.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from refapp.services.ui.backend import Backend, Said, shown

UNKNOWN = "unknown"

_ENDS = (
    "reporter",
    "source_workload",
    "source_workload_namespace",
    "destination_workload",
    "destination_workload_namespace",
    "destination_service",
    "destination_service_name",
    "destination_service_namespace",
)
_OUTCOME = ("request_protocol", "response_code", "grpc_response_status", "response_flags", "connection_security_policy")
_CONNECTION = ("response_flags", "connection_security_policy")


class Sample(NamedTuple):
    """The labels of a series and its value, which is finite."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Telemetry:
    """Requests a second, bytes a second of TCP connections, and 95th percentiles of response times in milliseconds."""

    requests: tuple[Sample, ...] = ()
    tcp: tuple[Sample, ...] = ()
    p95: tuple[Sample, ...] = ()


def expressions(namespace: str, window: int) -> tuple[str, str, str]:
    """The PromQL of the three parts of `Telemetry`, over the last `window` seconds."""
    p95 = _rates("istio_request_duration_milliseconds_bucket", ("request_protocol", "le"), namespace, window)
    return (
        _rates("istio_requests_total", _OUTCOME, namespace, window),
        _rates("istio_tcp_sent_bytes_total", _CONNECTION, namespace, window),
        f"histogram_quantile(0.95, {p95})",
    )


async def ask(prometheus: Backend, namespace: str, window: int) -> Telemetry:
    """What was measured in the last `window` seconds.

    Raises:
        AnswerError: as for `Backend.ask`; 502 also when Prometheus answers an error, or nothing that it ought to.
    """
    now = f"{time.time():.3f}"
    questions = (
        prometheus.ask("/api/v1/query", query=expression, time=now) for expression in expressions(namespace, window)
    )
    requests, tcp, p95 = (_samples(prometheus, said) for said in await asyncio.gather(*questions))
    return Telemetry(requests, tcp, p95)


def _rates(metric: str, by: tuple[str, ...], namespace: str, window: int) -> str:
    selectors = (
        f'reporter="destination",destination_workload_namespace="{namespace}"',
        f'reporter="source",source_workload_namespace="{namespace}"',
        f'reporter="source",source_workload_namespace!="{namespace}",destination_service_namespace="{namespace}"',
    )
    labels = ",".join((*_ENDS, *by))
    return " or ".join(f"sum by ({labels}) (rate({metric}{{{selector}}}[{window}s]))" for selector in selectors)


def _samples(prometheus: Backend, said: Said) -> tuple[Sample, ...]:
    if said.status != HTTPStatus.OK:
        raise prometheus.failed(f"answered {said.status}: {_complaint(said)}")
    try:
        return tuple(_vector(said.value))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        beginning = shown(said.body.decode("utf-8", "replace"))
        raise prometheus.failed(f"answered something unexpected: {beginning}") from None


def _vector(value: Any) -> Iterator[Sample]:
    """The samples of an instant vector (https://prometheus.io/docs/prometheus/latest/querying/api/)."""
    if value["status"] != "success" or value["data"]["resultType"] != "vector":
        raise ValueError
    for series in value["data"]["result"]:
        _, text = series["value"]
        number = float(text)
        labels = {str(name): str(label) for name, label in series["metric"].items()}
        if math.isfinite(number):
            yield Sample(labels, number)


def _complaint(said: Said) -> str:
    error = said.value.get("error") if isinstance(said.value, dict) else None
    return shown(error if isinstance(error, str) else said.body.decode("utf-8", "replace"))
