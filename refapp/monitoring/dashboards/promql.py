"""The expressions that the dashboards have in common.

A selector is what stands between the braces; Istio's metrics and their labels are those of
https://istio.io/latest/docs/reference/config/metrics/.
"""

from typing import Final

from refapp.monitoring.rules import traffic

WINDOW: Final = "$__rate_interval"
"""The window of every rate: Grafana makes it four scrapes long, or longer if the steps are."""

NOT_5XX: Final = 'response_code!~"5.."'


def rate(metric: str, selector: str = "") -> str:
    """How fast a counter grows, a second, each series apart."""
    return f"rate({metric}{{{selector}}}[{WINDOW}])"


def total(metric: str, selector: str = "", by: str = "") -> str:
    """How fast a counter grows, a second, summed by labels."""
    return f"sum{_by(by)}({rate(metric, selector)})"


def requests(selector: str = "", by: str = "") -> str:
    """Requests a second."""
    return total("istio_requests_total", selector, by)


def success(selector: str, by: str = "") -> str:
    """The share of requests that are not answered with a 5xx, which is how Istio's dashboards count success."""
    joined = ",".join(filter(None, (selector, NOT_5XX)))
    return f"{requests(joined, by)} / {requests(selector, by)}"


def failures(selector: str, by: str = "") -> str:
    """The share of calls that fail: answered with a 5xx, or with a status of gRPC that stands for one.

    Nothing failed where nothing is said of failures.
    """
    failed = f"sum{_by(by)}({traffic.failed(selector, WINDOW)})"
    return f"({failed} or {requests(selector, by)} * 0) / ({requests(selector, by)} > 0)"


def quantile(q: float, selector: str, by: str = "", metric: str = "istio_request_duration_milliseconds") -> str:
    """A quantile of a histogram: the milliseconds, or bytes, that so large a share of requests does not exceed."""
    labels = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({q:g}, {total(f'{metric}_bucket', selector, labels)})"


def latency(q: float, selector: str = 'reporter="source"') -> str:
    """A quantile of the latency of each workload in seconds, named `workload.namespace`, as in Istio's mesh dashboard.

    Istio has measured in milliseconds since 1.5 and in seconds before; the expression takes either.
    """
    by = "destination_workload, destination_workload_namespace"
    now = f"{quantile(q, selector, by)} / 1000"
    before = quantile(q, selector, by, "istio_request_duration_seconds")
    return _joined(f"({now}) or {before}")


def of_workloads(expr: str) -> str:
    """The expression with a label that names each workload: `destination_workload_var`."""
    return _joined(expr)


def _joined(expr: str) -> str:
    labels = '"destination_workload_var", ".", "destination_workload", "destination_workload_namespace"'
    return f"label_join({expr}, {labels})"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
