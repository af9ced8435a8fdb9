"""ListMetrics: which metrics there are.

Source: ListMetrics in the CloudWatch API reference.
"""

from collections.abc import Mapping
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import InvalidParameterValue
from refapp.backends.cloudwatch.metrics.pages import page
from refapp.backends.cloudwatch.metrics.periods import HOUR
from refapp.backends.cloudwatch.metrics.store import MetricStore

PAGE: Final = 500
"""How many metrics a page has."""

_RECENTLY = 3 * HOUR  # PT3H, the one value of RecentlyActive


def list_metrics(store: MetricStore, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The metrics that a request asks for, each once, in the order of their names.

    Raises:
        InvalidParameterValue: it asks for those of other accounts.
        InvalidNextToken: its token belongs to another request.
    """
    for name in ("IncludeLinkedAccounts", "OwningAccount"):
        if request.get(name):
            raise InvalidParameterValue(f"The parameter {name} is not supported here: there is one account.")
    recent = store.metrics(now - _RECENTLY if request.get("RecentlyActive") else None)
    metrics, more = page([metric for metric in recent if _is_meant(metric, request)], request, PAGE)
    return {"Metrics": [as_member(metric) for metric in metrics], **more}


def as_member(metric: Metric) -> dict[str, Any]:
    """A metric as the API writes it."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def from_member(member: Mapping[str, Any]) -> Metric:
    """The metric that is meant by `Namespace`, `MetricName` and `Dimensions` of a request."""
    dimensions = [(item["Name"], item["Value"]) for item in member.get("Dimensions") or []]
    return Metric.of(member["Namespace"], member["MetricName"], dimensions)


def _is_meant(metric: Metric, request: Mapping[str, Any]) -> bool:
    if request.get("Namespace") not in (None, metric.namespace) or request.get("MetricName") not in (None, metric.name):
        return False
    dimensions = dict(metric.dimensions)
    return all(
        item["Name"] in dimensions and item.get("Value") in (None, dimensions[item["Name"]])
        for item in request.get("Dimensions") or []
    )
