"""An alert from the fault to Slack and back."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture(autouse=True)
def _calm(platform, eventually):
    """Begin when the faults of the tests before are forgotten: what fires already is not told anew."""
    eventually(lambda: platform.alerts.frame({"alertname": "WorkloadErrors"}).empty, within=90)


@pytest.mark.timeout(300)
def test_a_fault_is_told_to_slack_and_so_is_its_end(platform, loaded):
    since = datetime.now(UTC)
    with loaded(platform, users=2):
        with platform.fault("service-e", "service-g", grpc_status=14):
            fired = platform.alerts.wait("service-g", status="firing", since=since, within=90)
            frame = platform.alerts.frame({"alertname": "WorkloadErrors"})
        since = fired.received + timedelta(milliseconds=1)  # the end of an earlier fault may have been told late
        resolved = platform.alerts.wait("WorkloadErrors", status="resolved", since=since, within=120)
    assert "WorkloadErrors" in fired.title
    assert "service-g" in set(frame["workload"])
    assert resolved.received > fired.received


@pytest.mark.timeout(300)
def test_a_silenced_alert_reaches_nobody(platform, loaded):
    silence = platform.alerts.silence({"workload": "service-h"}, timedelta(minutes=5), comment="a test of silences")
    since = datetime.now(UTC)
    try:
        with loaded(platform, users=2), platform.fault("service-e", "service-h", grpc_status=14):
            platform.alerts.wait("service-e", status="firing", since=since, within=90)
            platform.metrics.wait('ALERTS{alertname="WorkloadErrors", workload="service-h", alertstate="firing"}')
            frame = platform.alerts.frame({"workload": "service-h"})
    finally:
        platform.alerts.expire(silence)
    assert set(frame["state"]) == {"suppressed"}
    assert not [message for message in platform.alerts.messages(since) if "to service-h fail" in message.text]
