import asyncio
import json
from datetime import timedelta

import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local import controlplane as module
from refapp.deploy.local.controlplane import ControlPlane
from refapp.deploy.local.options import Options
from refapp.deploy.local.plan import Planner
from refapp.deploy.local.rundir import RunDirectory
from refapp.mesh import configuration
from refapp.mesh.certificates import WorkloadFiles
from refapp.mesh.envoy.routes import Fault
from refapp.mesh.identity import INGRESS
from refapp.topology import REFERENCE


class Runner:
    """A pod that is ready, or not, and whose Envoy does not run."""

    def __init__(self, spec):
        self.spec = spec
        self.ready = True


@pytest.fixture
def mesh_and_runners(tmp_path):
    run = RunDirectory(tmp_path)
    run.clear()
    plan = Planner(REFERENCE, Options(replicas={"service-b": 2}), run).plan()
    runners = [Runner(pod) for pod in plan.pods]
    return plan.mesh, ControlPlane(plan.mesh, plan.edge, lambda: runners), runners


def listed(mesh, workload):
    (assignment,) = json.loads(mesh.endpoints(workload).read_text())["resources"]
    return [member["endpoint"]["hostname"] for member in assignment["endpoints"][0]["lb_endpoints"]]


@pytest.fixture
async def running(mesh_and_runners):
    mesh, control_plane, runners = mesh_and_runners
    task = asyncio.create_task(control_plane.run())
    yield mesh, control_plane, [runner for runner in runners if runner.spec.workload == "service-b"]
    task.cancel()
    await asyncio.wait([task])


async def test_only_ready_pods_are_called(running, until):
    mesh, _, (one, other) = running
    await until(lambda: listed(mesh, "service-b") == [one.spec.name, other.spec.name], within=5)
    one.ready = False
    await until(lambda: listed(mesh, "service-b") == [other.spec.name], within=5)
    one.ready = True
    await until(lambda: listed(mesh, "service-b") == [one.spec.name, other.spec.name], within=5)


async def test_a_withdrawn_pod_is_waited_for_until_nothing_new_reaches_it(running, monkeypatch):
    _, control_plane, (one, _) = running
    told, asked = [3, 5, 8, 8], []

    async def requests(admin):
        asked.append(admin.exists())
        return told[len(asked) - 1]

    monkeypatch.setattr(module.envoys, "requests", requests)
    monkeypatch.setattr(module, "_CALM", 0)
    await control_plane.withdraw(one)
    assert len(asked) == 4


async def test_a_withdrawn_pod_is_called_no_more(running):
    mesh, control_plane, (one, other) = running
    await control_plane.withdraw(one)
    assert listed(mesh, "service-b") == [other.spec.name]


async def test_a_fault_is_kept_until_it_ends(mesh_and_runners):
    mesh, control_plane, _ = mesh_and_runners
    for caller, callee, file in (
        ("service-a", "service-b", mesh.routes("service-a", "service-b")),
        (INGRESS, "rev-proxy", mesh.routes(INGRESS, "edge")),
    ):
        await control_plane.inject(caller, callee, Fault(delay=1))
        assert "fixed_delay" in file.read_text()
        await control_plane.inject(caller, callee, None)
        assert "fixed_delay" not in file.read_text()


async def test_a_fault_needs_a_call(mesh_and_runners):
    _, control_plane, _ = mesh_and_runners
    with pytest.raises(DeployError, match="service-b does not call service-a; the calls are "):
        await control_plane.inject("service-b", "service-a", Fault(delay=1))


async def test_certificates_are_rotated_as_it_runs(mesh_and_runners, monkeypatch, until):
    mesh, control_plane, _ = mesh_and_runners
    configuration.rotate(mesh, "service-a", lifetime=timedelta(seconds=1))
    files = WorkloadFiles(mesh.certificates("service-a"))
    before = files.certificate.read_bytes()
    monkeypatch.setattr(module, "_ROTATION_PERIOD", 0.0)
    task = asyncio.create_task(control_plane.run())
    await until(lambda: files.certificate.read_bytes() != before, within=5)
    task.cancel()
    await asyncio.wait([task])


async def test_a_full_disk_is_waited_for(running, monkeypatch, until):
    mesh, _, (one, other) = running
    await until(lambda: listed(mesh, "service-b") == [one.spec.name, other.spec.name], within=5)
    write, full, failed = configuration.write_endpoints, [True], []

    def write_if_there_is_room(*arguments):
        if full:
            failed.append(arguments)
            raise OSError(28, "No space left on device")
        write(*arguments)

    monkeypatch.setattr(configuration, "write_endpoints", write_if_there_is_room)
    monkeypatch.setattr(module, "_DISK_RETRY", 0.01)
    one.ready = False
    await until(lambda: failed, within=5)
    full.clear()
    await until(lambda: listed(mesh, "service-b") == [other.spec.name], within=5)
