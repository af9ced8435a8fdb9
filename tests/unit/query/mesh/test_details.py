import math

import pytest

from refapp.query.mesh.details import Details
from refapp.query.mesh.graph import ResponseTimes
from refapp.query.mesh.nodes import Hop, Nodes
from refapp.query.mesh.telemetry import Telemetry

SERVICE, TARGET, SOURCE = "svc_Kubernetes_dev_b", "wl_Kubernetes_dev_b", "wl_Kubernetes_dev_a"
LAST = (SERVICE, TARGET, "grpc")


@pytest.fixture
def details(question):
    """Makes the details of a graph of workloads."""
    return lambda *namespaces, **parts: Details.of(
        Nodes("workload", services=True), Telemetry(**parts), question(*namespaces)
    )


def buckets(sample, reporter, *counts):
    return [
        sample("a", "b", count, reporter, bound) for bound, count in zip((10.0, 20.0, math.inf), counts, strict=True)
    ]


def test_the_callee_tells_how_long_it_took(details, sample):
    parts = {
        "buckets": buckets(sample, "source", 0.0, 4.0, 4.0) + buckets(sample, "destination", 4.0, 4.0, 4.0),
        "duration": [sample("a", "b", 60.0, "source"), sample("a", "b", 20.0, "destination")],
    }
    found = details(**parts)
    assert found.times(LAST) == ResponseTimes(5.0, 5.0, 9.5, pytest.approx(9.9))
    assert found.times((SOURCE, SERVICE, "grpc")) == ResponseTimes()


def test_the_caller_tells_it_where_the_callee_does_not(details, sample):
    found = details(buckets=buckets(sample, "source", 0.0, 4.0, 4.0))
    assert found.times(LAST) == ResponseTimes(None, 15.0, 19.5, pytest.approx(19.9))


def test_no_traffic_takes_no_time(details, sample):
    found = details(buckets=buckets(sample, "destination", 0.0, 0.0, 0.0), duration=[sample("a", "b", 0.0)])
    assert found.times(LAST) == ResponseTimes()


def test_times_of_two_codes_are_put_together(details, sample):
    more = [sample("a", "b", 4.0, "destination", bound, response_flags="UT") for bound in (20.0, math.inf)]
    found = details(buckets=buckets(sample, "destination", 4.0, 4.0, 4.0) + more)
    assert found.times(LAST).p50 == 10.0


@pytest.mark.parametrize(
    ("metric", "reporter", "rate"),
    [
        ("istio_request_bytes_sum", "source", 3.0),
        ("istio_request_bytes_sum", "destination", None),
        ("istio_response_bytes_sum", "destination", 3.0),
        ("istio_response_bytes_sum", "source", None),
    ],
)
def test_requests_are_measured_by_the_caller_and_responses_by_the_callee(details, sample, metric, reporter, rate):
    assert details(bodies=[sample("a", "b", 3.0, reporter, metric=metric)]).throughput(LAST) == rate


def test_only_the_callee_tells_whether_a_connection_was_secured(details, sample):
    requests = [
        sample("a", "b", 3.0, connection_security_policy="mutual_tls"),
        sample("a", "b", 1.0, connection_security_policy="none", response_flags="X"),
        sample("a", "b", 100.0, "source"),
    ]
    for hop in (Hop(SOURCE, SERVICE), Hop(SERVICE, TARGET)):
        security = details(requests=requests).security(hop)
        assert security.share == 0.75
        assert security.source == "spiffe://cluster.local/ns/dev/sa/a"
        assert security.destination == "spiffe://cluster.local/ns/dev/sa/b"


def test_nobody_tells_about_a_store(details, sample):
    found = details(tcp=[sample("a", "unknown", 3.0, "source", to="b", request_protocol="tcp")])
    assert found.security(Hop(SOURCE, SERVICE)).share is None


def test_without_mutual_tls_the_share_is_none_of_it(details, sample):
    found = details(requests=[sample("a", "b", 3.0, connection_security_policy="none")])
    assert found.security(Hop(SOURCE, SERVICE)).share == 0.0


def test_what_is_reported_elsewhere_is_left_out(details, sample):
    found = details("other", buckets=buckets(sample, "destination", 1.0, 1.0, 1.0))
    assert found.times(LAST) == ResponseTimes()
