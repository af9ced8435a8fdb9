from datetime import timedelta

import pytest

from refapp.query.mesh.health import Status
from refapp.query.mesh.overview import Overview, summarize
from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def summary(telemetry, question, now, sample):
    plain = {"request_protocol": "http", "grpc_response_status": None}
    samples = (
        sample("a", "b", 3.0, "destination", **plain),
        sample("a", "b", 3.0, "source", **plain),
        sample("b", "c", 2.0, connection_security_policy="none"),
        sample("b", "c", 1.0, grpc_response_status="14", response_flags="X", connection_security_policy="none"),
        sample("b", "unknown", 0.5, "source", to="c", grpc_response_status="14"),
        sample("b", "x", 9.0, "source", destination_workload_namespace="other", destination_service_namespace="other"),
    )
    tcp = [sample("b", "unknown", 7.0, "source", to="db", request_protocol="tcp")]
    found = telemetry(*samples, tcp=tcp)
    graph = build(found, now, question(), Options(kind="app"))
    return summarize("dev", graph, [(now - timedelta(minutes=1), telemetry()), (now, found)])


def test_inbound_requests_count_once(summary, now):
    assert list(summary.traffic["time"]) == [now - timedelta(minutes=1), now]
    assert summary.traffic.iloc[-1].drop("time").to_dict() == {"http": 3.0, "grpc": 3.5, "errors": 1.5, "tcp": 7.0}
    assert summary.traffic.iloc[0]["http"] == 0.0


def test_applications_are_counted_by_their_health(summary):
    assert summary.applications == {Status.HEALTHY: 1, Status.DEGRADED: 1, Status.FAILURE: 1}
    assert (summary.total, summary.services) == (3, 3)


def test_the_share_of_mutual_tls(summary):
    # Of the edges that anybody tells of: 3 requests to b, and 3 of 3.5 to c, each by way of a service.
    assert 0.4 < summary.mtls < 0.6


def test_the_frame_has_a_row_a_namespace(summary, now, telemetry, question):
    empty = build(telemetry(), now, question(), Options(kind="app"))
    frame = Overview(now, (summary, summarize("empty", empty, []))).frame
    row = frame.iloc[0]
    assert (row["namespace"], row["applications"], row["failure"], row["requests"]) == ("dev", 3, 1, 6.5)
    assert row["error_share"] == pytest.approx(1.5 / 6.5)
    assert frame.iloc[1][["applications", "requests", "error_share"]].tolist() == [0, 0.0, 0.0]
