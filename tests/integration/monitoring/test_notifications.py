"""From a series to a message in Slack: real servers, with the files and commands that the platform gives them."""

import httpx
import pytest

from refapp.monitoring import scraping
from refapp.monitoring.configuration import write_rules
from refapp.monitoring.rules import Alert, Group, Recording, Severity
from refapp.query.alerts import Alerts
from refapp.query.metrics import Metrics

LABELS = {"namespace": "dev", "pod": "service-f-1-2", "app": "service-f", "version": "v1", "node": "ip-127-0-0-1"}


@pytest.fixture
def metrics(urls):
    return Metrics(lambda: urls)


@pytest.fixture
def alerts(urls):
    return Alerts(lambda: urls)


@pytest.fixture
def scraped(monitoring, exporter):
    """Have the exporter scraped as the only target of a job, for the test."""
    jobs = []

    def scraped(job, labels):
        jobs.append(job)
        scraping.write_targets(monitoring.directory, job, [scraping.Target(exporter.address, labels)])

    yield scraped
    exporter.text = ""
    for job in jobs:
        scraping.write_targets(monitoring.directory, job, [])


def backlog(messages):
    return f'rabbitmq_queue_messages_ready{{vhost="/",queue="service-d.greeting"}} {messages}\n'


def test_an_alert_fires_and_resolves(metrics, alerts, scraped, exporter):
    exporter.text = backlog(5)
    scraped(scraping.RABBITMQ, {"namespace": "dev", "app": "rabbitmq"})
    assert metrics.wait('rabbitmq_queue_messages_ready{job="rabbitmq"} == 5')["app"].tolist() == ["rabbitmq"]
    assert "QueueBacklog" not in set(metrics.alerts()["alert"])

    exporter.text = backlog(480)
    fired = alerts.wait("QueueBacklog", status="firing")
    assert fired.title == "[FIRING:1] QueueBacklog · rabbitmq"
    assert "480 messages wait in the queue service-d.greeting" in fired.text
    assert "• *Where*: dev / rabbitmq / service-d.greeting\n" in fired.text
    assert fired.colour == "warning"
    assert alerts.frame({"alertname": "QueueBacklog"})["state"].tolist() == ["active"]
    assert httpx.get(fired.link, follow_redirects=True).is_success
    assert metrics.alerts().set_index("alert").loc["QueueBacklog", "value"] == 480

    exporter.text = backlog(0)
    resolved = alerts.wait("QueueBacklog", status="resolved", since=fired.received)
    assert resolved.title == "[RESOLVED] QueueBacklog · rabbitmq"
    assert resolved.colour == "good"


def test_targets_come_and_go(metrics, monitoring, scraped):
    scraped(scraping.PODS, LABELS)
    frame = metrics.wait('up{job="kubernetes-pods"} == 1')
    assert frame[list(LABELS)].to_dict("records") == [LABELS]
    scraping.write_targets(monitoring.directory, scraping.PODS, [])
    metrics.wait('up{job="kubernetes-pods"}', lambda frame: frame.empty)


def test_bytes_sent_to_stores_have_their_principals(metrics, scraped, exporter):
    exporter.text = (
        'istio_tcp_sent_bytes_total{source_workload="service-f"} 1\n'
        'istio_tcp_received_bytes_total{source_workload="service-f",source_principal="known"} 1\n'
        'istio_tcp_connections_opened_total{source_workload="service-f"} 1\n'
    )
    scraped(scraping.PODS, LABELS)
    expr = '{job="kubernetes-pods",__name__=~"istio_tcp_.+"}'
    frame = metrics.wait(expr, lambda frame: len(frame) == 3).set_index("__name__")
    sent, received, opened = (
        frame.loc[f"istio_tcp_{name}_total"] for name in ("sent_bytes", "received_bytes", "connections_opened")
    )
    assert sent["source_principal"] == "spiffe://cluster.local/ns/dev/sa/service-f"
    assert (received["source_principal"], received["destination_principal"]) == ("known", "unknown")
    assert (opened["source_principal"], opened["destination_principal"]) == ("", "")


def test_rules_are_evaluated(metrics):
    assert len(metrics.rules()) > 30
    metrics.wait('prometheus_rule_group_last_duration_seconds{rule_group=~".*slo-latency"}')
    assert set(metrics.rules()["health"]) == {"ok"}


def test_rules_of_a_reader(metrics, alerts, monitoring, urls):
    alert = Alert(
        name="ReadersOwn",
        expr="own:up:sum > 0",
        severity=Severity.INFO,
        summary="It is {{ $value }}",
        description="All is well.",
        value="{{ $value }} targets",
        runbook="Nothing.",
    )
    path = write_rules(
        monitoring, "own", [Group(name="own", rules=(Recording(record="own:up:sum", expr="sum(up)"), alert))]
    )
    try:
        httpx.post(f"{urls['prometheus']}/-/reload").raise_for_status()
        assert alerts.wait("ReadersOwn").colour == "#439fe0"
    finally:
        path.unlink()
        httpx.post(f"{urls['prometheus']}/-/reload").raise_for_status()
    metrics.wait('ALERTS{alertname="ReadersOwn"}', lambda frame: frame.empty)
