"""The spans that one request has to leave, told by the topology."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from refapp.mesh.identity import INGRESS
from refapp.query.tracing.spans import Trace
from refapp.topology import NAMESPACE, Topology


class Step(NamedTuple):
    """A span as its place in the request tells it: the service of its parent, if any, its kind and its service."""

    parent: str
    kind: str
    service: str


def expected_spans(topology: Topology) -> Counter[Step]:
    """The steps that one GET /api/greeting has to make when every hop has a sidecar, and how often each.

    The ingress and the caller's sidecar record a CLIENT span for each call, the callee's a SERVER span below it.
    """
    gateway = topology.gateway.name
    root = Step("", "CLIENT", service_name(INGRESS))
    return Counter((root, Step(root.service, "SERVER", service_name(gateway)), *_calls(topology, gateway)))


def steps(trace: Trace) -> Counter[Step]:
    """The steps that a trace has made, to be compared with those that are expected."""
    above = ((trace.parent(span), span) for span in trace.spans)
    return Counter(Step(parent.service if parent else "", span.kind, span.service) for parent, span in above)


def service_name(workload: str) -> str:
    """What a workload's spans name as their service: Istio's form, with the namespace."""
    return f"{workload}.{NAMESPACE}"


def _calls(topology: Topology, caller: str) -> Iterator[Step]:
    name = service_name(caller)
    for callee in topology[caller].calls:
        yield Step(name, "CLIENT", name)
        yield Step(name, "SERVER", service_name(callee))
        yield from _calls(topology, callee)
