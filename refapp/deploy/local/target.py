"""The platform on this machine: start it, attach to it, take it away."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from refapp.deploy.autoscaling import Autoscaler
from refapp.deploy.errors import DeployError, NotRunningError
from refapp.deploy.local import orphans
from refapp.deploy.local.client import ControlClient
from refapp.deploy.local.logfiles import LogReader
from refapp.deploy.local.options import Options
from refapp.deploy.local.rundir import RunDirectory, default_path
from refapp.deploy.pods import Phase, Status
from refapp.deploy.stress import Stress
from refapp.deploy.target import ContainerLine, Progress
from refapp.mesh import Mesh
from refapp.mesh.envoy.routes import Fault
from refapp.topology import REFERENCE, Topology

_POLL = 0.05
_TAIL_LINES = 10
# What is decided when a platform starts. Who attaches takes it as it is, unless another than the default is asked for.
_LASTING = (
    "mesh",
    "without",
    "sampling",
    "trace_messages",
    "origins",
    "ui",
    "zipkin",
    "jaeger",
    "otlp",
    "time_scale",
    "monitoring",
    "scrape_interval",
    "slack",
    "cloudwatch",
    "aws",
    "prometheus",
    "kiali",
    "log_size",
    "log_files",
)


class LocalTarget:
    """A platform of processes on this machine, all its state in one run directory."""

    def __init__(self, path: Path | None = None, *, topology: Topology = REFERENCE) -> None:
        self.topology = topology
        self.run = RunDirectory(path or default_path())
        self._control = ControlClient(self.run)

    def start(self, options: Options | None = None, progress: Progress | None = None) -> Status:
        """Start a platform, or attach to the one that runs here, and wait until it works.

        Args:
            options: what is asked of it; without, a running platform is taken as it is.
            progress: called with the status while it starts.

        Returns:
            The status of a platform through which a request has gone.

        Raises:
            MissingBinaryError: a program it needs is not installed.
            RunDirectoryError: the run directory cannot be used.
            DeployError: it does not start, or runs with other replicas or on another port than asked for.
        """
        self.run.prepare()
        with self.run.starting():
            # A platform that runs may be just ending, or fail yet to start; then a new one is due.
            status = self._wait_until_ready(progress) if self.run.is_supervised() else None
            if status is None:
                self._spawn(options or Options())
                status = self._wait_until_ready(progress)
        if status is None:
            raise self._sudden_end()
        if options:
            _check_same(options, status)
        return status

    def status(self, *, use: bool = True) -> Status:
        """The platform as it is now; asking counts as a use of it, unless it is told not to.

        Raises:
            NotRunningError: there is none.
        """
        return self._control.status(use=use)

    def urls(self) -> dict[str, str]:
        """Where to reach the platform.

        Raises:
            NotRunningError: there is none.
        """
        return self._control.urls()

    def stop(self, progress: Progress | None = None) -> None:
        """Stop the platform and wait until none of its processes is left; harmless when there is none."""
        if not self.run.path.is_dir():
            return
        while self.run.is_supervised():
            with suppress(NotRunningError):
                self._control.stop()
                if progress:
                    progress(self._control.status(use=False))
            time.sleep(_POLL)
        self._sweep()

    def started(self) -> datetime | None:
        """When the platform was started that runs here, or ran last; None where there was none."""
        started = self.run.read_state().get("started")
        return datetime.fromtimestamp(started, UTC) if started else None

    def kill(self, pod: str, signal: str = "SIGKILL") -> None:
        """Send a signal to the main process of a pod; the supervisor starts it again.

        Raises:
            DeployError: there is no such pod.
        """
        self._control.kill(pod, signal)

    def stress(self, pod: str, stress: Stress | None) -> None:
        """Use memory and CPU in the main container of a pod beside what it uses itself, or have that end.

        Raises:
            DeployError: there is no such pod.
        """
        self._control.stress(pod, asdict(stress) if stress else None)

    def set_log_level(self, workload: str, level: str) -> None:
        """Have the processes of a workload log at another level, without a restart.

        Raises:
            DeployError: there is no such workload.
        """
        file = self.run.config / workload / "log-level"
        if not file.exists():
            names = ", ".join(workload.name for workload in self.topology)
            raise DeployError(f"no workload named {workload!r}; there are {names}")
        draft = file.with_suffix(".tmp")
        draft.write_text(level)
        draft.replace(file)

    def scale(self, workload: str, replicas: int) -> None:
        """Give a workload so many pods; no request is lost by it.

        Raises:
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        self._control.scale(workload, replicas)

    def autoscale(self, workload: str, autoscaler: Autoscaler | None) -> None:
        """Have a workload scaled by the use of its pods, or scaled so no more.

        Raises:
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        self._control.autoscale(workload, asdict(autoscaler) if autoscaler else None)

    def mesh(self) -> Mesh:
        """Where the configuration of the mesh is."""
        return Mesh(topology=self.topology, directory=self.run.mesh)

    def inject(self, caller: str, callee: str, fault: Fault | None) -> None:
        """Have a fault befall the calls from one workload to another, or end the one that does.

        Raises:
            DeployError: the one does not call the other, or there is no mesh.
        """
        self._control.inject(caller, callee, asdict(fault) if fault else None)

    def logged_pods(self) -> dict[str, str]:
        """The pods of the last platform here that have logged, and the workload of each."""
        return LogReader(self.run.logs).pods()

    def log_lines(self, *, of: str | None = None, follow: bool = False) -> Iterator[ContainerLine | None]:
        """The lines of the last platform here, running or not: of all containers, or of one workload or pod.

        With `follow` it goes on for ever, yielding None when there is nothing new at the moment.
        """
        return LogReader(self.run.logs, of=of).lines(follow=follow)

    def _spawn(self, options: Options) -> None:
        topology = options.chosen(self.topology)
        options.check(topology)
        self._sweep()
        request = {"path": str(self.run.path), "options": asdict(options), "topology": asdict(topology)}
        with self.run.supervisor_log.open("wb") as log:
            launched = subprocess.run(
                [sys.executable, "-P", "-m", "refapp.deploy.local.daemon"],
                input=json.dumps(request).encode(),
                stdout=log,
                stderr=log,
                env=os.environ | {orphans.MARK: str(uuid.uuid4())},
                start_new_session=True,
                check=False,
            )
        if launched.returncode:
            raise self._sudden_end()

    def _wait_until_ready(self, progress: Progress | None) -> Status | None:
        """The status once it is ready; None when the supervisor has ended instead, and all of the platform with it."""
        while True:
            alive = self.run.is_supervised()
            try:
                status = self._control.status()
            except NotRunningError:
                if not alive:
                    return None
            else:
                if status.phase is Phase.READY:
                    return status
                if progress:
                    progress(status)
            time.sleep(_POLL)

    def _sudden_end(self) -> DeployError:
        state = self.run.read_state()
        if state.get("phase") == Phase.FAILED:
            return DeployError(state["error"])
        log = self.run.supervisor_log
        last_words = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
        return DeployError(
            f"the platform ended while it started; the supervisor's log is {log} and ends with\n{last_words}"
        )

    def _sweep(self) -> None:
        """Kill what a platform left here that ended without its supervisor and its guardian."""
        if platform_id := self.run.read_state().get("platform"):
            orphans.kill_orphans(platform_id)


def _check_same(options: Options, status: Status) -> None:
    replicas = {name: count for name, count in options.replicas.items() if count != status.replicas.get(name, 1)}
    if replicas:
        raise DeployError(
            f"the running platform has other replicas than asked for ({replicas}); run `refapp down` first"
        )
    for name in _LASTING:
        asked, running = getattr(options, name), status.options[name]
        # A tuple comes back from JSON as a list.
        if asked != getattr(Options, name) and asked != (tuple(running) if isinstance(running, list) else running):
            raise DeployError(f"the running platform has {name}={running!r}, not {asked!r}; run `refapp down` first")
    if options.port and not status.urls["ingress"].endswith(f":{options.port}"):
        raise DeployError(f"the running platform is at {status.urls['ingress']}; run `refapp down` first")
