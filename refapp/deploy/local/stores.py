"""What stands outside the mesh: the databases, the broker and the trace backend, each a pod of its own."""

from pathlib import Path

from refapp.deploy.local import rabbitmq
from refapp.deploy.local.binaries import mongod
from refapp.deploy.local.environment import inherited
from refapp.deploy.local.ports import LOOPBACK
from refapp.deploy.local.programs import module, program
from refapp.deploy.local.specs import ContainerSpec, PodSpec, Tier, pod_name
from refapp.mesh import Address

TRACING = "tracing"
"""The workload that keeps traces; its name is that of Istio's addon."""

# So many spans are those of 6000 requests; they take about 60 MB of disk.
_MAX_SPANS = 100_000
_SEARCHED_TAGS = ("guid:x-request-id", "http.status_code", "grpc.status_code", "response_flags")


def mongodb_pod(port: int, directory: Path) -> PodSpec:
    """One MongoDB server for all databases."""
    directory.mkdir(parents=True)
    command = [mongod(), "--dbpath", str(directory), "--bind_ip", LOOPBACK, "--port", str(port)]
    command += ["--nounixsocket"]  # it would lie in /tmp, outside the run directory
    # A quarter of a gigabyte is MongoDB's smallest cache; the diagnostic files would only fill the disk.
    command += ["--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"]
    container = ContainerSpec(name="mongodb", command=tuple(command), env=inherited(), ports={"mongodb": port})
    return _store("mongodb", container)


def rabbitmq_pod(ports: rabbitmq.BrokerPorts, directory: Path) -> PodSpec:
    """The broker and its port mapper."""
    return _store("rabbitmq", *rabbitmq.containers(ports, directory))


def tracing_pod(port: int, directory: Path) -> PodSpec:
    """The trace backend, with the APIs of Zipkin and Jaeger on one port."""
    directory.mkdir(parents=True)
    return program(
        TRACING,
        module("backends.tracing.server"),
        Address(LOOPBACK, port),
        STORE=str(directory / "traces.db"),
        MAX_SPANS=str(_MAX_SPANS),
        AUTOCOMPLETE_KEYS=",".join(_SEARCHED_TAGS),
    )


def _store(workload: str, *containers: ContainerSpec) -> PodSpec:
    return PodSpec(name=pod_name(workload, repr(containers)), workload=workload, tier=Tier.STORE, containers=containers)
