"""The process that keeps a local platform."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from refapp.deploy.autoscaling import Autoscaler, PodUse
from refapp.deploy.errors import DeployError
from refapp.deploy.local import orphans, smoke
from refapp.deploy.local.autoscalers import Autoscalers
from refapp.deploy.local.control import serve
from refapp.deploy.local.controlplane import ControlPlane
from refapp.deploy.local.options import Options, check_count
from refapp.deploy.local.plan import Planner
from refapp.deploy.local.registry import Registry
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.runner import PodRunner
from refapp.deploy.local.specs import PodSpec, Tier
from refapp.deploy.local.usage import Meter, memory, resident
from refapp.deploy.pods import Phase, Status
from refapp.deploy.stress import Stress
from refapp.topology import Topology

# A container that ended so often before it was ever ready will not become ready.
_HOPELESS = 3
_START_TIMEOUT = float(os.environ.get("REFAPP_START_TIMEOUT") or 90)
_PERIOD = 0.2
_SAMPLE_PERIOD = 2.0
_TAIL_LINES = 5

_log = logging.getLogger(__name__)


class Supervisor:
    """Starts the pods of a plan, keeps them, and stops them: when asked, by a signal, or when nobody uses them.

    `control_plane` is there where the platform has a mesh.
    """

    def __init__(self, run: RunDirectory, options: Options, *, topology: Topology, platform_id: str) -> None:
        self._planner = Planner(topology, options, run)
        plan = self._planner.plan()
        self.runners = [PodRunner(pod, run.logs, options.rotation) for pod in plan.pods]
        self.urls = dict(plan.urls)
        self.control_plane = ControlPlane(plan.mesh, plan.edge, self._all) if plan.mesh and plan.edge else None
        self.phase = Phase.STARTING
        self.error = ""
        self._registry = (
            Registry(plan.inventory, plan.monitoring, plan.edge) if plan.inventory and plan.monitoring else None
        )
        self._run = run
        self._options = options
        self._topology = topology
        self._platform_id = platform_id
        self._replicas = dict(options.replicas)
        self._scaling: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._autoscalers = Autoscalers(self._uses, self._count, self.scale, scale=options.time_scale)
        self._meter = Meter()
        self._stop = asyncio.Event()
        self._born = time.monotonic()
        self._started = time.time()
        self._used = self._born
        self._requests = 0

    def touch(self) -> None:
        """Note that somebody uses the platform."""
        self._used = time.monotonic()

    def stop(self) -> None:
        """Begin to stop the platform."""
        self._stop.set()

    def runner(self, name: str) -> PodRunner:
        """The runner of the pod of that name.

        Raises:
            DeployError: there is no such pod.
        """
        for runner in self.runners:
            if runner.spec.name == name:
                return runner
        raise DeployError(f"no pod named {name!r}; there are {', '.join(one.spec.name for one in self.runners)}")

    async def stress(self, pod: str, stress: Stress | None) -> None:
        """Use memory and CPU in a pod; None to have that end.

        Raises:
            DeployError: there is no such pod.
        """
        await self.runner(pod).stress(stress)

    def status(self) -> Status:
        """The platform as it is now."""
        now = time.monotonic()
        used = memory(self._processes())
        return Status(
            target="local",
            phase=self.phase,
            error=self.error,
            age=now - self._born,
            idle=now - self._used,
            idle_limit=self._options.idle,
            pods=tuple(
                runner.describe(cpu=self._meter.millicores(runner.spec.name), memory=used[runner.spec.name])
                for runner in self.runners
            ),
            urls=self.urls,
            replicas=self._replicas,
            autoscalers=self._autoscalers.describe(),
            options=asdict(self._options),
        )

    def _pods_of(self, workload: str) -> list[PodRunner]:
        return [runner for runner in self.runners if runner.spec.workload == workload]

    def _count(self, workload: str) -> int:
        return len(self._pods_of(workload))

    async def scale(self, workload: str, count: int) -> None:
        """Give a workload so many pods; returns when its callers know the new ones, and when the others have ended.

        Raises:
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        name = self._topology[workload].name
        check_count(name, count)
        async with self._scaling[name]:
            runners = self._pods_of(name)
            await asyncio.gather(
                *(self._add(self._planner.replica(name)) for _ in range(count - len(runners))),
                *(self._remove(runner) for runner in runners[count:]),
            )
            self._replicas[name] = count

    async def autoscale(self, workload: str, autoscaler: Autoscaler | None) -> None:
        """Have a workload scaled by the use of its pods, or scaled so no more.

        Raises:
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        name = self._topology[workload].name
        if autoscaler:
            check_count(name, autoscaler.maximum)
            if self.control_plane is None:
                raise DeployError("the platform runs without the mesh, which tells callers of new replicas")
        self._autoscalers.set(name, autoscaler)

    async def _add(self, pod: PodSpec) -> None:
        runner = PodRunner(pod, self._run.logs, self._options.rotation)
        self.runners.append(runner)
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await runner.start()
        except TimeoutError:
            await runner.stop()
            self.runners.remove(runner)
            raise DeployError(
                f"{pod.name} was not ready after {_START_TIMEOUT:g} s; its logs are in {self._run.logs}"
            ) from None
        if self.control_plane:
            await self.control_plane.listed(runner)

    async def _remove(self, runner: PodRunner) -> None:
        if self.control_plane is None:
            raise DeployError("the platform runs without the mesh, which tells callers of leaving replicas")
        await self.control_plane.withdraw(runner)
        await runner.stop()
        self.runners.remove(runner)

    def _all(self) -> Iterable[PodRunner]:
        return self.runners

    async def run(self) -> None:
        """Run the platform from its start to its end."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.stop)
        tasks = [asyncio.create_task(self._guard())]
        if self.control_plane:
            tasks.append(asyncio.create_task(self.control_plane.run()))
        if self._registry:
            tasks.append(asyncio.create_task(self._register(self._registry)))
        async with serve(self, self._run.socket):
            self._enter(Phase.STARTING)
            try:
                await self._start()
                await self._keep()
            finally:
                await self._end()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _guard(self) -> None:
        """Have a guardian at all times: it learns of the supervisor's end by the end of its standard input."""
        while True:
            guardian = await asyncio.create_subprocess_exec(
                sys.executable, orphans.__file__, self._platform_id, stdin=asyncio.subprocess.PIPE
            )
            try:
                await guardian.wait()
            except asyncio.CancelledError:
                guardian.kill()
                await guardian.wait()
                raise
            _log.warning("the guardian ended with code %s; there is a new one", guardian.returncode)
            await asyncio.sleep(_PERIOD)

    async def _register(self, registry: Registry) -> None:
        """Have the registry follow the pods; a full disk must not end the platform."""
        while True:
            with contextlib.suppress(OSError):
                registry.update(self.runners, self._replicas, self._autoscalers.describe())
            await asyncio.sleep(_PERIOD)

    def _enter(self, phase: Phase, error: str = "") -> None:
        self.phase, self.error = phase, error
        _log.info("%s %s", phase, error)
        state = {"platform": self._platform_id, "supervisor": os.getpid(), "phase": phase, "error": error}
        state["started"] = self._started
        # A full disk must not end the platform; whoever asks the control socket learns the phase all the same.
        with contextlib.suppress(OSError):
            self._run.write_state(state | {"urls": self.urls})

    async def _start(self) -> None:
        starting = asyncio.create_task(self._start_pods())
        watching = asyncio.create_task(self._watch_start())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({starting, watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (starting, watching, stopping):
            task.cancel()
        try:
            for task in (watching, starting):
                if task.done():
                    await task
        except DeployError as error:
            self._enter(Phase.FAILED, str(error))
            self.stop()
            return
        if not self._stop.is_set():
            self._enter(Phase.READY)

    async def _start_pods(self) -> None:
        await asyncio.gather(*(runner.start() for runner in self.runners))
        logged = self._options.log_level in {"trace", "debug", "info"}
        traced = self._options.own_backend and self._options.sampling == 100  # noqa: PLR2004 - per cent
        await smoke.check(
            self._topology,
            self.urls["ingress"],
            self._log_files,
            logged=logged,
            ui=self.urls.get("ui"),
            zipkin=self.urls["zipkin"] if traced else None,
            prometheus=self.urls["prometheus"] if self._registry and self._options.metrics else None,
            aws=self.urls["aws"] if logged and self._options.own_aws else None,
        )

    async def _watch_start(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_TIMEOUT):
                while True:
                    self._check_hopeless()
                    await asyncio.sleep(_PERIOD)
        late = ", ".join(runner.spec.name for runner in self.runners if not runner.ready)
        raise DeployError(
            f"not ready after {_START_TIMEOUT:g} s: {late or 'the first request'}; the logs are in {self._run.logs}"
        )

    def _check_hopeless(self) -> None:
        for container in (container for runner in self.runners for container in runner.containers):
            if container.restarts >= _HOPELESS and not container.settled.is_set():
                log = container.last_log_file
                raise DeployError(
                    f"{container.spec.name} does not start: it {container.reason}; its log is {log} and ends with\n"
                    + "\n".join(_tail(log))
                )

    def _processes(self) -> dict[str, list[int]]:
        return {runner.spec.name: runner.pids for runner in self.runners}

    def _log_files(self, workload: str) -> Iterable[Path]:
        for runner in self._pods_of(workload):
            yield from (container.log_file for container in runner.containers)

    async def _keep(self) -> None:
        sampled = 0.0
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _PERIOD)
            now = time.monotonic()
            if now - sampled >= _SAMPLE_PERIOD:
                sampled = now
                self._meter.sample(self._processes())
                self._limit_memory()
                self._count_requests()
            if now - self._used >= self._options.idle:
                _log.info("nobody used the platform for %g s: it ends", self._options.idle)
                self.stop()
            if not self._run.socket.exists():
                _log.info("the run directory is gone, and with it the way to reach the platform: it ends")
                self.stop()

    def _uses(self, workload: str) -> Iterable[PodUse]:
        """What the pods of a workload use, of CPU since the last sample."""
        runners = self._pods_of(workload)
        used = memory({runner.spec.name: runner.pids for runner in runners})
        for runner in runners:
            name = runner.spec.name
            requests = [c.spec.resources for c in runner.containers if c.spec.resources]
            cpu = {"cpu": self._meter.millicores(name)} if self._meter.knows(name) else {}
            yield PodUse(
                ready=runner.ready,
                used={**cpu, "memory": used[name]},
                requested={
                    "cpu": 1000 * sum(one.cpu_request for one in requests),
                    "memory": sum(one.memory_request for one in requests),
                },
            )

    def _limit_memory(self) -> None:
        limited = {
            f"{runner.spec.name}/{container.spec.name}": container
            for runner in self.runners
            for container in runner.containers
            if container.memory_limit
        }
        groups = {name: container.pids for name, container in limited.items() if container.pids}
        suspects = [name for name, used in resident(groups).items() if used > limited[name].memory_limit]
        for name, used in memory({name: groups[name] for name in suspects}).items():
            limited[name].limit_memory(used)

    def _count_requests(self) -> None:
        requests = sum(container.requests for runner in self.runners for container in runner.containers)
        if requests != self._requests:
            self._requests = requests
            self.touch()

    async def _end(self) -> None:
        await self._autoscalers.stop()
        if self.phase is not Phase.FAILED:
            self._enter(Phase.STOPPING)
        for tier in sorted(Tier, reverse=True):
            await asyncio.gather(*(runner.stop() for runner in self.runners if runner.spec.tier is tier))
        self._enter(self.phase, self.error)


def _tail(path: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return []


def supervise(run: RunDirectory, topology: Topology, options: Options) -> None:
    """Keep a platform in `run`, from its start to its end; the caller holds the supervisor's lock."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    platform_id = os.environ[orphans.MARK]
    run.clear()
    supervisor = Supervisor(run, options, topology=topology, platform_id=platform_id)
    asyncio.run(supervisor.run())
    orphans.kill_orphans(platform_id)
    run.remove_data()
