"""What Prometheus finds at a sidecar: Istio's metrics, by their names and labels."""

import socket

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.mesh.envoy.statistics import BUCKETS

# https://istio.io/latest/docs/reference/config/metrics/
COMMON = {
    "reporter",
    *(
        f"{side}_{label}"
        for side in ("source", "destination")
        for label in (
            "workload",
            "workload_namespace",
            "principal",
            "app",
            "version",
            "cluster",
            "canonical_service",
            "canonical_revision",
        )
    ),
    "destination_service",
    "destination_service_name",
    "destination_service_namespace",
    "request_protocol",
    "response_flags",
    "connection_security_policy",
}
REQUEST = COMMON | {"response_code", "grpc_response_status"}
IDENTITY = "spiffe://cluster.local/ns/dev/sa/{}".format


def scrape(address):
    """The samples of Istio's metrics at a sidecar."""
    text = httpx.get(f"{address.url}/stats/prometheus").raise_for_status().text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return [sample for sample in samples if sample.name.startswith("istio_")]


def one(samples, name, **labels):
    """The one sample of that name and those labels, if it is there."""
    found = [sample for sample in samples if sample.name == name and labels.items() <= sample.labels.items()]
    return found[0] if len(found) == 1 else None


@pytest.fixture
def request_sample(mesh, eventually):
    """A function that finds a sample which one request has left at a sidecar."""

    def request_sample(pod, name, **labels):
        httpx.get(mesh.api).raise_for_status()
        labels |= {"response_code": "200", "response_flags": "-"}
        return eventually(lambda: one(scrape(pod.metrics), name, **labels))

    return request_sample


@pytest.mark.parametrize("reporter", ["source", "destination"])
def test_a_request_is_counted_at_both_ends(mesh, request_sample, reporter):
    pod = mesh.gateway if reporter == "source" else mesh.service
    which = {"reporter": reporter, "source_workload": "rev-proxy", "grpc_response_status": "0"}
    labels = request_sample(pod, "istio_requests_total", **which).labels
    expected = {
        "source_workload": "rev-proxy",
        "source_workload_namespace": "dev",
        "source_principal": IDENTITY("rev-proxy"),
        "destination_workload": "service-a",
        "destination_workload_namespace": "dev",
        "destination_principal": IDENTITY("service-a"),
        "destination_service": "service-a.dev.svc.cluster.local",
        "destination_service_name": "service-a",
        "request_protocol": "grpc",
        "grpc_response_status": "0",
        "response_flags": "-",
        "connection_security_policy": "mutual_tls" if reporter == "destination" else "unknown",
    }
    assert labels.keys() == REQUEST
    assert labels.items() >= expected.items()


def test_the_edge_is_a_source(mesh, request_sample):
    sample = request_sample(mesh.edge, "istio_requests_total", destination_workload="rev-proxy")
    assert sample.labels["source_workload"] == "istio-ingressgateway"
    assert sample.labels["request_protocol"] == "http"


@pytest.mark.parametrize("name", ["istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes"])
def test_a_histogram_has_the_buckets_of_istio(mesh, request_sample, name):
    caller = {"source_workload": "rev-proxy", "response_code": "200", "response_flags": "-"}
    request_sample(mesh.service, f"{name}_count", **caller)
    buckets = [
        sample.labels
        for sample in scrape(mesh.service.metrics)
        if sample.name == f"{name}_bucket" and caller.items() <= sample.labels.items()
    ]
    assert [float(labels["le"]) for labels in buckets] == [*BUCKETS, float("inf")]
    assert all(labels.keys() == REQUEST | {"le"} for labels in buckets)


def test_a_connection_to_a_store_is_counted_while_it_is_open(mesh, eventually):
    address = mesh.service.outbound["mongodb"]

    def value(name):
        sample = one(scrape(mesh.service.metrics), name)
        return sample.value if sample else 0

    before = {
        name: value(f"istio_tcp_{name}_total")
        for name in ("received_bytes", "sent_bytes", "connections_opened", "connections_closed")
    }

    def since(name):
        return value(f"istio_tcp_{name}_total") - before[name]

    with socket.create_connection((address.host, address.port), timeout=10) as connection:
        connection.sendall(b"greeting\n")
        assert connection.recv(100) == b"greeting\n"
        eventually(lambda: since("received_bytes") == 9)
        eventually(lambda: since("sent_bytes") == 9)
        eventually(lambda: since("connections_opened") == 1)
        assert since("connections_closed") == 0
    eventually(lambda: since("connections_closed") == 1)


def test_connections_have_the_labels_of_istio(mesh, eventually):
    address = mesh.service.outbound["mongodb"]
    with socket.create_connection((address.host, address.port), timeout=10) as connection:
        connection.sendall(b"greeting\n")
        connection.recv(100)
    eventually(lambda: one(scrape(mesh.service.metrics), "istio_tcp_connections_closed_total"))
    samples = {
        sample.name: {label: value for label, value in sample.labels.items() if value}  # an empty label is none
        for sample in scrape(mesh.service.metrics)
        if sample.name.startswith("istio_tcp_")
    }
    principals = {"source_principal", "destination_principal"}
    assert {name: labels.keys() for name, labels in samples.items()} == {
        "istio_tcp_connections_opened_total": COMMON,
        "istio_tcp_connections_closed_total": COMMON,
        "istio_tcp_received_bytes_total": COMMON - principals,  # not with live statistics: see `statistics`
        "istio_tcp_sent_bytes_total": COMMON - principals,
    }
    for labels in samples.values():
        assert labels["source_workload"] == "service-a"
        assert labels["destination_service_name"] == "mongodb"
        assert labels["destination_workload"] == "unknown"


@pytest.mark.parametrize("path", ["/", "/config_dump", "/quitquitquit", "/stats"])
def test_nothing_else_of_the_administration_is_shown(mesh, path):
    address = mesh.service.metrics
    assert httpx.get(f"{address.url}{path}").status_code == httpx.codes.NOT_FOUND


def test_it_tells_that_it_is_ready(mesh):
    address = mesh.service.metrics
    assert httpx.get(f"{address.url}/ready").text == "LIVE\n"
