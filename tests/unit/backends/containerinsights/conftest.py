"""What the tests of the agent share: what cAdvisor would tell."""

import json

import pytest

from refapp.backends.containerinsights.measurements import Measurements, measured
from refapp.backends.containerinsights.rates import Rates, Restarts
from refapp.backends.containerinsights.readings import snapshot
from refapp.backends.containers.inventory import Container, Inventory, Pod

GIBIBYTE = 1 << 30


class Node:
    """What cAdvisor tells of a node that is made up: 4 cores, 16 GiB, read `seconds` after it was started."""

    cores = 4
    memory = 16 * GIBIBYTE

    def __init__(self):
        self.seconds = 0
        self.infos = {}
        self.tell("/", cpu=cpu(0), memory={"working_set": 4 * GIBIBYTE})

    def tell(self, name, labels=None, **stats):
        """Tell of one cgroup; what was told before of its other parts is forgotten."""
        minutes, seconds = divmod(self.seconds, 60)
        stats["timestamp"] = f"2024-01-01T00:{minutes:02.0f}:{seconds:09.6f}Z"
        spec = {"labels": labels} if labels else {}
        self.infos[name] = {"name": name, "spec": spec, "stats": [stats]}

    def pod(self, pod, used, working_set=0, received=0, sent=0, faults=0):
        """Tell of a pod with one container, which has used so many milliseconds of CPU."""
        path = f"/kubepods/pod{pod.uid}"
        usage = {"cpu": cpu(used), "memory": memory(working_set, faults)}
        self.tell(path, **usage)
        for container in pod.containers:
            if container.running:
                self.tell(f"{path}/{container.name}-{container.restarts}", labels(pod, container.name), **usage)
        interface = {"name": "eth0", "rx_bytes": received, "tx_bytes": sent}
        self.tell(f"{path}/sandbox", labels(pod, "POD"), network={**interface, "interfaces": [interface]})

    def snapshot(self):
        """What an agent understands of it."""
        machine = {"num_cores": self.cores, "memory_capacity": self.memory}
        return snapshot(machine, json.loads(json.dumps(list(self.infos.values()))))


def cpu(milliseconds):
    """CPU time, a third of it in the kernel."""
    nanoseconds = round(milliseconds * 1e6)
    return {"usage": {"total": nanoseconds, "user": nanoseconds * 2 // 3, "system": nanoseconds // 3}}


def memory(working_set, faults=0):
    """Memory, and page faults."""
    counted = {"pgfault": faults, "pgmajfault": faults // 10}
    sizes = {"usage": working_set + 100, "working_set": working_set, "rss": working_set // 2, "cache": 10}
    return {**sizes, "mapped_file": 5, "container_data": counted, "hierarchical_data": counted}


def labels(pod, container):
    """The labels of a container."""
    values = {"pod.namespace": pod.namespace, "pod.name": pod.name, "pod.uid": pod.uid, "container.name": container}
    return {f"io.kubernetes.{name}": value for name, value in values.items()}


class Watch:
    """Finds out, from period to period, what events are written from."""

    def __init__(self, node):
        self.node = node
        self._rates = Rates()
        self._restarts = Restarts()

    def found(self, *pods, **fields):
        """What is found out now; without a node if that is None."""
        inventory = Inventory(pods=pods, **fields)
        restarts = self._restarts.update(inventory)
        if self.node is None:
            return Measurements(inventory, restarts)
        told = self.node.snapshot()
        return Measurements(inventory, restarts, *measured(told, self._rates.update(told.readings)))


@pytest.fixture
def node():
    return Node()


@pytest.fixture
def watch(node):
    return Watch(node)


@pytest.fixture
def silent():
    """A watch on a node that does not tell what it measures."""
    return Watch(None)


@pytest.fixture
def pod():
    """A maker of pods of one container, which runs."""

    def pod(name="service-f-1-1", **fields):
        (uid,) = (fields.pop(part, f"uid-{name}") for part in ("uid",))
        of_pod = {part: fields.pop(part) for part in ("namespace", "service", "ready", "reason") if part in fields}
        workload = fields.pop("workload", "service-f")
        containers = fields.pop("containers", None) or (
            Container(**{"name": workload, "pid": 10, "running": True} | fields),
        )
        return Pod(name=name, workload=workload, uid=uid, containers=containers, **{"ready": True} | of_pod)

    return pod
