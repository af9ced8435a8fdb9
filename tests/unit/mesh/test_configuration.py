import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from refapp.mesh import configuration
from refapp.mesh.certificates import WorkloadFiles
from refapp.mesh.envoy import EnvoyNotFoundError, binary
from refapp.mesh.envoy.routes import Fault
from refapp.mesh.identity import INGRESS


@pytest.fixture
def envoy():
    try:
        return str(binary())
    except EnvoyNotFoundError as error:
        pytest.skip(str(error))


def load(path):
    return json.loads(path.read_text())["resources"]


@pytest.mark.parametrize("complete", [True, False])
def test_envoy_accepts_every_configuration(mesh, pods, edge, envoy, complete):
    if not complete:
        mesh = replace(mesh, collector=None, mutual_tls=False, metrics=False, access_log=False)
        edge = replace(edge, allowed_origins=())
    configuration.write(mesh, list(pods.values()), edge)
    for name in (*(pod.name for pod in pods.values()), edge.name):
        command = [envoy, "--mode", "validate", "-l", "warning", "-c", str(mesh.bootstrap(name))]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""


def test_a_ninth_service_appears_by_itself(mesh, pods, edge):
    configuration.write(mesh, list(pods.values()), edge)
    assert mesh.bootstrap("service-i-0").exists()
    assert mesh.endpoints("service-i").exists()
    assert mesh.routes("service-i", "service-a").exists()
    assert WorkloadFiles(mesh.certificates("service-i")).certificate.exists()


def test_replicas_come_and_go(mesh, pods):
    one, other = pods["service-a"], replace(pods["service-a"], name="service-a-1", inbound=pods["service-b"].inbound)
    configuration.write_endpoints(mesh, "service-a", [one, other])
    (assignment,) = load(mesh.endpoints("service-a"))
    names = [member["endpoint"]["hostname"] for member in assignment["endpoints"][0]["lb_endpoints"]]
    assert names == ["service-a-0", "service-a-1"]
    configuration.write_endpoints(mesh, "service-a", [])
    (assignment,) = load(mesh.endpoints("service-a"))
    assert assignment["endpoints"] == [{"lb_endpoints": []}]


def test_a_fault_begins_and_ends(mesh):
    configuration.write_route(mesh, "service-a", "service-b", Fault(delay=1))
    faulty = load(mesh.routes("service-a", "service-b"))
    configuration.write_route(mesh, "service-a", "service-b")
    assert "fault" in json.dumps(faulty)
    assert "fault" not in json.dumps(load(mesh.routes("service-a", "service-b")))


def test_certificates_are_rotated_at_half_of_their_life(mesh, pods, edge):
    configuration.write(mesh, list(pods.values()), edge, lifetime=timedelta(hours=1))
    now = datetime.now(UTC)
    assert configuration.rotate_due(mesh, now + timedelta(minutes=20)) == []
    due = configuration.rotate_due(mesh, now + timedelta(minutes=40))
    assert sorted(due) == sorted([INGRESS, *(workload.name for workload in mesh.topology)])


def test_a_rotation_keeps_the_authority(mesh):
    first = configuration.rotate(mesh, "service-a")
    certificate, trust = first.certificate.read_bytes(), first.trust.read_bytes()
    second = configuration.rotate(mesh, "service-a")
    assert second.certificate.read_bytes() != certificate
    assert second.trust.read_bytes() == trust
