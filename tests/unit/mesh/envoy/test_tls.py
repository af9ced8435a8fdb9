from dataclasses import replace

from refapp.mesh.envoy import tls
from refapp.mesh.identity import spiffe_id


def accepted(side):
    context = side["transport_socket"]["typed_config"]["common_tls_context"]["validation_context"]
    return [name["matcher"]["exact"] for name in context["match_typed_subject_alt_names"]]


def test_a_server_accepts_its_callers_alone(mesh):
    side = tls.server(mesh, "service-b", ("service-a", "rev-proxy"), tls.HTTP2)
    assert side["transport_socket"]["typed_config"]["require_client_certificate"]
    assert accepted(side) == [spiffe_id("service-a"), spiffe_id("rev-proxy")]


def test_a_server_that_nobody_calls_accepts_no_other(mesh):
    assert accepted(tls.server(mesh, "service-b", (), tls.HTTP2)) == [spiffe_id("service-b")]


def test_a_client_accepts_its_callee_alone(mesh):
    side = tls.client(mesh, "service-b", "service-d", tls.HTTP2)
    assert accepted(side) == [spiffe_id("service-d")]
    assert side["transport_socket"]["typed_config"]["sni"] == "service-d.dev.svc.cluster.local"


def test_without_mutual_tls_connections_are_plain(mesh):
    plain = replace(mesh, mutual_tls=False)
    assert tls.server(plain, "service-b", ("service-a",), tls.HTTP2) == {}
    assert tls.client(plain, "service-b", "service-d", tls.HTTP2) == {}
