"""What the node's metrics and Prometheus are told of the pods, in files that follow them as they come and go."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from refapp.backends.containers import inventory
from refapp.backends.containers.inventory import Autoscaler, Container, Inventory, Pod
from refapp.deploy.local.namespaces import has_service, namespace
from refapp.deploy.local.ports import LOOPBACK
from refapp.deploy.local.runner import PodRunner
from refapp.deploy.local.specs import APPLICATION_METRICS, Tier
from refapp.deploy.pods import Autoscaling
from refapp.mesh import Address, Edge
from refapp.monitoring import scraping
from refapp.monitoring.cluster import NAME, NODE


class Registry:
    """Keeps the inventory of the node and Prometheus' targets as the pods are."""

    def __init__(self, path: Path, directory: Path, edge: Edge | None) -> None:
        self._path = path
        self._directory = directory
        self._edge = edge
        self._inventory: Inventory | None = None
        self._targets: dict[str, list[scraping.Target]] = {}

    def update(
        self, runners: Iterable[PodRunner], replicas: Mapping[str, int], autoscalers: Iterable[Autoscaling]
    ) -> None:
        """Write what has changed.

        Raises:
            OSError: a file cannot be written; the next update tries again.
        """
        runners = list(runners)
        now = Inventory(
            node=NODE,
            cluster=NAME,
            pods=tuple(_pod(runner) for runner in runners),
            replicas=_replicas(runners, replicas),
            autoscalers=tuple(_autoscaler(one) for one in autoscalers),
        )
        if now != self._inventory:
            inventory.write(self._path, now)
            self._inventory = now
        sidecars = (runner.spec.addresses for runner in runners if runner.spec.addresses)
        self._tell(scraping.PODS, scraping.pods(sidecars, self._edge))
        self._tell(scraping.APPLICATIONS, list(_applications(runners)))

    def _tell(self, job: str, targets: list[scraping.Target]) -> None:
        if targets != self._targets.get(job):
            scraping.write_targets(self._directory, job, targets)
            self._targets[job] = targets


def _applications(runners: Iterable[PodRunner]) -> Iterator[scraping.Target]:
    for spec in (runner.spec for runner in runners):
        for port in (container.ports.get(APPLICATION_METRICS) for container in spec.containers):
            if port:
                yield scraping.application(Address(LOOPBACK, port), spec.name, spec.workload)


def _pod(runner: PodRunner) -> Pod:
    containers = tuple(
        Container(
            name=container.spec.name,
            image=f"refapp/{container.spec.name}",
            pid=container.pid,
            others=tuple(container.others),
            started=container.started,
            restarts=container.restarts,
            running=container.pid is not None,
            reason=container.terminated,
            memory_limit=resources.memory_limit if resources else None,
            memory_request=resources.memory_request if resources else None,
            cpu_limit=resources.cpu_limit if resources else None,
            cpu_request=resources.cpu_request if resources else None,
        )
        for container in runner.containers
        for resources in (container.spec.resources,)
    )
    return Pod(
        name=runner.spec.name,
        workload=runner.spec.workload,
        namespace=namespace(runner.spec.workload),
        uid=runner.spec.uid,
        tier=Tier(runner.spec.tier).name.lower(),
        started=runner.started,
        ready=runner.ready,
        service=None if has_service(runner.spec.workload) else "",
        containers=containers,
    )


def _replicas(runners: Iterable[PodRunner], asked: Mapping[str, int]) -> dict[str, int]:
    return {runner.spec.workload: asked.get(runner.spec.workload, 1) for runner in runners}


def _autoscaler(told: Autoscaling) -> Autoscaler:
    resource = next(iter(told.targets))
    return Autoscaler(
        workload=told.workload,
        min=told.minimum,
        max=told.maximum,
        current=told.current,
        desired=told.desired,
        target_utilisation=float(told.targets[resource]),
        utilisation=told.utilisation.get(resource),
    )
