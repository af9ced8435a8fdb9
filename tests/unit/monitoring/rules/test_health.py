from functools import partial

import pytest

from refapp.monitoring.rules import Thresholds, health

group = partial(health.group, thresholds=Thresholds())

CONTAINER = 'namespace="dev",pod="service-d-69d7469cbf-6thmz",container="service-d"'
WHERE = {
    "namespace": "dev",
    "pod": "service-d-69d7469cbf-6thmz",
    "container": "service-d",
    "workload": "service-d",
}
RESTARTS = f"kube_pod_container_status_restarts_total{{{CONTAINER}}}"
OOM = f'kube_pod_container_status_last_terminated_reason{{{CONTAINER},reason="OOMKilled"}}'
QUEUE = 'rabbitmq_queue_messages_ready{job="rabbitmq",namespace="dev",vhost="/",queue="service-d.greeting"}'
SIDECAR = {"namespace": "dev", "app": "service-d", "pod": "service-d-69d7469cbf-6thmz"}
EXPIRY = (
    "envoy_cluster_ssl_certificate_expiration_unix_time_seconds{"
    + ",".join(f'{label}="{value}"' for label, value in SIDECAR.items())
    + ',envoy_tls_certificate="certificate",envoy_cluster_name="CLUSTER"}'
)

CASES = [
    {
        "alert": "TargetDown",
        "series": {'up{job="kubernetes-pods",instance="127.0.0.1:1",app="service-d",pod="service-d-1-2"}': "1x9 0x20"},
        "at": "4m",
        "fires": {
            "job": "kubernetes-pods",
            "instance": "127.0.0.1:1",
            "app": "service-d",
            "pod": "service-d-1-2",
            "workload": "service-d",
        },
        "summary": "service-d-1-2 cannot be scraped",
        "value": "down",
        "description": "Prometheus has not got metrics from 127.0.0.1:1 (job kubernetes-pods) for 1m.",
    },
    {
        "alert": "TargetDown",
        "series": {'up{job="rabbitmq",instance="127.0.0.1:1"}': "0x20"},
        "at": "4m",
        "fires": {"job": "rabbitmq", "instance": "127.0.0.1:1", "workload": "rabbitmq"},
        "summary": "rabbitmq cannot be scraped",
        "value": "down",
        "description": "Prometheus has not got metrics from 127.0.0.1:1 (job rabbitmq) for 1m.",
    },
    # A scrape that fails once is no more than that; and a target that has gone is none.
    {"alert": "TargetDown", "series": {'up{job="rabbitmq",instance="127.0.0.1:1"}': "1x9 0 1x20"}, "at": "2m30s"},
    {"alert": "TargetDown", "series": {'up{job="rabbitmq",instance="127.0.0.1:1"}': "0x2 stale _x20"}, "at": "4m"},
    {
        "alert": "ContainerRestartLoop",
        "series": {RESTARTS: "0x8 1x8 2x8 3x8"},
        "at": "8m",
        "fires": WHERE,
        "summary": "service-d in service-d-69d7469cbf-6thmz ends again and again",
        "value": "3 restarts",
        "description": "The container was restarted 3 times within 10m.",
    },
    {"alert": "ContainerRestartLoop", "series": {RESTARTS: "0x8 1x8 2x16"}, "at": "8m"},
    {"alert": "ContainerRestartLoop", "series": {RESTARTS: "7x40"}, "at": "10m"},  # long ago
    {
        "alert": "ContainerOutOfMemory",
        "series": {OOM: "_x8 1x40", RESTARTS: "0x8 1x40"},
        "at": "3m",
        "fires": WHERE | {"reason": "OOMKilled"},
        "summary": "service-d in service-d-69d7469cbf-6thmz was killed for want of memory",
        "value": "OOMKilled",
        "description": "The container used more memory than its limit within the last 10m, and was restarted.",
    },
    {"alert": "ContainerOutOfMemory", "series": {OOM: "_x8 1x80", RESTARTS: "0x8 1x80"}, "at": "15m"},  # long ago
    {
        "alert": "ContainerOutOfMemory",
        "series": {OOM.replace("OOMKilled", "Error"): "_x8 1x40", RESTARTS: "0x8 1x40"},
        "at": "3m",
    },
    {
        "alert": "QueueBacklog",
        "series": {QUEUE: "0+15x40"},
        "at": "8m",
        "fires": {"namespace": "dev", "queue": "service-d.greeting", "workload": "rabbitmq"},
        "summary": "Messages wait in service-d.greeting",
        "value": "480 messages",
        "description": ("480 messages wait in the queue service-d.greeting, and more than 100 have for 5m."),
    },
    {"alert": "QueueBacklog", "series": {QUEUE: "0+15x20 0x60"}, "at": "8m"},  # it was emptied
    {
        "alert": "CertificateExpires",
        "series": {EXPIRY: "3600x400", EXPIRY.replace("CLUSTER", "another"): "90000x400"},
        "at": "50m",
        "fires": SIDECAR | {"workload": "service-d"},
        "summary": "The certificate of service-d-69d7469cbf-6thmz was not renewed",
        "value": "10m 0s left",
        "description": (
            "It is valid for 10m 0s, and ought to have been renewed by half of its life. When it has expired, no other "
            "workload accepts calls from it."
        ),
    },
    {"alert": "CertificateExpires", "series": {EXPIRY: "3600x120 5400x400"}, "at": "50m"},
]


@pytest.mark.parametrize("case", CASES)
def test_alerts(case, check):
    check(case, group)


def test_each_alert_fires_and_is_silent(both):
    both(CASES, group)
