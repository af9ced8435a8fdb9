"""How well a part of the mesh does, by the thresholds that Kiali has when nobody configures others.

The tolerances are those of `AddHealthDefault` in Kiali's `config/config.go`, also described at
https://kiali.io/docs/configuration/health/; how they are applied is told by `frontend/src/types/Health.ts` and
`frontend/src/types/ErrorRate` of the same repository, and how both sides' reports of a request are put together by
`models/health.go`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from refapp.query.mesh.series import Series

Requests = Mapping[str, Mapping[str, float]]
"""Requests a second by protocol and code: that of HTTP, the status of gRPC, or `-` where there was no answer."""

Direction = Literal["inbound", "outbound"]

NO_RESPONSE = "-"


class Status(StrEnum):
    """How well something does, from what is not known to what is worst."""

    NA = "No health information"
    HEALTHY = "Healthy"
    NOT_READY = "Not Ready"
    DEGRADED = "Degraded"
    FAILURE = "Failure"


_PRIORITY = {status: place for place, status in enumerate(Status)}


@dataclass(frozen=True)
class Tolerance:
    """From which percentage of requests with such codes on something is degraded, or fails."""

    protocol: str
    code: str
    degraded: float
    failure: float

    def covers(self, protocol: str) -> bool:
        """Whether the tolerance is about this protocol."""
        return re.fullmatch(self.protocol, protocol) is not None

    def counts(self, code: str) -> bool:
        """Whether a request with this code counts against it."""
        return re.fullmatch(self.code, code) is not None

    def check(self, percent: float) -> Status:
        """What a percentage means; none at all is always healthy."""
        if percent <= 0 or percent < self.degraded:
            return Status.HEALTHY
        return Status.FAILURE if percent >= self.failure else Status.DEGRADED


TOLERANCES = (
    Tolerance("http", r"5\d\d", degraded=0, failure=10),
    Tolerance("http", r"4\d\d", degraded=10, failure=20),
    Tolerance("grpc", r"[1-9]|1[0-6]", degraded=0, failure=10),
    Tolerance("http|grpc", NO_RESPONSE, degraded=0, failure=10),
)
"""What Kiali tolerates by default."""


@dataclass(frozen=True)
class Health:
    """A status, and what it is due to where it is not healthy."""

    status: Status = Status.NA
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestRates:
    """The requests to and from a part of the mesh."""

    inbound: Requests = field(default_factory=dict)
    outbound: Requests = field(default_factory=dict)


@dataclass(frozen=True)
class Replicas:
    """How many pods a workload is to have, has, and has ready; `synced` of their proxies know the mesh, -1: unknown."""

    desired: int
    current: int
    available: int
    synced: int = -1

    @property
    def status(self) -> Status:
        """What the numbers mean; a workload that is to have no pods is not ready."""
        if self.desired == 0:
            return Status.NOT_READY
        if self.available == 0:
            return Status.FAILURE
        if self.current > 0 and (self.current < self.desired or self.available < self.desired):
            return Status.DEGRADED
        if self.desired == self.available != self.current:
            return Status.FAILURE
        if 0 <= self.synced < self.desired:
            return Status.DEGRADED
        return Status.HEALTHY if self.desired == self.current == self.available else Status.DEGRADED


def worst(statuses: Iterable[Status]) -> Status:
    """The most severe of some statuses; not known when there are none."""
    return max(statuses, key=_PRIORITY.__getitem__, default=Status.NA)


def traffic_health(requests: Requests, label: str = "") -> Health:
    """The health of requests, as a share of those of the same protocol; not known where there are none."""
    found: list[tuple[Status, str]] = []
    for tolerance in TOLERANCES:
        for protocol, codes in requests.items():
            total = sum(codes.values())
            if not tolerance.covers(protocol) or total <= 0:
                continue
            percent = 100 * sum(rate for code, rate in codes.items() if tolerance.counts(code)) / total
            status = tolerance.check(percent)
            what = " ".join(filter(None, (label, protocol)))
            codes_text = ", ".join(sorted(code for code in codes if tolerance.counts(code)))
            found.append((status, f"{what}: {percent:.3g} % with code {codes_text}"))
    status = worst(status for status, _ in found)
    bad = _PRIORITY[status] > _PRIORITY[Status.HEALTHY]
    return Health(status, tuple(text for found_status, text in found if bad and found_status is status))


def edge_health(protocol: str, responses: Mapping[str, float]) -> Health:
    """The health of the traffic on an edge: without a tolerance for its protocol, as for TCP, it is healthy."""
    health = traffic_health({protocol: responses})
    traffic = any(rate > 0 for rate in responses.values())
    return Health(Status.HEALTHY) if health.status is Status.NA and traffic else health


def node_health(requests: RequestRates, replicas: Replicas | None = None, *, service: bool = False) -> Health:
    """The health of a node: the worst of its pods, inbound and outbound requests; a service has inbound ones only."""
    parts = [traffic_health(requests.inbound, "inbound")]
    if not service:
        parts.append(traffic_health(requests.outbound, "outbound"))
    if replicas is not None and not service:
        text = f"{replicas.available} of {replicas.desired} pods are ready"
        status = replicas.status
        parts.append(Health(status, () if status is Status.HEALTHY else (text,)))
    status = worst(part.status for part in parts)
    return Health(status, tuple(text for part in parts if part.status is status for text in part.reasons))


class RequestTally:
    """Adds up what sidecars report of the requests to and from one part of the mesh.

    What both sides report of inbound requests counts once, by the higher of the two; outbound requests are taken from
    the caller's side alone.
    """

    def __init__(self) -> None:
        self._rates: dict[tuple[Direction, str], dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))

    def add(self, direction: Direction, series: Series, rate: float) -> None:
        """Count the rate of a series, in requests a second."""
        self._rates[direction, series.reporter][series.protocol, status_code(series)] += rate

    @property
    def rates(self) -> RequestRates:
        """The requests so far."""
        inbound = dict(self._rates["inbound", "source"])
        for key, rate in self._rates["inbound", "destination"].items():
            inbound[key] = max(rate, inbound.get(key, 0.0))
        return RequestRates(_by_protocol(inbound), _by_protocol(self._rates["outbound", "source"]))


def status_code(series: Series) -> str:
    """The code by which health judges a request: the status of gRPC where it is told, else that of HTTP."""
    if series.response_code == "0":
        return NO_RESPONSE
    if series.protocol == "grpc" and series.grpc_status is not None:
        return series.grpc_status
    return series.response_code


def _by_protocol(rates: Mapping[tuple[str, str], float]) -> Requests:
    found: dict[str, dict[str, float]] = {}
    for (protocol, code), rate in rates.items():
        found.setdefault(protocol, {})[code] = rate
    return found
