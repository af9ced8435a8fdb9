"""A container of the local platform: one process, restarted with a growing delay when it ends."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from pathlib import Path
from typing import cast

from refapp.deploy.local import orphans, probe
from refapp.deploy.local.containerlog import ContainerLog, Rotation
from refapp.deploy.local.specs import ContainerSpec
from refapp.deploy.local.stressor import Stressor
from refapp.deploy.stress import Stress
from refapp.topology import MIB

# Kubernetes waits 10 s before a restart, doubles up to 5 min and forgets after 10 min of running
# (kubernetes.io, Pod Lifecycle); the same scheme in the time scale of a tutorial.
_FIRST_DELAY = 0.2
_LAST_DELAY = 10.0
_STABLE = 30.0

_DISK_RETRY = 0.5
_PIPES_CLOSE = 1.0

_log = logging.getLogger(__name__)


class Container:
    """Keeps one process running.

    `ready` tells its health, `settled` is set at the first readiness, `reason` says why it last ended; `terminated` is
    the same in the one word of Kubernetes, and `started` when the present process began, in seconds since 1970.
    """

    def __init__(self, spec: ContainerSpec, logs: Path, rotation: Rotation | None = None) -> None:
        self.spec = spec
        self.ready = False
        self.settled = asyncio.Event()
        self.restarts = 0
        self.reason = ""
        self.terminated = ""
        self.started = 0.0
        self.requests = 0
        self._logs = logs
        self._rotation = rotation
        self._stressor = Stressor()
        self._transport: asyncio.SubprocessTransport | None = None
        self._stopping = asyncio.Event()
        self._excess = 0

    @property
    def pid(self) -> int | None:
        """The process, if there is one at the moment."""
        return self._transport.get_pid() if self._transport else None

    @property
    def others(self) -> list[int]:
        """The processes that stress it at the moment, which are no children of its own."""
        return self._stressor.pids

    @property
    def pids(self) -> list[int]:
        """All its processes, without their children."""
        return [self.pid, *self.others] if self.pid else []

    @property
    def _env(self) -> dict[str, str]:
        return {**self.spec.env, **_mark()}

    @property
    def memory_limit(self) -> int:
        """How much memory it may use, in bytes; 0 where that is not limited."""
        return self.spec.resources.memory_limit if self.spec.resources else 0

    @property
    def log_file(self) -> Path:
        """The log of the present run."""
        return self._logs / f"{self.restarts}.log"

    @property
    def last_log_file(self) -> Path:
        """The log of the last run that has ended, or of the present one when none has."""
        return self._logs / f"{max(self.restarts - 1, 0)}.log"

    async def keep(self) -> None:
        """Run the process, again and again, until `stop` is called."""
        delay = _FIRST_DELAY
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            started = clock()
            await self._run()
            if self._stopping.is_set():
                break
            if clock() - started >= _STABLE:
                delay = _FIRST_DELAY
            _log.warning("%s %s; it is started again in %g s", self.spec.name, self.reason, delay)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
            delay = min(2 * delay, _LAST_DELAY)
            self.restarts += 1

    async def stop(self, running: asyncio.Task[None]) -> None:
        """Ask the process to end, kill it after its grace period, and wait for `running`, the task of `keep`."""
        self._stopping.set()
        self.kill(signal.SIGTERM)
        done, _ = await asyncio.wait([running], timeout=self.spec.grace)
        if not done:
            self.kill(signal.SIGKILL)
            await running

    def kill(self, signum: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self._transport:
            with contextlib.suppress(ProcessLookupError):
                self._transport.send_signal(signum)

    async def stress(self, stress: Stress | None) -> None:
        """Stress the container, until its process ends and again when it has started anew; None to have it end."""
        self._stressor.ask(stress)
        await self._stressor.stop()
        if self.pid:
            await self._stressor.start(self._env)

    def limit_memory(self, used: int) -> None:
        """Kill the process if it uses more memory, in bytes, than its limit; it is started again as after any end."""
        if self.memory_limit and used > self.memory_limit:
            self._excess = used
            self.kill(signal.SIGKILL)

    async def _run(self) -> None:
        log = ContainerLog(self.log_file, self._rotation)
        try:
            output = await self._spawn(log)
        except OSError as error:
            self.reason = f"cannot be started: {error}"
            log.write("stderr", f"{self.reason}\n".encode())
            log.close()
            return
        watching = asyncio.create_task(self._watch())
        await self._stressor.start(self._env)
        code = await output.exited
        await self._stressor.stop()
        watching.cancel()
        self.ready = False
        self.reason, self.terminated = self._explain(code)
        with contextlib.suppress(TimeoutError):
            # A grandchild may hold the pipes for longer than anybody wants to wait.
            await asyncio.wait_for(output.closed, _PIPES_CLOSE)
        if self._transport:
            self._transport.close()
        self._transport = None
        log.close()

    async def _spawn(self, log: ContainerLog) -> "_Output":
        transport, output = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Output(log),
            *self.spec.command,
            stdin=asyncio.subprocess.DEVNULL,
            env=self._env,
            cwd=self._logs,
            start_new_session=True,
        )
        self._transport = transport
        self.started, self._excess = time.time(), 0
        if self._stopping.is_set():
            self.kill(signal.SIGTERM)
        return output

    def _explain(self, code: int) -> tuple[str, str]:
        if self._excess and code == -signal.SIGKILL:
            used, limit = self._excess / MIB, self.memory_limit / MIB
            return f"was killed because it used {used:.0f} MiB of memory, and {limit:.0f} are its limit", "OOMKilled"
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
        return reason, "Error" if code else "Completed"

    async def _watch(self) -> None:
        async for health in probe.watch(self.spec):
            self.ready = health.ready
            self.requests = health.requests
            if health.ready:
                self.settled.set()


class _Output(asyncio.SubprocessProtocol):
    """Carries a process's output into its log."""

    def __init__(self, log: ContainerLog) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[int] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._log = log
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._log.write("stdout" if fd == 1 else "stderr", data)
        if self._log.full:
            self._pause()

    def process_exited(self) -> None:
        if self._transport and not self.exited.done():
            self.exited.set_result(self._transport.get_returncode() or 0)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.closed.done():
            self.closed.set_result(None)

    def _pause(self) -> None:
        for pipe in self._pipes():
            pipe.pause_reading()
        asyncio.get_running_loop().call_later(_DISK_RETRY, self._resume)

    def _resume(self) -> None:
        if self.closed.done():
            return
        self._log.flush()
        if self._log.full:
            asyncio.get_running_loop().call_later(_DISK_RETRY, self._resume)
            return
        for pipe in self._pipes():
            pipe.resume_reading()

    def _pipes(self) -> list[asyncio.ReadTransport]:
        transports = [self._transport.get_pipe_transport(fd) for fd in (1, 2)] if self._transport else []
        return [cast("asyncio.ReadTransport", pipe) for pipe in transports if pipe and not pipe.is_closing()]


def _mark() -> dict[str, str]:
    """What tells the processes of this platform from all others, handed on to their children by themselves."""
    return {name: value for name, value in os.environ.items() if name == orphans.MARK}
