"""How one workload calls another: timeout, retries and injected faults, in a file that may change at any time."""

from dataclasses import dataclass

from refapp.mesh.envoy.http import FAULT, FAULT_FILTER, route_configuration
from refapp.mesh.envoy.resources import Resource, extension, type_url
from refapp.mesh.identity import host

TIMEOUT = "15s"
"""The time a call may take; longer than the services' own deadline, which is to be what ends a slow call."""

RETRIES: Resource = {
    # These tell that no application saw the request. A greeting writes to databases: it must not be repeated else.
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    "host_selection_retry_max_attempts": 3,
    "retry_host_predicate": [
        extension(
            "envoy.retry_host_predicates.previous_hosts",
            "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
        )
    ],
}
"""When a call is repeated, at most twice and at another replica where there is one."""

_ROUTE_CONFIGURATION = type_url("envoy.config.route.v3.RouteConfiguration")


class FaultError(ValueError):
    """A fault that cannot be injected."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What befalls a share of the calls on a route.

    `delay` is in seconds; `http_status` or `grpc_status` is what the caller gets instead of an answer;
    `percentage` is the share of the calls, of 100.

    Raises:
        FaultError: nothing or two ways to abort are asked for, or a number is out of its range.
    """

    delay: float = 0.0
    http_status: int | None = None
    grpc_status: int | None = None
    percentage: float = 100.0

    def __post_init__(self) -> None:
        if self.http_status is not None and self.grpc_status is not None:
            raise FaultError("a call is aborted with an HTTP status or a gRPC status, not with both")
        if not (self.delay or self.http_status is not None or self.grpc_status is not None):
            raise FaultError("a fault needs a delay, an HTTP status or a gRPC status")
        for name, value, low, high in (
            ("delay", self.delay, 0, float("inf")),
            ("percentage", self.percentage, 0, 100),
            ("HTTP status", self.http_status, 200, 599),
            ("gRPC status", self.grpc_status, 0, 16),
        ):
            if value is not None and not low <= value <= high:
                raise FaultError(f"the {name} of a fault is between {low} and {high}, not {value}")

    def resource(self) -> Resource:
        """The fault as the configuration of Envoy's filter."""
        share = {"percentage": {"numerator": round(self.percentage * 10_000), "denominator": "MILLION"}}
        config = dict(FAULT_FILTER["typed_config"])
        if self.delay:
            config["delay"] = {"fixed_delay": f"{self.delay:.6f}s", **share}
        if self.http_status is not None:
            config["abort"] = {"http_status": self.http_status, **share}
        if self.grpc_status is not None:
            config["abort"] = {"grpc_status": self.grpc_status, **share}
        return config


def call(callee: str, *, match: Resource | None = None, fault: Fault | None = None) -> Resource:
    """The route of the calls to a workload."""
    return {
        "name": callee,
        "match": match or {"prefix": "/"},
        "decorator": {"operation": f"{host(callee)}/*"},
        "route": {"cluster": cluster_name(callee), "timeout": TIMEOUT, "retry_policy": RETRIES},
        **({"typed_per_filter_config": {FAULT: fault.resource()}} if fault else {}),
    }


def calls(callee: str, fault: Fault | None = None) -> Resource:
    """The routes of a caller's listener for one callee."""
    return {"@type": _ROUTE_CONFIGURATION, **route_configuration(callee, call(callee, fault=fault))}


def cluster_name(service: str) -> str:
    """The name of the cluster by which a service is called."""
    return f"outbound|{host(service)}"
