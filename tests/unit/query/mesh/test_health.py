import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.mesh.health import (
    Health,
    Replicas,
    RequestRates,
    RequestTally,
    Status,
    edge_health,
    node_health,
    traffic_health,
    worst,
)
from refapp.query.mesh.series import Series

HEALTHY, DEGRADED, FAILURE, NA, NOT_READY = (
    Status.HEALTHY,
    Status.DEGRADED,
    Status.FAILURE,
    Status.NA,
    Status.NOT_READY,
)


@pytest.mark.parametrize(
    ("protocol", "codes", "status"),
    [
        ("http", {"200": 100.0}, HEALTHY),
        ("http", {"200": 99.99, "500": 0.01}, DEGRADED),
        ("http", {"200": 90.1, "500": 9.9}, DEGRADED),
        ("http", {"200": 90.0, "500": 10.0}, FAILURE),
        ("http", {"200": 95.0, "500": 2.5, "503": 2.5}, DEGRADED),
        ("http", {"200": 90.0, "500": 5.0, "503": 5.0}, FAILURE),
        ("http", {"200": 91.0, "404": 9.0}, HEALTHY),
        ("http", {"200": 90.0, "404": 10.0}, DEGRADED),
        ("http", {"200": 80.1, "404": 19.9}, DEGRADED),
        ("http", {"200": 80.0, "404": 20.0}, FAILURE),
        ("http", {"200": 99.0, "-": 1.0}, DEGRADED),
        ("http", {"-": 1.0}, FAILURE),
        ("http", {"200": 50.0, "302": 50.0}, HEALTHY),
        ("grpc", {"0": 100.0}, HEALTHY),
        ("grpc", {"0": 99.9, "14": 0.1}, DEGRADED),
        ("grpc", {"0": 90.0, "5": 10.0}, FAILURE),
        ("grpc", {"0": 90.0, "16": 10.0}, FAILURE),
        ("grpc", {"0": 90.0, "17": 10.0}, HEALTHY),
        ("grpc", {"0": 90.0, "-": 10.0}, FAILURE),
        ("grpc", {"0": 90.0, "503": 10.0}, HEALTHY),  # Kiali has no tolerance for codes of HTTP over gRPC
        ("http", {}, NA),
        ("http", {"200": 0.0}, NA),
        ("tcp", {"-": 5.0}, NA),
    ],
)
def test_requests_are_judged_by_the_default_tolerances(protocol, codes, status):
    assert traffic_health({protocol: codes}).status is status


def test_each_protocol_is_judged_by_itself():
    assert traffic_health({"http": {"200": 1000.0}, "grpc": {"0": 9.0, "2": 1.0}}).status is FAILURE


def test_what_is_bad_has_a_reason():
    health = traffic_health({"grpc": {"0": 3.0, "14": 1.0}}, "inbound")
    assert health == Health(FAILURE, ("inbound grpc: 25 % with code 14",))
    assert traffic_health({"grpc": {"0": 3.0}}).reasons == ()


def test_an_edge_of_tcp_is_healthy_when_it_has_traffic():
    assert edge_health("tcp", {"-": 5.0}).status is HEALTHY
    assert edge_health("tcp", {}).status is NA
    assert edge_health("grpc", {"0": 1.0, "14": 1.0}).status is FAILURE


@pytest.mark.parametrize(
    ("replicas", "status"),
    [
        (Replicas(0, 0, 0), NOT_READY),
        (Replicas(0, 2, 0), NOT_READY),
        (Replicas(1, 1, 0), FAILURE),
        (Replicas(1, 0, 0), FAILURE),
        (Replicas(3, 3, 2), DEGRADED),
        (Replicas(3, 2, 2), DEGRADED),
        (Replicas(2, 3, 2), FAILURE),
        (Replicas(2, 2, 2, synced=1), DEGRADED),
        (Replicas(2, 2, 2, synced=2), HEALTHY),
        (Replicas(2, 2, 2), HEALTHY),
        (Replicas(2, 3, 3), DEGRADED),
    ],
)
def test_pods_are_judged(replicas, status):
    assert replicas.status is status


def test_a_node_is_as_well_as_the_worst_of_it():
    bad = {"grpc": {"0": 1.0, "14": 1.0}}
    good = {"http": {"200": 1.0}}
    assert node_health(RequestRates(good, bad)).status is FAILURE
    assert node_health(RequestRates(good, good), Replicas(2, 2, 1)) == Health(DEGRADED, ("1 of 2 pods are ready",))
    assert node_health(RequestRates(), Replicas(1, 1, 1)).status is HEALTHY
    assert node_health(RequestRates()).status is NA


def test_a_service_is_judged_by_what_it_is_asked():
    bad = {"grpc": {"14": 1.0}}
    assert node_health(RequestRates({}, bad), Replicas(1, 1, 0), service=True).status is NA
    assert node_health(RequestRates(bad, {}), service=True).status is FAILURE


def test_both_reports_of_a_request_count_once(labels):
    tally = RequestTally()
    for reporter, rate in (("source", 2.0), ("destination", 3.0)):
        tally.add("inbound", Series.of(labels("a", "b", reporter)), rate)
        tally.add("outbound", Series.of(labels("b", "c", reporter)), rate)
    tally.add("inbound", Series.of(labels("a", "b", "source", grpc_response_status="14")), 0.5)
    tally.add("inbound", Series.of(labels("a", "b", "destination", response_code="0")), 0.25)
    assert tally.rates.inbound == {"grpc": {"0": 3.0, "14": 0.5, "-": 0.25}}
    assert tally.rates.outbound == {"grpc": {"0": 2.0}}


@given(st.dictionaries(st.sampled_from(["0", "2", "14", "-"]), st.floats(0.01, 100), min_size=1))
def test_more_failures_are_never_healthier(codes):
    order = list(Status)
    more = codes | {"14": codes.get("14", 0) + 50}
    before, after = traffic_health({"grpc": codes}).status, traffic_health({"grpc": more}).status
    assert order.index(after) >= order.index(before) or codes.get("-")


def test_the_worst_of_nothing_is_not_known():
    assert worst([]) is NA
    assert worst([HEALTHY, NOT_READY, NA]) is NOT_READY
