"""From the topology to the processes of this machine."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from refapp.deploy.errors import DeployError
from refapp.deploy.local import rabbitmq
from refapp.deploy.local.binaries import epmd, mongod, rabbitmq_server
from refapp.deploy.local.ports import LOOPBACK, Ports, is_free
from refapp.deploy.local.specs import ContainerSpec, Plan, PodSpec, Probe, Tier, pod_name
from refapp.topology import Kind, Topology, Workload

_MAX_REPLICAS = 20

# What a process of ours may see of the environment in which the platform was started.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user may ask of a local platform.

    `replicas` maps workloads to their number of pods, one where nothing is said; `port` is the public one,
    a free one where it is 0; `idle` is in seconds, after which a platform that nobody uses ends.
    """

    replicas: Mapping[str, int] = field(default_factory=dict)
    port: int = 0
    idle: float = 3600.0
    log_level: str = "info"
    fanout: str = "concurrent"

    def check(self, topology: Topology) -> None:
        """Raise DeployError when `topology` cannot be run so, or not on this machine."""
        for name, count in self.replicas.items():
            if name not in {workload.name for workload in topology}:
                raise DeployError(f"no workload named {name!r}; there are {', '.join(w.name for w in topology)}")
            if not 1 <= count <= _MAX_REPLICAS:
                raise DeployError(f"{name} can have 1 to {_MAX_REPLICAS} replicas on one machine, not {count}")
        if self.port and not is_free(self.port):
            raise DeployError(f"port {self.port} is busy; choose another one, or 0 for any free one")
        if self.idle <= 0:
            raise DeployError(f"the idle time is a positive number of seconds, not {self.idle:g}")
        if topology.databases:
            mongod()
        if topology.queues:
            rabbitmq_server()
            epmd()

    def count(self, workload: Workload) -> int:
        """How many pods `workload` gets."""
        return self.replicas.get(workload.name, 1)


class Planner:
    """Makes the plan of one platform: chooses its ports and writes each process's environment."""

    def __init__(self, topology: Topology, options: Options, *, data: Path, config: Path) -> None:
        self._topology = topology
        self._options = options
        self._data = data
        self._config = config
        free = Ports()
        self._mongodb = free.take()
        self._broker = rabbitmq.BrokerPorts(amqp=free.take(), dist=free.take(), epmd=free.take(), metrics=free.take())
        self._public = options.port or free.take()
        self._ports = {w.name: [free.take() for _ in range(options.count(w))] for w in topology}

    def plan(self) -> Plan:
        """The pods and the addresses of the platform."""
        pods = [self._pod(workload, port) for workload in self._topology for port in self._ports[workload.name]]
        gateway = self._ports[self._topology.gateway.name][0]
        urls = {"ingress": f"http://{LOOPBACK}:{self._public}", "gateway": f"http://{LOOPBACK}:{gateway}"}
        if self._topology.databases:
            pods.insert(0, self._mongodb_pod())
            urls["mongodb"] = self._mongodb_url
        if self._topology.queues:
            pods.insert(0, self._rabbitmq_pod())
            urls |= {"rabbitmq": rabbitmq.url(self._broker), "rabbitmq-metrics": rabbitmq.metrics_url(self._broker)}
        return Plan(pods=tuple(pods), urls=urls)

    @property
    def _mongodb_url(self) -> str:
        return f"mongodb://{LOOPBACK}:{self._mongodb}"

    def log_level_file(self, workload: str) -> Path:
        """The file whose content the processes of `workload` follow as their log level."""
        return self._config / workload / "log-level"

    def _rabbitmq_pod(self) -> PodSpec:
        containers = rabbitmq.containers(self._broker, self._data / "rabbitmq")
        name = pod_name("rabbitmq", repr(containers))
        return PodSpec(name=name, workload="rabbitmq", tier=Tier.STORE, containers=containers)

    def _mongodb_pod(self) -> PodSpec:
        directory = self._data / "mongodb"
        directory.mkdir(parents=True)
        command = [mongod(), "--dbpath", str(directory), "--bind_ip", LOOPBACK, "--port", str(self._mongodb)]
        command += ["--nounixsocket"]  # it would lie in /tmp, outside the run directory
        # A quarter of a gigabyte is MongoDB's smallest cache; the diagnostic files would only fill the disk.
        command += ["--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"]
        container = ContainerSpec(
            name="mongodb", command=tuple(command), env=_inherited(), ports={"mongodb": self._mongodb}
        )
        name = pod_name("mongodb", repr(container))
        return PodSpec(name=name, workload="mongodb", tier=Tier.STORE, containers=(container,))

    def _pod(self, workload: Workload, port: int) -> PodSpec:
        gateway = workload.kind is Kind.GATEWAY
        env = self._environment(workload)
        name = pod_name(workload.name, repr(sorted(env.items())))
        ports = {"http" if gateway else "grpc": port}
        env |= {"POD_NAME": name, "PORT": f"{LOOPBACK}:{port}"}
        if gateway:
            env["PUBLIC_PORT"] = f"{LOOPBACK}:{self._public}"
            ports["public"] = self._public
        container = ContainerSpec(
            name=workload.name,
            command=(sys.executable, "-m", f"refapp.services.{'gateway' if gateway else 'greeting'}"),
            env=_inherited() | env,
            ports=ports,
            probe=Probe.HTTP if gateway else Probe.GRPC,
        )
        tier = Tier.GATEWAY if gateway else Tier.SERVICE
        return PodSpec(name=name, workload=workload.name, tier=tier, containers=(container,))

    def _environment(self, workload: Workload) -> dict[str, str]:
        file = self.log_level_file(workload.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._options.log_level)
        env = {
            "SERVICE_NAME": workload.name if workload.kind is Kind.GATEWAY else workload.title,
            "GREETING": workload.greeting,
            "LOG_LEVEL": self._options.log_level,
            "LOG_LEVEL_FILE": str(file),
            "FANOUT": self._options.fanout,
        }
        env |= {f"{callee.upper().replace('-', '_')}_URL": self._grpc_target(callee) for callee in workload.calls}
        if workload.database:
            env["MONGO_CONN"] = self._mongodb_url
        if queue := workload.publishes or workload.consumes:
            env |= {"RABBITMQ_CONN": rabbitmq.url(self._broker), "QUEUE_NAME": queue}
        return env

    def _grpc_target(self, workload: str) -> str:
        # gRPC's own name syntax for several addresses (grpc/doc/naming.md); the callers take turns among them.
        return "ipv4:" + ",".join(f"{LOOPBACK}:{port}" for port in self._ports[workload])


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}
