"""The pieces that every part of the configuration is made of."""

from pathlib import Path
from typing import Any

from refapp.mesh.addresses import Address

# A message of Envoy's API, as JSON would hold it.
Resource = dict[str, Any]

HTTP1: Resource = {"http_protocol_options": {}}
HTTP2: Resource = {"http2_protocol_options": {}}
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def type_url(message: str) -> str:
    """The name of a Protocol Buffers message as Envoy's `@type` has it."""
    return f"type.googleapis.com/{message}"


def extension(name: str, message: str, **fields: object) -> Resource:
    """An extension with its configuration, a message of that type."""
    return {"name": name, "typed_config": {"@type": type_url(message), **fields}}


def socket_address(address: Address) -> Resource:
    """A TCP address."""
    return {"socket_address": {"address": address.host, "port_value": address.port}}


def pipe(path: Path) -> Resource:
    """A unix socket that only its owner may open."""
    return {"pipe": {"path": str(path), "mode": 0o600}}


def watched(path: Path) -> Resource:
    """A file of resources that is read again whenever another is renamed into its place."""
    source = {"path": str(path), "watched_directory": {"path": str(path.parent)}}
    return {"resource_api_version": "V3", "path_config_source": source}


def upstream_protocol(version: Resource) -> Resource:
    """The fields of a cluster that speaks that version of HTTP."""
    options = {"@type": type_url(_HTTP_OPTIONS), "explicit_http_config": version}
    return {"typed_extension_protocol_options": {_HTTP_OPTIONS: options}}


def static_cluster(name: str, address: Resource, **fields: object) -> Resource:
    """A cluster of one address that never changes."""
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    assignment = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": assignment, **fields}


def listener(name: str, address: Address, direction: str, *filters: Resource, **chain: object) -> Resource:
    """A listener whose connections all pass the same filters."""
    return {
        "name": name,
        "address": socket_address(address),
        "traffic_direction": direction,
        "filter_chains": [{"filters": filters, **chain}],
    }
