"""What a user may ask of a local platform."""

import math
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from refapp.deploy.errors import DeployError, MissingBinaryError
from refapp.deploy.local import watches
from refapp.deploy.local.binaries import alertmanager, epmd, mongod, prometheus, rabbitmq_server
from refapp.deploy.local.containerlog import Rotation
from refapp.deploy.local.ports import is_free
from refapp.mesh import Address
from refapp.mesh.envoy import EnvoyNotFoundError, binary
from refapp.monitoring.timing import LOCAL, SECOND
from refapp.services.settings import MESSAGE_TRACES
from refapp.topology import MIB, Topology, Workload

LAYERS = ("access-log", "metrics", "traces", "mtls")
"""What a mesh can be run without, to measure what it costs."""

_MAX_REPLICAS = 20
# Each sidecar watches its certificates and, for each workload that it calls, endpoints and a route; the ingress has one
# file of routes for all that it leads to. Prometheus watches the directory of its targets.
_OF_A_SIDECAR, _OF_A_CALL, _OF_THE_INGRESS, _OF_AN_ENTRANCE, _OF_PROMETHEUS = 1, 2, 2, 1, 1


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user may ask of a local platform.

    `replicas` maps workloads to their number of pods, one where nothing is said; `port` is the public one, a free one
    where it is 0; `idle` is in seconds, after which a platform that nobody uses ends. `mesh` gives every workload a
    sidecar, and `without` takes some of `LAYERS` from them; `sampling` is the percentage of requests that are traced;
    `trace_messages` follows a trace through the queue and into the databases, in one of the ways of
    `refapp.services.settings.MESSAGE_TRACES`; `origins` are the origins whose pages may call the API. `ui` has the user
    interface run, which stands behind the edge of the mesh and is not there without. `zipkin` and
    `jaeger` are addresses of servers that are used instead of the platform's own trace backend; spans go to `zipkin`,
    and those of messages to `otlp`. `time_scale` shortens the times of a cluster that alerts and autoscalers go by: a
    minute there is four seconds here. `monitoring` has Prometheus and Alertmanager watch the platform, the one every
    `scrape_interval` seconds; `slack` is the URL of an incoming webhook that gets the alerts, and not our own inbox.
    `prometheus` is the address of a server that is asked for metrics, and not our own, `kiali` that of one that is
    asked for the graph of the mesh. `cloudwatch` has logs and measurements sent to CloudWatch: to what stands for AWS
    here, or to the endpoint whose URL is `aws`. What a container logs is rotated when a file has `log_size` MiB, and
    `log_files` of them are kept: a kubelet's `containerLogMaxSize` and `containerLogMaxFiles`, with its defaults. The
    shipper looks for new files once a second; of lines in files that came and went between two looks it knows nothing.
    """

    replicas: Mapping[str, int] = field(default_factory=dict)
    port: int = 0
    idle: float = 3600.0
    log_level: str = "info"
    fanout: str = "concurrent"
    mesh: bool = True
    without: tuple[str, ...] = ()
    sampling: float = 100.0
    trace_messages: str = ""
    origins: tuple[str, ...] = ("http://localhost:4200",)
    ui: bool = True
    zipkin: str = ""
    jaeger: str = ""
    otlp: str = ""
    time_scale: float = LOCAL.scale
    monitoring: bool = True
    scrape_interval: float = LOCAL.interval / SECOND
    slack: str = ""
    prometheus: str = ""
    kiali: str = ""
    cloudwatch: bool = True
    aws: str = ""
    log_size: float = 10.0
    log_files: int = 5

    def check(self, topology: Topology) -> None:
        """Raise DeployError when `topology` cannot be run so, or not on this machine."""
        self._check_workloads(topology)
        self._check_traces()
        if self.port and not is_free(self.port):
            raise DeployError(f"port {self.port} is busy; choose another one, or 0 for any free one")
        if not 0 < self.time_scale <= 1:
            raise DeployError(f"the time scale is greater than 0 and at most 1, not {self.time_scale:g}")
        self._check_monitoring()
        self._check_logs()
        if self.idle <= 0:
            raise DeployError(f"the idle time is a positive number of seconds, not {self.idle:g}")
        if topology.databases:
            mongod()
        if topology.queues:
            rabbitmq_server()
            epmd()
        if self.mesh:
            _check_envoy()
            watches.check(self._watches(topology))

    def chosen(self, topology: Topology) -> Topology:
        """What of a topology is run."""
        return topology if self.ui and self.mesh else topology.without_ui()

    def count(self, workload: Workload) -> int:
        """How many pods `workload` gets."""
        return self.replicas.get(workload.name, 1)

    def _watches(self, topology: Topology) -> int:
        """How many files are watched."""
        sidecars = sum(self.count(one) * (_OF_A_SIDECAR + _OF_A_CALL * len(one.calls)) for one in topology)
        ingress = _OF_THE_INGRESS + _OF_AN_ENTRANCE * len(topology.entrances)
        return sidecars + ingress + (_OF_PROMETHEUS if self.own_prometheus else 0)

    @property
    def rotation(self) -> Rotation:
        """When a container's log is rotated, and how much of it is kept."""
        return Rotation(size=round(self.log_size * MIB), files=self.log_files)

    @property
    def traces(self) -> bool:
        """Whether requests are traced."""
        return self.mesh and "traces" not in self.without

    @property
    def metrics(self) -> bool:
        """Whether sidecars count requests."""
        return self.mesh and "metrics" not in self.without

    @property
    def own_prometheus(self) -> bool:
        """Whether the platform brings its Prometheus, and what belongs to it."""
        return self.monitoring and not self.prometheus

    @property
    def own_aws(self) -> bool:
        """Whether the platform brings what stands for AWS."""
        return self.cloudwatch and not self.aws

    @property
    def own_backend(self) -> bool:
        """Whether the platform brings its trace backend."""
        return self.traces and not self.zipkin

    def _check_logs(self) -> None:
        if not 0 < self.log_size < math.inf:
            raise DeployError(f"a log is rotated at a positive number of MiB, not at {self.log_size:g}")
        try:
            _ = self.rotation
        except ValueError as error:
            raise DeployError(str(error)) from None

    def _check_workloads(self, topology: Topology) -> None:
        for name, count in self.replicas.items():
            if name not in {workload.name for workload in topology}:
                raise DeployError(f"no workload named {name!r}; there are {', '.join(w.name for w in topology)}")
            check_count(name, count)
        if unknown := [layer for layer in self.without if layer not in LAYERS]:
            raise DeployError(f"a mesh has no {unknown[0]!r} to do without; choose among {', '.join(LAYERS)}")
        if self.without and not self.mesh:
            raise DeployError("a platform without the mesh has nothing to do without")

    def _check_monitoring(self) -> None:
        if not 1 <= self.scrape_interval <= 60:  # noqa: PLR2004 - seconds in a minute
            raise DeployError(f"metrics are scraped every 1 to 60 seconds, not every {self.scrape_interval:g}")
        if self.prometheus:
            server_address("prometheus", self.prometheus)
        for name, url in (("kiali", self.kiali), ("aws", self.aws)):
            if url:
                server_address(name, url)
        if self.slack and urlsplit(self.slack).scheme not in {"http", "https"}:
            raise DeployError("slack is no URL of a webhook, which begins with https://")
        if self.aws and not self.cloudwatch:
            raise DeployError("a platform without CloudWatch sends nothing to AWS: take the one or the other away")
        if self.own_prometheus:
            prometheus()
            alertmanager()

    def _check_traces(self) -> None:
        if not 0 <= self.sampling <= 100:  # noqa: PLR2004 - a percentage
            raise DeployError(f"the sampling is a percentage between 0 and 100, not {self.sampling:g}")
        if self.trace_messages and self.trace_messages not in MESSAGE_TRACES:
            raise DeployError(f"messages are traced as one of {', '.join(MESSAGE_TRACES)}, not {self.trace_messages!r}")
        if self.trace_messages and not self.traces:
            raise DeployError("messages are traced where requests are: not without the mesh and its traces")
        if self.jaeger and not self.zipkin:
            raise DeployError("where does that Jaeger take spans? Name its Zipkin port (often 9411), too, by zipkin")
        if self.trace_messages and self.zipkin and not self.otlp:
            raise DeployError("spans of messages are sent by OTLP/HTTP: name the address that takes them by otlp")
        for name, url in (("zipkin", self.zipkin), ("jaeger", self.jaeger), ("otlp", self.otlp)):
            if url:
                server_address(name, url)


def check_count(name: str, count: int) -> None:
    """Raise DeployError when a workload cannot have so many replicas here."""
    if not 1 <= count <= _MAX_REPLICAS:
        raise DeployError(f"{name} can have 1 to {_MAX_REPLICAS} replicas on one machine, not {count}")


def server_address(name: str, url: str) -> Address:
    """The address, its host as a number, of the server that an option names.

    Raises:
        DeployError: it is no address of a plain HTTP server, or its host is not known.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or 80
    except ValueError:
        port = 0
    if parts.scheme != "http" or not parts.hostname or not port or parts.path.strip("/"):
        raise DeployError(f"{name} is {url!r}: it must be an address such as http://127.0.0.1:9411")
    try:
        return Address(socket.gethostbyname(parts.hostname), port)
    except OSError as error:
        raise DeployError(f"{name} is {url!r}: {error.strerror}") from None


def _check_envoy() -> None:
    try:
        binary()
    except EnvoyNotFoundError as error:
        raise MissingBinaryError(str(error)) from None
