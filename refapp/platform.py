"""The platform as notebooks use it: one object to deploy, exercise and query it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd

from refapp.deploy.autoscaling import Autoscaler
from refapp.deploy.errors import DeployError
from refapp.deploy.local.options import Options
from refapp.deploy.local.target import LocalTarget
from refapp.deploy.pods import Status
from refapp.deploy.stress import Stress
from refapp.deploy.target import Progress, Target
from refapp.exercise import load
from refapp.mesh.envoy.routes import Fault
from refapp.query.alerts import Alerts
from refapp.query.cloudwatch import Cloud, CloudWatchLogs, ContainerInsights
from refapp.query.logs import Logs
from refapp.query.mesh import Console, MeshConfiguration
from refapp.query.metrics import Metrics, Samples
from refapp.query.resources import Resources
from refapp.query.stores import Documents, Queues
from refapp.query.tracing import Traces
from refapp.services.logs import parse_level
from refapp.services.settings import PARENT
from refapp.topology import MIB, REFERENCE, Topology

_API = "/api/greeting"
_POLL = 0.1


class PlatformLogs(Logs, CloudWatchLogs):
    """The logs of a platform.

    `lines`, `follow` and `frame` read what its pods have printed where they run; all else asks CloudWatch Logs.
    """

    def __init__(self, target: Target, cloud: Cloud) -> None:
        Logs.__init__(self, target)
        CloudWatchLogs.__init__(self, cloud)


class Platform:
    """A running platform.

    Attributes:
        topology: the workloads and their calls, as data.
        logs: what the pods have written; and what CloudWatch Logs has of it, by Logs Insights.
        traces: the way of each request, as the sidecars tell it.
        metrics: what Prometheus has gathered, by PromQL.
        alerts: what Alertmanager knows, and what it has written to Slack.
        insights: what Container Insights knows of the cluster, and CloudWatch's alarms.
        cloud: AWS as boto3 reaches it, or what stands for it.
        mesh: the mesh as Kiali shows it: its graph, its health, what is in it.
        documents: the documents of the databases.
        queues: the counters of the broker's queues.
    """

    def __init__(self, target: Target, topology: Topology = REFERENCE) -> None:
        self.topology = topology
        self.cloud = Cloud(target.urls)
        self.logs = PlatformLogs(target, self.cloud)
        self.insights = ContainerInsights(self.cloud)
        self.traces = Traces(target.urls)
        self.metrics = Metrics(target.urls)
        self.alerts = Alerts(target.urls)
        self.mesh = Console(
            Samples(self.metrics),
            topology,
            urls=target.urls,
            since=target.started,
            pods=self.pods,
            logs=lambda workload: self.logs.frame(workload=workload),
            configuration=MeshConfiguration(target.mesh()),
        )
        self.documents = Documents(topology, lambda: self.urls["mongodb"])
        self.queues = Queues(lambda: self.urls["rabbitmq-metrics"])
        self._target = target

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def status(self) -> Status:
        """The platform as it is now.

        Raises:
            NotRunningError: it runs no longer.
        """
        return self._target.status()

    @property
    def urls(self) -> dict[str, str]:
        """Where to reach the platform; `ingress` is the public REST address, `ui` that of the user interface."""
        return self._target.urls()

    @property
    def api(self) -> str:
        """The address of the platform's one REST resource."""
        return self.urls["ingress"] + _API

    @property
    def resources(self) -> Resources:
        """What pods and nodes use of CPU and memory.

        Raises:
            DeployError: nothing measures it.
        """
        try:
            return Resources(self.urls["kubelet"])
        except KeyError:
            raise DeployError("the platform runs without monitoring, which measures its pods") from None

    def pods(self) -> pd.DataFrame:
        """One row a pod: ready, restarts, CPU in millicores, memory in MB, ports."""
        rows = [
            {
                "pod": pod.name,
                "workload": pod.workload,
                "ready": pod.ready,
                "restarts": pod.restarts,
                "cpu_millicores": pod.cpu,
                "memory_mb": round(pod.memory / 1024**2, 1),
                "ports": pod.ports,
            }
            for pod in self.status().pods
        ]
        return pd.DataFrame(rows)

    def load(
        self,
        *,
        users: int | None = None,
        rate: float | None = None,
        duration: float = 10.0,
        headers: dict[str, str] | None = None,
        progress: load.Progress | None = None,
    ) -> load.LoadReport:
        """Put the public REST resource under load; see `refapp.exercise.load.run`."""
        return load.run(self.api, users=users, rate=rate, duration=duration, headers=headers, progress=progress)

    def kill(self, pod: str, signal: str = "SIGKILL") -> None:
        """Send a signal to the main process of a pod, to see what becomes of it.

        Raises:
            DeployError: there is no such pod.
        """
        self._target.kill(pod, signal)

    @contextmanager
    def stress(self, pod: str, *, memory_mb: float = 0.0, cpus: float = 0.0) -> Iterator[None]:
        """Have a process in a pod use memory and CPU beside what it uses itself, while the block runs.

        It is in the pod's main container, counts as its use, and comes again when the container is restarted.

        Args:
            pod: the pod.
            memory_mb: MiB of memory.
            cpus: cores, of which 0.5 is half a one.

        Raises:
            StressError: a number is negative, or both are 0.
            DeployError: there is no such pod.
        """
        self._target.stress(pod, Stress(memory=round(memory_mb * MIB), cpus=cpus))
        try:
            yield
        finally:
            if any(one.name == pod for one in self.status().pods):
                self._target.stress(pod, None)

    def scale(self, workload: str, replicas: int) -> None:
        """Give a workload so many pods; returns when requests reach the new ones, and the others have ended.

        Raises:
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        self._target.scale(workload, replicas)

    def autoscale(
        self, workload: str, minimum: int = 2, maximum: int = 6, *, cpu: int | None = 80, memory: int | None = None
    ) -> None:
        """Have a workload scaled by the use of its pods, as a HorizontalPodAutoscaler does; see `status().autoscalers`.

        Args:
            workload: the workload; what it had for an autoscaler is replaced.
            minimum: the fewest pods.
            maximum: the most pods.
            cpu: the per cent of the CPU they request that its pods are to use on average; None where it does not count.
            memory: the same of memory.

        Raises:
            AutoscalerError: no such autoscaler can be.
            DeployError: there is no such workload, no mesh, or so many pods are not possible.
        """
        targets = {name: share for name, share in (("cpu", cpu), ("memory", memory)) if share is not None}
        self._target.autoscale(workload, Autoscaler(minimum=minimum, maximum=maximum, targets=targets))

    def stop_autoscaling(self, workload: str) -> None:
        """Leave a workload at the number of pods that it has.

        Raises:
            DeployError: there is no such workload.
        """
        self._target.autoscale(workload, None)

    @contextmanager
    def fault(
        self,
        caller: str,
        callee: str,
        *,
        delay: float = 0.0,
        http_status: int | None = None,
        grpc_status: int | None = None,
        percentage: float = 100.0,
    ) -> Iterator[None]:
        """Have a fault befall the calls from one workload to another while the block runs.

        Args:
            caller: the workload that calls; `istio-ingressgateway` at the edge.
            callee: the workload that is called.
            delay: seconds that a call waits.
            http_status: the HTTP status that a call gets for an answer.
            grpc_status: the gRPC status that a call gets for an answer.
            percentage: the share of the calls, of 100.

        Raises:
            FaultError: no such fault can be injected.
            DeployError: the one does not call the other, or there is no mesh.
        """
        fault = Fault(delay=delay, http_status=http_status, grpc_status=grpc_status, percentage=percentage)
        self._target.inject(caller, callee, fault)
        try:
            yield
        finally:
            self._target.inject(caller, callee, None)

    def set_log_level(self, workload: str, level: str) -> None:
        """Have a workload log at another level, without a restart; returns when all its pods do.

        Raises:
            ValueError: the level is none of the seven.
            DeployError: there is no such workload.
        """
        wanted = parse_level(level)
        self._target.set_log_level(workload, wanted)
        pods = [pod.name for pod in self.status().pods if pod.workload == workload]
        while True:
            said = self.logs.lines(workload=workload, contains="log level set")
            levels = {line.pod: line.fields.get("log_level") for line in said}
            if all(levels.get(pod) == wanted for pod in pods):
                return
            time.sleep(_POLL)

    def down(self, progress: Progress | None = None) -> None:
        """Stop the platform; returns when none of its processes is left."""
        self._target.stop(progress)


def up(
    target: str = "local",
    *,
    replicas: Mapping[str, int] | None = None,
    port: int = 0,
    home: Path | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Platform:
    """Start the platform, or attach to the one that is running, and wait until it works.

    Args:
        target: where it is put: `local`, as processes of this machine.
        replicas: the number of pods of each workload, one where nothing is said.
        port: the public port; 0 for a free one.
        home: the directory for all its state; `REFAPP_HOME` or the user's state directory without.
        progress: called with the status while it starts.
        options: further options of `refapp.deploy.local.options.Options`: `idle`, `log_level`, `fanout`,
            `mesh`, `without`, `sampling`, `trace_messages` (True is `parent`), `origins`, `zipkin`, `jaeger`, `otlp`,
            `time_scale`, `monitoring`, `scrape_interval`, `slack`, `prometheus`, `kiali`,
            `cloudwatch`, `aws`, `log_size`, `log_files`.

    Raises:
        DeployError: it cannot be started; the message says why and what to do.
    """
    local = _local(target, home)
    if options.get("trace_messages") is True:
        options["trace_messages"] = PARENT
    asked = Options(replicas=dict(replicas or {}), port=port, **options)
    local.start(asked, progress)
    return Platform(local)


def attach(target: str = "local", *, home: Path | None = None) -> Platform:
    """The platform that is running.

    Raises:
        NotRunningError: none is.
    """
    platform = Platform(_local(target, home))
    platform.status()
    return platform


def _local(target: str, home: Path | None) -> LocalTarget:
    if target != "local":
        raise DeployError(f"there is no target {target!r}; choose one of: local")
    return LocalTarget(home)
