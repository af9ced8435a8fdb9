"""Who may call a workload, seen from outside its sidecar."""

import socket
import ssl
import threading
from datetime import timedelta

import httpx
import pytest

from refapp.mesh import configuration
from refapp.mesh.certificates import Authority, WorkloadFiles
from refapp.mesh.identity import spiffe_id

REQUEST = b"GET / HTTP/1.1\r\nHost: rev-proxy\r\nConnection: close\r\n\r\n"


def ask(pod, trust, certificate=None):
    """The first bytes of the answer of a gateway's sidecar, and the certificate that it showed."""
    context = ssl.create_default_context(cafile=trust)
    context.check_hostname = False
    context.set_alpn_protocols(["http/1.1"])
    if certificate:
        context.load_cert_chain(certificate.certificate, certificate.key)
    with (
        socket.create_connection((pod.inbound.host, pod.inbound.port), timeout=10) as plain,
        context.wrap_socket(plain) as connection,
    ):
        connection.sendall(REQUEST)
        return connection.recv(100), connection.getpeercert()


@pytest.fixture
def trust(mesh):
    """The authority of the mesh, as a client gets it."""
    return WorkloadFiles(mesh.mesh.certificates("rev-proxy")).trust


def test_a_request_passes(mesh):
    response = httpx.get(mesh.api)
    assert response.is_success
    assert [greeting["service"] for greeting in response.json()["greeting"]] == ["Service A"]


def test_a_caller_of_the_topology_is_let_in(mesh, trust):
    edge = WorkloadFiles(mesh.mesh.certificates("istio-ingressgateway"))
    answer, peer = ask(mesh.gateway, trust, edge)
    assert answer.startswith(b"HTTP/1.1 ")
    assert peer["subjectAltName"] == (("URI", spiffe_id("rev-proxy")),)


def test_plaintext_is_refused(mesh):
    with socket.create_connection((mesh.gateway.inbound.host, mesh.gateway.inbound.port), timeout=10) as connection:
        connection.sendall(REQUEST)
        try:
            answer = connection.recv(100)
        except ConnectionResetError:
            answer = b""
    assert answer == b""


def test_no_certificate_is_refused(mesh, trust):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        ask(mesh.gateway, trust)


def test_a_foreign_authority_is_refused(mesh, trust, tmp_path):
    foreign = Authority(tmp_path / "authority").issue("istio-ingressgateway", tmp_path / "certificate")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        ask(mesh.gateway, trust, foreign)


def test_a_workload_that_does_not_call_it_is_refused(mesh, trust):
    wrong = WorkloadFiles(mesh.mesh.certificates("service-a"))
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        ask(mesh.gateway, trust, wrong)


def test_an_expired_certificate_is_refused(mesh, trust, tmp_path):
    authority = Authority(mesh.mesh.directory / "authority")
    expired = authority.issue("istio-ingressgateway", tmp_path, lifetime=timedelta(seconds=-1))
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        ask(mesh.gateway, trust, expired)


def test_a_callee_with_another_identity_is_not_called(mesh, eventually):
    """The route from the gateway leads to a sidecar that has the certificate of another workload."""
    configuration.write_endpoints(mesh.mesh, "service-a", [mesh.gateway])
    try:
        eventually(lambda: httpx.get(mesh.api).status_code == httpx.codes.SERVICE_UNAVAILABLE)
    finally:
        configuration.write_endpoints(mesh.mesh, "service-a", [mesh.service])
    eventually(lambda: httpx.get(mesh.api).is_success)


def test_a_rotation_loses_no_request(mesh, trust, eventually):
    edge = WorkloadFiles(mesh.mesh.certificates("istio-ingressgateway"))
    failures = []
    over = threading.Event()

    def call():
        with httpx.Client() as client:
            while not over.is_set():
                response = client.get(mesh.api)
                if not response.is_success:
                    failures.append(response.text)

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(3):
            before = ask(mesh.gateway, trust, edge)[1]["serialNumber"]
            for workload in ("rev-proxy", "service-a", "istio-ingressgateway"):
                configuration.rotate(mesh.mesh, workload)
            eventually(lambda: ask(mesh.gateway, trust, edge)[1]["serialNumber"] != before)  # noqa: B023 - now
    finally:
        over.set()
        for caller in callers:
            caller.join()
    assert failures == []
