import sys

from refapp.deploy.local.programs import module, program
from refapp.deploy.local.specs import Probe, Tier
from refapp.mesh import Address


def test_a_program_is_a_pod_of_one_container(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the reader")
    pod = program("inbox", module("backends.inbox.server"), Address("127.0.0.1", 99), tier=Tier.NODE, STORE="x")
    (container,) = pod.containers
    assert (pod.workload, pod.tier, container.name) == ("inbox", Tier.NODE, "inbox")
    assert container.command == (sys.executable, "-m", "refapp.backends.inbox.server")
    assert (container.port, container.probe, container.path) == (99, Probe.HTTP, "/health")
    assert (container.env["PORT"], container.env["STORE"]) == ("127.0.0.1:99", "x")
    assert "AWS_SECRET_ACCESS_KEY" not in container.env
