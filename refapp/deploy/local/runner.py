"""A pod of the local platform: its containers, started one after the other."""

import asyncio
import signal
import time
from pathlib import Path

from refapp.deploy.local.container import Container
from refapp.deploy.local.containerlog import Rotation
from refapp.deploy.local.namespaces import namespace
from refapp.deploy.local.specs import PodSpec
from refapp.deploy.pods import Pod
from refapp.deploy.stress import Stress


class PodRunner:
    """Runs the containers of one pod. Their logs go where a kubelet puts them: `NAMESPACE_POD_UID/CONTAINER/N.log`.

    `started` is when it was started, in seconds since 1970.
    """

    def __init__(self, spec: PodSpec, logs: Path, rotation: Rotation | None = None) -> None:
        self.spec = spec
        directory = logs / f"{namespace(spec.workload)}_{spec.name}_{spec.uid}"
        self.containers = [Container(one, directory / one.name, rotation) for one in spec.containers]
        self.started = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ready(self) -> bool:
        """Whether every container is ready."""
        return all(container.ready for container in self.containers)

    @property
    def restarts(self) -> int:
        """How often containers of the pod were started again."""
        return sum(container.restarts for container in self.containers)

    @property
    def pids(self) -> list[int]:
        """The processes of the pod at the moment, without their children."""
        return [pid for container in self.containers for pid in container.pids]

    async def start(self) -> None:
        """Start the containers; returns when each has been ready once."""
        self.started = time.time()
        for container in self.containers:
            self._tasks.append(asyncio.create_task(container.keep()))
            await container.settled.wait()

    async def stop(self) -> None:
        """Stop the containers, the last one first."""
        for container, task in reversed(list(zip(self.containers, self._tasks, strict=False))):
            await container.stop(task)

    def kill(self, signum: signal.Signals) -> None:
        """Send a signal to the pod's main container, which is its last."""
        self.containers[-1].kill(signum)

    async def stress(self, stress: Stress | None) -> None:
        """Use memory and CPU in the pod's main container; None to have that end."""
        await self.containers[-1].stress(stress)

    def describe(self, *, cpu: float, memory: int) -> Pod:
        """The pod as a status shows it, with its use of CPU in millicores and of memory in bytes."""
        return Pod(
            name=self.spec.name,
            workload=self.spec.workload,
            ready=self.ready,
            restarts=self.restarts,
            cpu=cpu,
            memory=memory,
            ports={name: port for container in self.spec.containers for name, port in container.ports.items()},
            reason=next((container.reason for container in self.containers if container.reason), ""),
        )
