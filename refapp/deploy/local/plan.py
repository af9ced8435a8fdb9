"""From the topology to the processes of this machine."""

import sys
from pathlib import Path
from typing import NamedTuple

from refapp.deploy.errors import DeployError
from refapp.deploy.local import frontend, rabbitmq, sidecars, stores
from refapp.deploy.local.cloud import Cloud
from refapp.deploy.local.environment import inherited
from refapp.deploy.local.options import Options, server_address
from refapp.deploy.local.ports import LOOPBACK, Ports
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.specs import APPLICATION_METRICS, ContainerSpec, Plan, PodSpec, Probe, Tier, pod_name
from refapp.deploy.local.watchers import KUBELET, Watchers
from refapp.mesh import MONGODB, RABBITMQ, Address, Edge, Mesh, Pod, configuration
from refapp.topology import NAMESPACE, Kind, Topology, Workload


class _Program(NamedTuple):
    """What a workload of some kind runs: the module, how it is called and probed, and when it is stopped."""

    module: str
    port: str
    probe: Probe
    tier: Tier


_PROGRAMS = {
    Kind.UI: _Program("refapp.services.ui.server", "http", Probe.HTTP, Tier.GATEWAY),
    Kind.GATEWAY: _Program("refapp.services.gateway", "http", Probe.HTTP, Tier.GATEWAY),
    Kind.SERVICE: _Program("refapp.services.greeting", "grpc", Probe.GRPC, Tier.SERVICE),
}


