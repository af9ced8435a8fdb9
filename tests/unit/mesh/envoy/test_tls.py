import pytest

from refapp.mesh.certificates import WorkloadFiles
from refapp.mesh.envoy import tls
from refapp.mesh.identity import spiffe_id


@pytest.fixture
def files(tmp_path):
    return WorkloadFiles(tmp_path / "service-b")


def accepted(socket):
    context = socket["typed_config"]["common_tls_context"]["combined_validation_context"]
    names = context["default_validation_context"]["match_typed_subject_alt_names"]
    return [name["matcher"]["exact"] for name in names]


def test_a_server_accepts_its_callers_alone(files):
    socket = tls.server(files, ("service-a", "rev-proxy"), tls.HTTP2)
    assert socket["typed_config"]["require_client_certificate"]
    assert accepted(socket) == [spiffe_id("service-a"), spiffe_id("rev-proxy")]


def test_a_server_that_nobody_calls_accepts_no_other(files):
    assert accepted(tls.server(files, (), tls.HTTP2)) == [spiffe_id("service-b")]


def test_a_client_accepts_its_callee_alone(files):
    socket = tls.client(files, "service-d", tls.HTTP2)
    assert accepted(socket) == [spiffe_id("service-d")]
    assert socket["typed_config"]["sni"] == "service-d.dev.svc.cluster.local"
