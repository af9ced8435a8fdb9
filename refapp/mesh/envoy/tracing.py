"""Spans of a sidecar: one for each request that it passes on, sent to a collector as Zipkin v2 JSON."""

from refapp.mesh.addresses import Mesh
from refapp.mesh.envoy.resources import Resource, extension, socket_address, static_cluster
from refapp.mesh.identity import TRUST_DOMAIN
from refapp.topology import NAMESPACE

_CLUSTER = "zipkin"
BATCHES = {"tracing.zipkin.flush_interval_ms": 500, "tracing.zipkin.min_flush_spans": 200}
"""The runtime settings by which spans are sent twice a second, and sooner only in large batches.

Left to itself Envoy sends every five spans, and most of the cost of a trace is that of the requests that carry it.
"""


def settings(mesh: Mesh) -> Resource:
    """The field `tracing` of a connection manager; none without a collector."""
    if mesh.collector is None:
        return {}
    everything = {"value": 100}
    provider = extension(
        "envoy.tracers.zipkin",
        "envoy.config.trace.v3.ZipkinConfig",
        collector_endpoint_version="HTTP_JSON",
        trace_id_128bit=True,
        shared_span_context=False,
        collector_service={
            "http_uri": {"cluster": _CLUSTER, "uri": f"http://{_CLUSTER}/api/v2/spans", "timeout": "2s"},
        },
    )
    labels = {"istio.namespace": NAMESPACE, "istio.mesh_id": TRUST_DOMAIN}
    tracing = {
        "random_sampling": {"value": mesh.sampling},
        "client_sampling": everything,
        "overall_sampling": everything,
        "spawn_upstream_span": False,
        "custom_tags": [{"tag": tag, "literal": {"value": value}} for tag, value in labels.items()],
        "provider": provider,
    }
    return {"tracing": tracing}


def clusters(mesh: Mesh) -> list[Resource]:
    """The cluster of the collector, if there is one."""
    return [static_cluster(_CLUSTER, socket_address(mesh.collector))] if mesh.collector else []
