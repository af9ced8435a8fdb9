"""What is told of edges besides their traffic: response times, throughput and mutual TLS.

As Kiali's appenders in `graph/telemetry/istio/appender` do: response times are those that the callee's sidecar
measured, or the caller's where it did not; throughput of requests is the caller's to tell, that of responses the
callee's; how a connection was secured only the callee tells. The first two belong to the last hop of a call, from the
service to what answers, as those of different workloads cannot be put together.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from refapp.query.mesh.graph import ResponseTimes
from refapp.query.mesh.nodes import Hop, Nodes
from refapp.query.mesh.quantiles import quantile
from refapp.query.mesh.telemetry import Question, Sample, Telemetry

_Key = tuple[str, str, str]  # source, target and protocol of an edge
_MUTUAL_TLS = "mutual_tls"
_REPORTERS = ("destination", "source")  # in the order in which their response times are preferred


class Security(NamedTuple):
    """The share of traffic that mutual TLS secured, None where nobody tells, and who was at both ends."""

    share: float | None = None
    source: str = ""
    destination: str = ""


@dataclass
class Policies:
    """The rates of an edge's requests with mutual TLS and without it, and the identities at its ends."""

    rates: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    source: str = ""
    destination: str = ""


@dataclass(frozen=True)
class Details:
    """What is told of the edges of a graph."""

    _buckets: Mapping[tuple[str, _Key], Mapping[float, float]]
    _durations: Mapping[tuple[str, _Key], float]
    _bodies: Mapping[_Key, float]
    _policies: Mapping[Hop, Policies]

    @classmethod
    def of(cls, nodes: Nodes, telemetry: Telemetry, question: Question) -> "Details":
        """The details of the edges between nodes."""
        buckets: dict[tuple[str, _Key], dict[float, float]] = defaultdict(lambda: defaultdict(float))
        durations: dict[tuple[str, _Key], float] = defaultdict(float)
        bodies: dict[_Key, float] = defaultdict(float)
        for sample in _inside(telemetry.buckets, question):
            buckets[sample.series.reporter, _last(nodes, sample)][sample.bound] += sample.value
        for sample in _inside(telemetry.duration, question):
            durations[sample.series.reporter, _last(nodes, sample)] += sample.value
        for sample in _inside(telemetry.bodies, question):
            teller = "source" if "_request_" in sample.metric else "destination"
            if sample.series.reporter == teller:
                bodies[_last(nodes, sample)] += sample.value
        policies = _policies(nodes, (*telemetry.requests, *telemetry.tcp))
        return cls(buckets, durations, bodies, policies)

    def times(self, edge: _Key) -> ResponseTimes:
        """The response times of an edge."""
        for reporter in _REPORTERS:
            counted = self._buckets.get((reporter, edge), {})
            number = counted.get(math.inf, 0.0)
            if number > 0:
                average = self._durations.get((reporter, edge))
                return ResponseTimes(
                    None if average is None else average / number,
                    *(quantile(share, counted) for share in (0.5, 0.95, 0.99)),
                )
        return ResponseTimes()

    def throughput(self, edge: _Key) -> float | None:
        """The bytes of bodies a second on an edge."""
        rate = self._bodies.get(edge, 0.0)
        return rate if rate > 0 else None

    def security(self, hop: Hop) -> Security:
        """How the traffic between two nodes was secured; no share where none of it is known to be."""
        if (policies := self._policies.get(hop)) is None:
            return Security()
        total = sum(policies.rates.values())
        share = policies.rates[True] / total if total > 0 else None
        return Security(share, policies.source, policies.destination)


def _policies(nodes: Nodes, samples: Iterable[Sample]) -> dict[Hop, Policies]:
    found: dict[Hop, Policies] = defaultdict(Policies)
    for sample in samples:
        series = sample.series
        if series.reporter != "destination" or sample.value <= 0:
            continue
        for hop in nodes.hops(series):
            policies = found[hop]
            policies.rates[series.policy == _MUTUAL_TLS] += sample.value
            policies.source = policies.source or series.source_principal
            policies.destination = policies.destination or series.destination_principal
    return found


def _inside(samples: Iterable[Sample], question: Question) -> Iterable[Sample]:
    """Samples of which one end that reports is in the namespaces that are asked for."""
    names = set(question.namespaces)
    for sample in samples:
        series = sample.series
        end = series.destination if series.reporter == "destination" else series.source
        if end.namespace in names:
            yield sample


def _last(nodes: Nodes, sample: Sample) -> _Key:
    source, target = nodes.hops(sample.series)[-1]
    return (source, target, sample.series.protocol)
