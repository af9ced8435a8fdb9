"""Mutual TLS: both sides show a certificate of the platform's authority, and each checks the other's identity."""

from collections.abc import Iterable

from refapp.mesh.addresses import Mesh
from refapp.mesh.certificates import WorkloadFiles
from refapp.mesh.envoy.resources import Resource, extension, watched
from refapp.mesh.identity import host, spiffe_id

_NAME = "envoy.transport_sockets.tls"
_MESSAGE = "envoy.extensions.transport_sockets.tls.v3.{}"

HTTP1 = ("http/1.1",)
HTTP2 = ("h2",)


def server(mesh: Mesh, workload: str, callers: Iterable[str], protocols: Iterable[str]) -> Resource:
    """The fields of a server's side: it refuses whoever shows no certificate of one of the `callers`."""
    if not mesh.mutual_tls:
        return {}
    socket = extension(
        _NAME,
        _MESSAGE.format("DownstreamTlsContext"),
        require_client_certificate=True,
        common_tls_context=_context(WorkloadFiles(mesh.certificates(workload)), callers, protocols),
    )
    return {"transport_socket": socket}


def client(mesh: Mesh, workload: str, callee: str, protocols: Iterable[str]) -> Resource:
    """The fields of a client's side: it refuses whoever shows no certificate of the `callee`."""
    if not mesh.mutual_tls:
        return {}
    socket = extension(
        _NAME,
        _MESSAGE.format("UpstreamTlsContext"),
        sni=host(callee),
        common_tls_context=_context(WorkloadFiles(mesh.certificates(workload)), (callee,), protocols),
    )
    return {"transport_socket": socket}


def _context(files: WorkloadFiles, peers: Iterable[str], protocols: Iterable[str]) -> Resource:
    # An empty list would accept everybody, so a workload that nobody calls accepts its own identity alone.
    identities = [spiffe_id(peer) for peer in peers] or [spiffe_id(files.directory.name)]
    names = [{"san_type": "URI", "matcher": {"exact": identity}} for identity in identities]
    return {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
        "alpn_protocols": list(protocols),
        "tls_certificate_sds_secret_configs": [
            {"name": "certificate", "sds_config": watched(files.certificate_secret)},
        ],
        # Not watched: the authority outlives its platform, and each watch takes one of the few that a user may have.
        "validation_context": {
            "trusted_ca": {"filename": str(files.trust)},
            "match_typed_subject_alt_names": names,
        },
    }
