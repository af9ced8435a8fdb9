"""Istio's standard metrics, counted by Envoy's stats access logger under Istio's names.

Statistics in the namespace `wasmcustom` lose their prefix when Prometheus reads them, once any Wasm module is loaded;
so they are called `istio_requests_total` and not `envoy_…`. See `NAMESPACE_MODULE`.
"""

import base64
from collections.abc import Iterable

from refapp.mesh.addresses import Mesh
from refapp.mesh.envoy import labels
from refapp.mesh.envoy.resources import Resource, extension, type_url

SCOPE = "wasmcustom"

BUCKETS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4, 3e5, 6e5, 1.8e6, 3.6e6)
"""The upper bounds of Istio's histogram buckets, in milliseconds or bytes."""

_SECTIONS = (
    b"\x01\x09\x02\x60\x00\x00\x60\x01\x7f\x01\x7f",  # types: () → (), (i32) → i32
    b"\x03\x03\x02\x00\x01",  # one function of each
    b"\x05\x03\x01\x00\x01",  # a page of memory
    b"\x07\x2d\x03\x06memory\x02\x00\x17proxy_abi_version_0_2_1\x00\x00\x06malloc\x00\x01",
    b"\x0a\x0a\x02\x02\x00\x0b\x05\x00\x41\x80\x08\x0b",  # bodies: nothing; return 1024
)
NAMESPACE_MODULE = base64.b64encode(b"\0asm\x01\0\0\0" + b"".join(_SECTIONS)).decode()
"""A Wasm module that does nothing, in base64; that it is loaded makes Envoy know the namespace `wasmcustom`."""

_RECEIVED, _SENT = "istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total"
_STORE_PREFIX = rf"^tcp\.{SCOPE}\."
_KEPT = ("cluster.outbound", "cluster.inbound", "cluster_manager.", "listener_manager.", "server.", "tracing.")


def requests(mesh: Mesh, request_labels: dict[str, str]) -> list[Resource]:
    """Loggers that count requests, their duration and their size; none without metrics."""
    if not mesh.metrics:
        return []
    tags = labels.tags(request_labels)

    def histogram(name: str, unit: str, value: str) -> Resource:
        return {"stat": {"name": name, "tags": tags}, "unit": unit, "value_format": value}

    histograms = [
        histogram("istio_request_duration_milliseconds", "Milliseconds", "%DURATION%"),
        histogram("istio_request_bytes", "Bytes", "%BYTES_RECEIVED%"),
        histogram("istio_response_bytes", "Bytes", "%BYTES_SENT%"),
    ]
    counters = [{"stat": {"name": "istio_requests_total", "tags": tags}, "value_fixed": 1}]
    return [_logger(counters=counters, histograms=histograms)]


def connections(mesh: Mesh, workload: str, store: str) -> list[Resource]:
    """Loggers that count the connections to a store as they open and close; none without metrics."""
    if not mesh.metrics:
        return []
    tags = labels.tags(labels.store(workload, store) | labels.principals(workload) | labels.TCP)

    def logger(name: str, moment: str) -> Resource:
        counters = [{"stat": {"name": name, "tags": tags}, "value_fixed": 1}]
        return _logger(counters=counters) | {"filter": {"log_type_filter": {"types": [moment]}}}

    return [
        logger("istio_tcp_connections_opened_total", "TcpUpstreamConnected"),
        logger("istio_tcp_connections_closed_total", "TcpConnectionEnd"),
    ]


def store_prefix(workload: str, store: str) -> str:
    """The prefix of the live statistics of connections to a store: the names and labels they are to have.

    An access log knows a connection's bytes when it ends, and those of a pool do not end. Envoy's own
    `tcp.<prefix>.downstream_cx_rx_bytes_total` is live; `_store_tags` turns it into Istio's.
    """
    values = _store_labels(workload, store)
    return f"{SCOPE}.{_RECEIVED};{_SENT};" + "".join(f"{name}={value};" for name, value in values.items())


def configuration() -> Resource:
    """How statistics are kept: which, under what names, in which buckets."""
    kept: list[Resource] = [{"prefix": prefix} for prefix in (f"{SCOPE}.", *_KEPT)]
    kept.append({"safe_regex": {"regex": r"tcp\..*\.downstream_cx_[rt]x_bytes_total"}})
    return {
        "histogram_bucket_settings": [{"match": {"prefix": f"{SCOPE}.istio_"}, "buckets": list(BUCKETS)}],
        "use_all_default_tags": True,
        "allow_default_tag_overrides": True,
        "stats_tags": _store_tags(_store_labels("", "")),
        "stats_matcher": {"inclusion_list": {"patterns": kept}},
    }


def namespace_extension() -> Resource:
    """The bootstrap extension that makes Envoy know the namespace of these statistics."""
    machine = {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"inline_bytes": NAMESPACE_MODULE}}}
    return extension(
        "envoy.bootstrap.wasm",
        "envoy.extensions.wasm.v3.WasmService",
        singleton=True,
        config={"name": "statistics-namespace", "vm_config": machine},
    )


def _store_labels(workload: str, store: str) -> dict[str, str]:
    # Without the principals: Envoy writes "_" for the "://" in the name of a statistic.
    return labels.store(workload, store) | {"response_flags": "-"}


def _store_tags(names: Iterable[str]) -> list[Resource]:
    """Expressions that take a tag's value (second group) and cut its text (first group) out of the name."""
    cut = [
        rf"{_STORE_PREFIX}({_RECEIVED};()){_SENT};.*_tx_bytes_total$",
        rf"{_STORE_PREFIX}{_RECEIVED};{_SENT}(;.*_tx_bytes_total())$",
        rf"{_STORE_PREFIX}{_RECEIVED}(;.*_rx_bytes_total())$",
    ]
    return [
        {"tag_name": "envoy.tcp_prefix", "regex": rf"^tcp\.((?!{SCOPE})(.*?)\.)"},
        {"tag_name": "request_protocol", "regex": rf"^((tcp)\.){SCOPE}\."},
        *({"tag_name": name, "regex": rf"{_STORE_PREFIX}.*;({name}=([^;]*);)"} for name in names),
        *({"tag_name": f"cut_{number}", "regex": regex} for number, regex in enumerate(cut)),
    ]


def _logger(**content: list[Resource]) -> Resource:
    message = "envoy.extensions.access_loggers.stats.v3.Config"
    config = {"@type": type_url(message), "stats_scope": {"prefix": SCOPE}, **content}
    return {"name": "envoy.access_loggers.stats", "typed_config": config}
