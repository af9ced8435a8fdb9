"""The expressions of the article, as Prometheus itself parses and evaluates them."""

import pytest

BACKEND = 'namespace="dev", container=~"service-.*|rev-proxy|angular-ui"'
EDGE = 'source_app="istio-ingressgateway",connection_security_policy="mutual_tls"'
NODES = 'alpha_eksctl_io_cluster_name="istio-observe-demo", alpha_eksctl_io_nodegroup_name="managed-ng-1"'
PODS = '{stack="reference-app",namespace="dev",pod=~"service-.*"}'
LIMITS = f"container_spec_memory_limit_bytes{{{BACKEND}}}"
JOINED = '"destination_workload_var", ".", "destination_workload", "destination_workload_namespace"'


def median(unit):
    buckets = f'istio_request_duration_{unit}_bucket{{reporter="source"}}[1m]'
    return (
        f"histogram_quantile(0.50, sum(rate({buckets})) by (le, destination_workload, destination_workload_namespace))"
    )


EXPRESSIONS = [
    'up{alpha_eksctl_io_cluster_name="istio-observe-demo", job="kubernetes-nodes"}',
    f"sum by (pod) (rate(container_network_transmit_packets_total{PODS}[5m]))",
    f'sum by (instance) (istio_requests_total{{{EDGE},response_code="200"}})',
    f'sum by (response_code) (istio_requests_total{{{EDGE},response_code!~"200|0"}})',
    f"sum by (pod) (container_memory_working_set_bytes{{{BACKEND}}}) / (1024^2)",
    f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{BACKEND}}}[5m])) * 1000",
    f"sum by (container) ({LIMITS}) / (1024^2) / count by (container) ({LIMITS})",
    'sum by (pod) (container_spec_memory_limit_bytes{namespace="dev"}) / (1024^2)',
    f"machine_memory_bytes{{{NODES}}} / (1024^3)",
    "machine_cpu_physical_cores",
    "machine_cpu_cores",
    f"label_join(({median('milliseconds')} / 1000) or {median('seconds')}, {JOINED})",
    "istio_tcp_sent_bytes_total",
]


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_prometheus_evaluates_it(expr, metrics):
    assert metrics.instant(expr).columns[-1] == "value"
    assert metrics.range(expr).index.name == "time"
