"""An alert from the fault to Slack and back."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.mark.timeout(300)
def test_a_fault_is_told_to_slack_and_so_is_its_end(hasty, loaded):
    since = datetime.now(UTC)
    with loaded(hasty, users=2):
        with hasty.fault("service-e", "service-g", grpc_status=14):
            fired = hasty.alerts.wait("service-g", status="firing", since=since, within=90)
            frame = hasty.alerts.frame({"alertname": "WorkloadErrors"})
        resolved = hasty.alerts.wait("WorkloadErrors", status="resolved", since=since, within=120)
    assert "WorkloadErrors" in fired.title
    assert "service-g" in set(frame["workload"])
    assert resolved.received > fired.received


@pytest.mark.timeout(300)
def test_a_silenced_alert_reaches_nobody(hasty, loaded):
    silence = hasty.alerts.silence({"workload": "service-h"}, timedelta(minutes=5), comment="a test of silences")
    since = datetime.now(UTC)
    try:
        with loaded(hasty, users=2), hasty.fault("service-e", "service-h", grpc_status=14):
            hasty.alerts.wait("service-e", status="firing", since=since, within=90)
            hasty.metrics.wait('ALERTS{alertname="WorkloadErrors", workload="service-h", alertstate="firing"}')
            frame = hasty.alerts.frame({"workload": "service-h"})
    finally:
        hasty.alerts.expire(silence)
    assert set(frame["state"]) == {"suppressed"}
    assert not [message for message in hasty.alerts.messages(since) if "to service-h fail" in message.text]
