"""Whose lines a file holds: the log group and the stream that they go to, and what each record says of their origin.

Groups and names of streams are those of AWS's configuration of Fluent Bit for Container Insights
(aws-samples/amazon-cloudwatch-container-insights, fluent-bit.yaml): a prefix with the name of the node, then the tag,
which is made of the path.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import orjson

from refapp.backends.containers.inventory import Inventory, Pod
from refapp.backends.shipper.layout import PodDirectory
from refapp.backends.shipper.record import FORMS, Event, Line, make_event
from refapp.mesh.identity import SIDECAR
from refapp.monitoring.loggroups import APPLICATION, DATAPLANE, HOST, log_group
from refapp.topology import NAMESPACE


class ContainerRun(NamedTuple):
    """One run of a container, as the path of its log tells it."""

    directory: PodDirectory
    container: str
    run: int


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the lines of a file come from and go to.

    `kind` is that of the log group, `form` one of `refapp.backends.shipper.record.FORMS`, and `about` what each record
    says of the origin: the `kubernetes` object, or the host and the unit.
    """

    kind: str
    stream: str
    form: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def group(self, cluster: str) -> str:
        """The log group in which the lines of a cluster belong."""
        return log_group(self.kind, cluster)

    def event(self, line: Line) -> Event:
        """The event that a line becomes."""
        return make_event(line, FORMS[self.form].record(line, self.about))

    def dump(self) -> str:
        """The origin as JSON, for `load`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` wrote."""
        return cls(**orjson.loads(text))


@dataclass(frozen=True, kw_only=True)
class Node:
    """The node whose files are shipped; `labels` puts the labels of a pod into its records.

    Pods of another namespace than `namespace`, and sidecars, count as a part of the data plane.
    """

    name: str
    namespace: str = NAMESPACE
    labels: bool = False

    def container(self, run: ContainerRun, inventory: Inventory) -> Origin:
        """The origin of a container's lines; what the inventory does not know is taken from the path."""
        pod = find_pod(run.directory, inventory) or _guess(run.directory)
        about: dict[str, Any] = {"pod_name": pod.name, "namespace_name": pod.namespace, "pod_id": pod.uid}
        if self.labels:
            about["labels"] = pod.labels
        identifier = container_id(run)
        about |= {"host": self.name, "container_name": run.container, "docker_id": identifier}
        if image := next((one.image for one in pod.containers if one.name == run.container), ""):
            about["container_image"] = image
        own = pod.namespace == self.namespace and run.container != SIDECAR
        file = f"var.log.containers.{pod.name}_{pod.namespace}_{run.container}-{identifier}.log"
        return Origin(
            kind=APPLICATION if own else DATAPLANE,
            stream=f"{self.name}-{'application' if own else 'dataplane.tail'}.{file}",
            form="container",
            about=about,
        )

    def unit(self, unit: str) -> Origin:
        """The origin of what a systemd unit, or what stands for one, writes."""
        return Origin(
            kind=DATAPLANE,
            stream=f"{self.name}-dataplane.systemd.{unit}",
            form="unit",
            about={"hostname": self.name, "systemd_unit": unit},
        )

    def host_file(self, path: Path) -> Origin:
        """The origin of the lines of a file of the host, such as `/var/log/messages`."""
        return Origin(kind=HOST, stream=f"{self.name}.host.{path.stem}", form="host")


def container_id(run: ContainerRun) -> str:
    """What stands for the id that a container runtime gives to each run: 64 hexadecimal digits, always the same."""
    return hashlib.sha256(f"{run.directory.uid}/{run.container}/{run.run}".encode()).hexdigest()


def find_pod(directory: PodDirectory, inventory: Inventory) -> Pod | None:
    """The pod of the inventory that logs into a directory; None when it does not know it."""
    return next((pod for pod in inventory.pods if (pod.name, pod.uid) == (directory.pod, directory.uid)), None)


def _guess(directory: PodDirectory) -> Pod:
    return Pod(name=directory.pod, workload=directory.workload, namespace=directory.namespace, uid=directory.uid)
