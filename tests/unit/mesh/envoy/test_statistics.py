import base64
import re
from dataclasses import replace

import pytest

from refapp.mesh.envoy import statistics


def test_the_module_is_wasm():
    assert base64.b64decode(statistics.NAMESPACE_MODULE).startswith(b"\0asm\x01\0\0\0")


def test_requests_are_counted_timed_and_measured(mesh):
    (logger,) = statistics.requests(mesh, {"reporter": "source"})
    config = logger["typed_config"]
    names = [stat["stat"]["name"] for stat in (*config["counters"], *config["histograms"])]
    assert names == [
        "istio_requests_total",
        "istio_request_duration_milliseconds",
        "istio_request_bytes",
        "istio_response_bytes",
    ]


def test_nothing_is_counted_without_metrics(mesh):
    silent = replace(mesh, metrics=False)
    assert statistics.requests(silent, {"reporter": "source"}) == []
    assert statistics.connections(silent, "service-c", "mongodb") == []


def test_connections_are_counted_at_their_ends(mesh):
    loggers = statistics.connections(mesh, "service-c", "mongodb")
    moments = [log["filter"]["log_type_filter"]["types"] for log in loggers]
    assert moments == [["TcpUpstreamConnected"], ["TcpConnectionEnd"]]


@pytest.mark.parametrize(
    ("native", "name"),
    [("rx", "istio_tcp_received_bytes_total"), ("tx", "istio_tcp_sent_bytes_total")],
)
def test_the_tags_turn_a_live_statistic_into_one_of_istio(native, name):
    """As Envoy does: every expression's first group is cut out of the name, its second is the tag's value."""
    statistic = f"tcp.{statistics.store_prefix('service-c', 'mongodb')}.downstream_cx_{native}_bytes_total"
    tags, cuts = {}, []
    for tag in statistics.configuration()["stats_tags"]:
        if found := re.search(tag["regex"], statistic):
            tags[tag["tag_name"]] = found[2]
            cuts.append(found.span(1))
    for begin, end in sorted(cuts, reverse=True):
        statistic = statistic[:begin] + statistic[end:]
    assert statistic == f"wasmcustom.{name}"
    assert tags["source_workload"] == "service-c"
    assert tags["destination_service_name"] == "mongodb"
    assert tags["request_protocol"] == "tcp"
    assert "envoy.tcp_prefix" not in tags
