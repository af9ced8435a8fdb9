"""What one of Istio's time series tells: who called whom, and what became of it.

The labels are those of https://istio.io/latest/docs/reference/config/metrics/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

UNKNOWN = "unknown"

_SIDES = ("source", "destination")
_PARTY = ("cluster", "workload_namespace", "workload", "canonical_service", "canonical_revision")
PARTIES = tuple(f"{side}_{name}" for side in _SIDES for name in _PARTY)
"""The labels that tell which workloads are at both ends."""

SERVICE = ("destination_service_namespace", "destination_service", "destination_service_name")
"""The labels that tell which service was asked for."""

OUTCOME = ("response_code", "grpc_response_status", "response_flags")
"""The labels that tell what became of a request."""

SECURITY = ("connection_security_policy", "source_principal", "destination_principal")
"""The labels that tell how a connection was secured."""

_REQUIRED = frozenset((*PARTIES, *SERVICE)) - {"source_cluster", "destination_cluster"}
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(:\d+)?")


class Party(NamedTuple):
    """A workload at one end of a call; any of its names may be empty or `unknown`."""

    cluster: str
    namespace: str
    workload: str
    app: str
    version: str


class Service(NamedTuple):
    """The service that a call asked for."""

    namespace: str
    host: str
    name: str


@dataclass(frozen=True, slots=True)
class Series:
    """The labels of a series of one of Istio's metrics.

    `grpc_status` is None where the series has no such label.
    """

    reporter: str
    source: Party
    destination: Party
    service: Service
    protocol: str
    response_code: str = ""
    grpc_status: str | None = None
    flags: str = "-"
    policy: str = UNKNOWN
    source_principal: str = UNKNOWN
    destination_principal: str = UNKNOWN

    @classmethod
    def of(cls, labels: Mapping[str, str], protocol: str | None = None) -> "Series | None":
        """The series with these labels; None where Kiali leaves it out, too.

        It does when labels are missing, or tell what a pod that comes or goes reports: a namespace without a workload
        or an application, or a number address instead of a service (`graph/telemetry/istio/util/util.go`).

        Args:
            labels: names and values.
            protocol: where the metric says it, and no label does.
        """
        if not labels.keys() >= _REQUIRED:
            return None
        source, destination = (_party(labels, side) for side in _SIDES)
        service = Service(*(labels[name] for name in SERVICE))
        if _is_bad_source(source) or _is_bad_destination(destination, service):
            return None
        return cls(
            reporter=labels.get("reporter", ""),
            source=source,
            destination=_repaired(source, destination, service),
            service=service,
            protocol=protocol or labels.get("request_protocol", ""),
            response_code=labels.get("response_code", ""),
            grpc_status=labels.get("grpc_response_status"),
            flags=labels.get("response_flags", "-"),
            policy=labels.get("connection_security_policy", UNKNOWN),
            source_principal=labels.get("source_principal", UNKNOWN),
            destination_principal=labels.get("destination_principal", UNKNOWN),
        )

    @property
    def code(self) -> str:
        """The code that an edge shows: of HTTP if that failed, else the status of gRPC; `-` without an answer."""
        if self.response_code == "0" or not self.response_code:
            return "-"
        if self.protocol != "grpc" or self.grpc_status is None or self.response_code[:1] in ("4", "5"):
            return self.response_code
        return self.grpc_status

    @property
    def failed(self) -> bool:
        """Whether a request got 4xx, 5xx or no answer over HTTP, or any status but 0 over gRPC."""
        code = self.code
        if code == "-":
            return self.protocol != "tcp"
        # A failed transport gives gRPC a code of HTTP.
        if self.protocol == "http" or len(code) == 3:  # noqa: PLR2004 (digits)
            return code[0] in ("4", "5")
        return self.protocol == "grpc" and code != "0"

    @property
    def serviced(self) -> bool:
        """Whether the call reached a workload that is known."""
        return is_known(self.destination.workload) or is_known(self.destination.namespace)


def is_known(name: str) -> bool:
    """Whether a label has a value that says something."""
    return name not in ("", UNKNOWN)


def _party(labels: Mapping[str, str], side: str) -> Party:
    return Party(*(labels.get(f"{side}_{name}", UNKNOWN) for name in _PARTY))


def _is_bad_source(source: Party) -> bool:
    return is_known(source.namespace) and not is_known(source.workload) and not is_known(source.app)


def _is_bad_destination(destination: Party, service: Service) -> bool:
    nameless = not is_known(destination.workload) and service.host == service.name
    return nameless and _ADDRESS.fullmatch(service.name) is not None


def _repaired(source: Party, destination: Party, service: Service) -> Party:
    """The destination, in the cluster of the source where it does not say its own (istio/istio#29373)."""
    if not is_known(destination.cluster) and is_known(source.cluster) and is_known(service.namespace):
        return destination._replace(cluster=source.cluster)
    return destination
