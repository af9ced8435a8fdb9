from dataclasses import replace

from refapp.query.tracing.expected import Step, expected_spans, steps
from refapp.topology import REFERENCE, Topology, Workload


def test_the_reference_platform():
    expected = expected_spans(REFERENCE)
    assert expected.total() == 16
    assert len({step.service for step in expected}) == 9
    assert expected["", "CLIENT", "istio-ingressgateway.dev"] == 1
    assert expected["istio-ingressgateway.dev", "SERVER", "rev-proxy.dev"] == 1
    assert expected["service-e.dev", "CLIENT", "service-e.dev"] == 2
    assert expected["service-e.dev", "SERVER", "service-h.dev"] == 1
    assert not any("service-f.dev" in step for step in expected)


def test_a_ninth_service_adds_both_sides_of_its_call():
    ninth = Workload(name="service-i", title="Service I")
    callers = (replace(w, calls=("service-i",)) if w.name == "service-h" else w for w in REFERENCE)
    added = expected_spans(Topology((*callers, ninth))) - expected_spans(REFERENCE)
    client = Step("service-h.dev", "CLIENT", "service-h.dev")
    assert added == {client: 1, Step("service-h.dev", "SERVER", "service-i.dev"): 1}


def test_a_service_that_is_called_twice_is_there_twice():
    gateway = Workload(name="g", title="G", kind=REFERENCE.gateway.kind, calls=("a", "b"))
    services = (
        Workload(name=name, title=name, calls=calls) for name, calls in (("a", ("b",)), ("b", ("c",)), ("c", ()))
    )
    expected = expected_spans(Topology((gateway, *services)))
    assert expected["b.dev", "CLIENT", "b.dev"] == 2
    assert expected["b.dev", "SERVER", "c.dev"] == 2


def test_steps_of_a_trace(span, trace):
    gateway = Workload(name="one", title="One", kind=REFERENCE.gateway.kind, calls=("two",))
    topology = Topology((gateway, Workload(name="two", title="Two")))
    spans = (
        span("r", service="istio-ingressgateway.dev", kind="CLIENT"),
        span("a", "r", service="one.dev", kind="SERVER"),
        span("b", "a", service="one.dev", kind="CLIENT"),
        span("c", "b", service="two.dev", kind="SERVER"),
    )
    assert steps(trace(*spans)) == expected_spans(topology)
    assert steps(trace(*spans[:-1])) != expected_spans(topology)
    assert steps(trace(*spans[1:])) - expected_spans(topology) == {Step("", "SERVER", "one.dev"): 1}
