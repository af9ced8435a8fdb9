"""The control plane of the local mesh: it tells the sidecars of replicas, routes and certificates, by files."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from refapp.deploy.errors import DeployError
from refapp.deploy.local import envoys
from refapp.deploy.local.runner import PodRunner
from refapp.mesh import Edge, Mesh, configuration
from refapp.mesh.envoy.inbound import callers
from refapp.mesh.envoy.routes import Fault, cluster_name
from refapp.mesh.identity import INGRESS

_PERIOD = 0.05
_CALM = 0.2
_ROTATION_PERIOD = 10.0
_DISK_RETRY = 0.5

_log = logging.getLogger(__name__)


class ControlPlane:
    """Keeps the files of a mesh as the state of its pods asks for."""

    def __init__(self, mesh: Mesh, edge: Edge, runners: Callable[[], Iterable[PodRunner]]) -> None:
        self._mesh = mesh
        self._edge = edge
        self._runners = runners
        self._edge_faults: dict[str, Fault | None] = {}
        self._leaving: set[str] = set()
        self._listed: dict[str, list[str]] = {}
        self._rotated = time.monotonic()

    async def run(self) -> None:
        """List the ready pods as endpoints and rotate certificates, until cancelled."""
        while True:
            try:
                self._list_endpoints()
                self._rotate()
            except OSError as error:  # a full disk: the sidecars keep what they have, and it is tried again
                _log.warning("the mesh's files cannot be written: %s", error)
                await asyncio.sleep(_DISK_RETRY)
            await asyncio.sleep(_PERIOD)

    async def withdraw(self, runner: PodRunner) -> None:
        """Take a pod from its callers; returns when none of their sidecars sends it anything new."""
        self._leaving.add(runner.spec.name)
        self._list_endpoints()
        await self._taken_up(runner, there=False)
        await self._left_alone(runner)

    async def listed(self, runner: PodRunner) -> None:
        """Wait until the callers' sidecars know a pod that is ready."""
        await self._taken_up(runner, there=True)

    async def inject(self, caller: str, callee: str, fault: Fault | None) -> None:
        """Have a fault befall the calls from one workload to another, or end it; returns when it does.

        Raises:
            DeployError: the one does not call the other.
        """
        topology = self._mesh.topology
        calls = [*((INGRESS, name) for name in topology.entrances), *topology.calls]
        if (caller, callee) not in calls:
            known = ", ".join(" → ".join(call) for call in calls)
            raise DeployError(f"{caller} does not call {callee}; the calls are {known}")
        if caller == INGRESS:
            self._edge_faults[callee] = fault
            version = configuration.write_edge_routes(self._mesh, self._edge, self._edge_faults)
        else:
            version = configuration.write_route(self._mesh, caller, callee, fault)

        async def taken(admin: Path) -> bool:
            return version in await envoys.route_versions(admin)

        await envoys.until(self._admins((caller,)), taken)

    def _rotate(self) -> None:
        if time.monotonic() - self._rotated < _ROTATION_PERIOD:
            return
        for workload in configuration.rotate_due(self._mesh, datetime.now(UTC)):
            _log.info("%s has a new certificate", workload)
        self._rotated = time.monotonic()

    def _list_endpoints(self) -> None:
        ready: dict[str, list[PodRunner]] = {workload.name: [] for workload in self._mesh.topology}
        for runner in self._runners():
            if runner.spec.addresses and runner.ready and runner.spec.name not in self._leaving:
                ready[runner.spec.workload].append(runner)
        for workload, runners in ready.items():
            names = [runner.spec.name for runner in runners]
            if names != self._listed.get(workload, []):
                pods = [runner.spec.addresses for runner in runners if runner.spec.addresses]
                configuration.write_endpoints(self._mesh, workload, pods)
                self._listed[workload] = names

    async def _taken_up(self, runner: PodRunner, *, there: bool) -> None:
        """Wait until the callers' sidecars list a pod as an endpoint, or no more."""
        pod, workload = runner.spec.addresses, runner.spec.workload

        async def agrees(admin: Path) -> bool:
            return there == (pod is not None and pod.inbound in await envoys.endpoints(admin, cluster_name(workload)))

        await envoys.until(self._admins(callers(self._mesh.topology, workload)), agrees)

    async def _left_alone(self, runner: PodRunner) -> None:
        """Wait until nothing new reaches a pod: an Envoy's workers learn of a change after its administration."""
        admin = self._mesh.admin(runner.spec.name)
        before, now = -1, 0
        try:
            while now != before:
                await asyncio.sleep(_CALM)
                before, now = now, await envoys.requests(admin)
        except (aiohttp.ClientError, TimeoutError):
            return  # its sidecar has ended, and nothing reaches it

    def _admins(self, workloads: Sequence[str]) -> list[Path]:
        return [self._mesh.admin(runner.spec.name) for runner in self._runners() if runner.spec.workload in workloads]