class Planner:
    """Makes the plan of one platform: chooses its ports and writes each process's environment."""

    def __init__(self, topology: Topology, options: Options, run: RunDirectory) -> None:
        self._topology = topology
        self._options = options
        self._run = run
        self._free = Ports()
        take = self._free.take
        self._mongodb = take()
        self._broker = rabbitmq.BrokerPorts(amqp=take(), dist=take(), epmd=take(), metrics=take())
        self._tracing = take()
        self._public = options.port or take()
        # Without a mesh callers are told the ports of all replicas beforehand.
        self._ports = {w.name: [take() for _ in range(options.count(w))] for w in topology}
        self.mesh = self._mesh() if options.mesh else None
        self._watchers = (
            Watchers(options, topology, run.data / "monitoring", self._free) if options.own_prometheus else None
        )
        self._cloud = Cloud(options, run, self._free) if options.cloudwatch else None

    def plan(self) -> Plan:
        """The pods and the addresses of the platform; the files of its mesh are written."""
        pods = list(self._stores())
        pods += [self._pod(workload, port) for workload in self._topology for port in self._ports[workload.name]]
        edge: Edge | None = None
        if self.mesh:
            edge = sidecars.edge(self._public, self._free.take(), self._options.origins)
            pods.append(sidecars.ingress_pod(self.mesh, edge))
            configuration.write(self.mesh, [], edge)
            for pod in pods:
                self._write_sidecar(pod)
        watchers = self._watchers
        if watchers:
            watchers.write(Address(LOOPBACK, self._broker.metrics) if self._topology.queues else None)
            pods += watchers.pods()
        if self._cloud:
            told = (watchers.inventory, watchers.urls()[KUBELET]) if watchers else (None, None)
            pods += self._cloud.pods(*told)
        return Plan(
            pods=tuple(pods),
            urls=self._urls(),
            mesh=self.mesh,
            edge=edge,
            inventory=watchers.inventory if watchers else None,
            monitoring=watchers.monitoring.directory if watchers else None,
        )

    def replica(self, workload: str) -> PodSpec:
        """One more pod of a workload, which its callers find when it is ready.

        Raises:
            DeployError: there is no mesh to tell them.
        """
        if not self.mesh:
            raise DeployError("the platform runs without the mesh, which tells callers of new replicas")
        pod = self._pod(self._topology[workload], self._free.take())
        self._write_sidecar(pod)
        return pod

    def log_level_file(self, workload: str) -> Path:
        """The file whose content the processes of `workload` follow as their log level."""
        return self._run.config / workload / "log-level"

    def _mesh(self) -> Mesh:
        options = self._options
        return Mesh(
            topology=self._topology,
            directory=self._run.mesh,
            stores={MONGODB: Address(LOOPBACK, self._mongodb), RABBITMQ: Address(LOOPBACK, self._broker.amqp)},
            collector=self._collector() if options.traces else None,
            sampling=options.sampling,
            mutual_tls="mtls" not in options.without,
            metrics="metrics" not in options.without,
            access_log="access-log" not in options.without,
        )

    def _collector(self) -> Address:
        external = self._options.zipkin
        return server_address("zipkin", external) if external else Address(LOOPBACK, self._tracing)

    def _write_sidecar(self, pod: PodSpec) -> None:
        if self.mesh and pod.addresses:
            configuration.write_sidecar(self.mesh, pod.addresses)

    def _stores(self) -> list[PodSpec]:
        pods = []
        if self._topology.queues:
            pods.append(stores.rabbitmq_pod(self._broker, self._run.data / "rabbitmq"))
        if self._topology.databases:
            pods.append(stores.mongodb_pod(self._mongodb, self._run.data / "mongodb"))
        if self._options.own_backend:
            pods.append(stores.tracing_pod(self._tracing, self._run.data / "tracing"))
        return pods

    def _urls(self) -> dict[str, str]:
        gateway = self._ports[self._topology.gateway.name][0]
        urls = {"ingress": f"http://{LOOPBACK}:{self._public}", "gateway": f"http://{LOOPBACK}:{gateway}"}
        if self._topology.ui:
            urls["ui"] = f"{urls['ingress']}/"
        if self._topology.databases:
            urls["mongodb"] = _mongodb_url(self._mongodb)
        if self._topology.queues:
            urls |= {
                "rabbitmq": rabbitmq.url(self._broker.amqp),
                "rabbitmq-metrics": rabbitmq.metrics_url(self._broker),
            }
        if self._options.own_backend:
            own = f"http://{LOOPBACK}:{self._tracing}"
            urls |= {"zipkin": own, "jaeger": own}
        if self._watchers:
            urls |= self._watchers.urls()
        elif self._options.prometheus:
            urls["prometheus"] = self._options.prometheus.rstrip("/")
        if self._cloud:
            urls |= self._cloud.urls()
        if self._options.kiali:
            urls["kiali"] = self._options.kiali.rstrip("/")
        external = {"zipkin": self._options.zipkin, "jaeger": self._options.jaeger} if self._options.traces else {}
        return urls | {name: url.rstrip("/") for name, url in external.items() if url}

    def _pod(self, workload: Workload, port: int) -> PodSpec:
        runs = _PROGRAMS[workload.kind]
        env = self._environment(workload)
        name = pod_name(workload.name, repr(sorted(env.items())))
        ports = {runs.port: port}
        addresses = sidecars.addresses(workload, name, port, self._free.take) if self.mesh else None
        env |= {"POD_NAME": name, "PORT": f"{LOOPBACK}:{port}"} | self._destinations(workload, addresses)
        if workload.kind is Kind.GATEWAY and not self.mesh:
            env["PUBLIC_PORT"] = f"{LOOPBACK}:{self._public}"
            ports["public"] = self._public
        if self._watchers:
            ports[APPLICATION_METRICS] = self._free.take()
            env["METRICS_PORT"] = f"{LOOPBACK}:{ports[APPLICATION_METRICS]}"
        application = ContainerSpec(
            name=workload.name,
            command=(sys.executable, "-m", runs.module),
            env=inherited() | env,
            ports=ports,
            probe=runs.probe,
            resources=workload.resources,
        )
        # The sidecar first: the application's connections go through it.
        containers = (sidecars.sidecar(self.mesh, addresses),) if self.mesh and addresses else ()
        return PodSpec(
            name=name,
            workload=workload.name,
            tier=runs.tier,
            containers=(*containers, application),
            addresses=addresses,
        )

    def _environment(self, workload: Workload) -> dict[str, str]:
        """What all pods of a workload are told: their template."""
        file = self.log_level_file(workload.name)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self._options.log_level)
        env = {
            "SERVICE_NAME": workload.name if workload.kind is Kind.GATEWAY else workload.title,
            "LOG_LEVEL": self._options.log_level,
            "LOG_LEVEL_FILE": str(file),
        }
        if workload.kind is Kind.UI:
            return env | frontend.environment(self._topology, self._urls(), self._options.log_level)
        env |= {"GREETING": workload.greeting, "FANOUT": self._options.fanout}
        if queue := workload.publishes or workload.consumes:
            env["QUEUE_NAME"] = queue
        if self._options.trace_messages:
            env |= {
                "TRACE_MESSAGES": self._options.trace_messages,
                "OTEL_SERVICE_NAME": f"{workload.name}.{NAMESPACE}",
                "OTEL_EXPORTER_OTLP_ENDPOINT": self._options.otlp or f"http://{LOOPBACK}:{self._tracing}",
            }
        return env

    def _destinations(self, workload: Workload, addresses: Pod | None) -> dict[str, str]:
        """Where a pod reaches what it calls: its own sidecar or, without a mesh, the callees themselves."""
        targets = {name: self._replicas(name) for name in workload.calls}
        mongodb, broker = self._mongodb, self._broker.amqp
        if addresses:
            outbound = {name: address.port for name, address in addresses.outbound.items()}
            targets = {name: f"{LOOPBACK}:{outbound[name]}" for name in workload.calls}
            mongodb, broker = outbound.get(MONGODB, 0), outbound.get(RABBITMQ, 0)
        env = {f"{name.upper().replace('-', '_')}_URL": target for name, target in targets.items()}
        if workload.database:
            env["MONGO_CONN"] = _mongodb_url(mongodb)
        if workload.publishes or workload.consumes:
            env["RABBITMQ_CONN"] = rabbitmq.url(broker)
        return env

    def _replicas(self, workload: str) -> str:
        # gRPC's own name syntax for several addresses (grpc/doc/naming.md); the callers take turns among them.
        return "ipv4:" + ",".join(f"{LOOPBACK}:{port}" for port in self._ports[workload])


def _mongodb_url(port: int) -> str:
    return f"mongodb://{LOOPBACK}:{port}"
