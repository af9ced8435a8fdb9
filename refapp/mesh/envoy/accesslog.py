"""A sidecar's access log: one JSON object a line on its standard output, with the fields of Istio's."""

from refapp.mesh.addresses import Mesh
from refapp.mesh.envoy.resources import Resource, extension

_CONNECTION = {
    "start_time": "%START_TIME%",
    "duration": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "response_flags": "%RESPONSE_FLAGS%",
    "connection_termination_details": "%CONNECTION_TERMINATION_DETAILS%",
    "upstream_cluster": "%UPSTREAM_CLUSTER_RAW%",
    "upstream_host": "%UPSTREAM_HOST%",
    "upstream_transport_failure_reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "downstream_peer": "%DOWNSTREAM_PEER_URI_SAN%",
}
_REQUEST = {
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%",
    "authority": "%REQ(:AUTHORITY)%",
    "response_code": "%RESPONSE_CODE%",
    "response_code_details": "%RESPONSE_CODE_DETAILS%",
    "grpc_status": "%GRPC_STATUS%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "trace_id": "%TRACE_ID%",
    "upstream_service_time": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
    "user_agent": "%REQ(USER-AGENT)%",
}


def connections(mesh: Mesh, direction: str) -> list[Resource]:
    """A line for each TCP connection that ended, `inbound` or `outbound`; nothing without an access log."""
    ended = {"filter": {"log_type_filter": {"types": ["TcpConnectionEnd"]}}}
    return [_log({"direction": direction, **_CONNECTION}) | ended] if mesh.access_log else []


def requests(mesh: Mesh, direction: str) -> list[Resource]:
    """A line for each request, `inbound` or `outbound`; nothing without an access log."""
    return [_log({"direction": direction, **_CONNECTION, **_REQUEST})] if mesh.access_log else []


def _log(fields: dict[str, str]) -> Resource:
    return extension(
        "envoy.access_loggers.stdout",
        "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": fields},
    )
