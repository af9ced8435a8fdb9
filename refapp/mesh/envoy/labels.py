"""The labels of Istio's standard metrics: https://istio.io/latest/docs/reference/config/metrics/.

Each label has a format that Envoy fills in for a request or a connection.
"""

from refapp.mesh.addresses import Mesh
from refapp.mesh.envoy.resources import Resource, extension, type_url
from refapp.mesh.identity import host, spiffe_id
from refapp.topology import NAMESPACE

UNKNOWN = "unknown"
VERSION = "v1"
_CLUSTER = "Kubernetes"
_CALLER = "istio.source_workload"

HTTP = {
    "response_code": "%RESPONSE_CODE%",
    "grpc_response_status": "%GRPC_STATUS_NUMBER%",
    "response_flags": "%RESPONSE_FLAGS%",
}
TCP = {"request_protocol": "tcp", "response_flags": "%RESPONSE_FLAGS%"}


def source(workload: str) -> dict[str, str]:
    """The labels that the sidecar of a caller can tell: itself, and what its endpoints say of the callee."""
    callee = "%METADATA(UPSTREAM_HOST:istio:workload)%"
    version = "%METADATA(UPSTREAM_HOST:istio:version)%"
    return {
        "reporter": "source",
        **_workload("source", workload, VERSION, NAMESPACE),
        "source_principal": spiffe_id(workload),
        **_workload("destination", callee, version, "%METADATA(UPSTREAM_HOST:istio:namespace)%"),
        "destination_principal": "%UPSTREAM_PEER_URI_SAN%",
        "destination_service": "%METADATA(CLUSTER:istio:host)%",
        "destination_service_name": "%METADATA(CLUSTER:istio:name)%",
        "destination_service_namespace": "%METADATA(CLUSTER:istio:namespace)%",
        "connection_security_policy": UNKNOWN,  # the caller's sidecar does not tell: so it is in Istio
    }


def source_http(workload: str) -> dict[str, str]:
    """The labels of a request, at its caller's sidecar."""
    return source(workload) | {"request_protocol": "%METADATA(CLUSTER:istio:protocol)%"} | HTTP


def destination_http(mesh: Mesh, workload: str, protocol: str) -> dict[str, str]:
    """The labels of a request, at the sidecar of the callee: it knows the caller from its certificate."""
    caller = f"%FILTER_STATE({_CALLER}:PLAIN)%"
    return {
        "reporter": "destination",
        **_workload("source", caller, VERSION, NAMESPACE),
        "source_principal": "%DOWNSTREAM_PEER_URI_SAN%",
        **_workload("destination", workload, VERSION, NAMESPACE),
        "destination_principal": spiffe_id(workload),
        **service("destination", workload),
        "connection_security_policy": "mutual_tls" if mesh.mutual_tls else "none",  # a listener takes one kind alone
        "request_protocol": protocol,
        **HTTP,
    }


def service(side: str, name: str) -> dict[str, str]:
    """The labels of a service that is known beforehand."""
    return {
        f"{side}_service": host(name),
        f"{side}_service_name": name,
        f"{side}_service_namespace": NAMESPACE,
    }


def store(workload: str, name: str) -> dict[str, str]:
    """The labels of a connection to a store, which is outside the mesh and tells nothing of itself."""
    return {
        "reporter": "source",
        **_workload("source", workload, VERSION, NAMESPACE),
        **_workload("destination", UNKNOWN, UNKNOWN, UNKNOWN),
        **service("destination", name),
        "connection_security_policy": UNKNOWN,
    }


def principals(workload: str) -> dict[str, str]:
    """The identities at both ends of a connection to a store."""
    return {"source_principal": spiffe_id(workload), "destination_principal": UNKNOWN}


def tags(labels: dict[str, str]) -> list[Resource]:
    """The labels as tags of a statistic; what Envoy cannot fill in becomes `unknown`, as in Istio."""
    return [
        {"name": name, "value_format": value, **({"rules": _UNKNOWN_IF_EMPTY} if _may_be_empty(value) else {})}
        for name, value in labels.items()
    ]


def caller_filter() -> Resource:
    """Keep the caller's name of its certificate: once a connection, as an expression for each request costs more."""
    peer = "connection.uri_san_peer_certificate"
    workload = rf"%CEL(connection.mtls ? re.extract({peer}, '/sa/([^/]+)$', '\\1') : '{UNKNOWN}')%"
    return extension(
        "envoy.filters.network.set_filter_state",
        "envoy.extensions.filters.network.set_filter_state.v3.Config",
        on_downstream_tls_handshake=[
            {
                "object_key": _CALLER,
                "factory_key": "envoy.string",
                "format_string": {"text_format_source": {"inline_string": workload}},
            }
        ],
    )


def _workload(side: str, name: str, version: str, namespace: str) -> dict[str, str]:
    return {
        f"{side}_workload": name,
        f"{side}_workload_namespace": namespace,
        f"{side}_app": name,
        f"{side}_version": version,
        f"{side}_canonical_service": name,
        f"{side}_canonical_revision": version,
        f"{side}_cluster": _CLUSTER,
    }


def _may_be_empty(value: str) -> bool:
    return any(source in value for source in ("METADATA(", "FILTER_STATE(", "PEER_URI_SAN"))


def _action(new_value: str) -> Resource:
    message = "envoy.extensions.matching.actions.transform_stat.v3.TransformStat"
    action = {"@type": type_url(message), "update_tag": {"new_tag_value": new_value}}
    return {"action": {"name": "transform", "typed_config": action}}


_UNKNOWN_IF_EMPTY: Resource = {
    "matcher_tree": {
        "input": extension("value", "envoy.extensions.matching.common_inputs.stats.v3.StatTagValueInput"),
        "exact_match_map": {"map": {"": _action(UNKNOWN), "-": _action(UNKNOWN)}},
    }
}
