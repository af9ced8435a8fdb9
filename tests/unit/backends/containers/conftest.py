"""What the tests of the node's metrics share: children that do as they are told, and a kernel that is made up."""

import subprocess
import sys
from pathlib import Path

import pytest

from refapp.backends.containers.inventory import Container, Inventory, InventoryFile, Pod, write
from refapp.backends.containers.processes import Disk, Procfs, Resident, Stat
from refapp.backends.containers.sampler import Sampler, open_sockets

# Runs each line of its standard input as Python, and answers with what it left in `answer`.
_PROGRAM = """
import sys
scope = {"answer": ""}
for line in sys.stdin:
    exec(line.replace("\\x00", "\\n"), scope)
    print(scope["answer"], flush=True)
"""


class Child:
    """A process that runs what it is told."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self.process.pid

    def run(self, code):
        self.process.stdin.write(code.strip().replace("\n", "\x00") + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        # Its standard output stays open as long as its children do: it is not read to the end.
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class MadeUpKernel:
    """Processes that are made up: `stats` and `disks` by their ids."""

    memory_source = "made up"
    disk_source = "made up"
    fault_source = "made up"

    def __init__(self):
        self.stats = {}
        self.disks = {}
        self.residents = {}
        self.shares = {}
        self.opened = {}
        self.read = []

    def add(self, pid, parent=1, *, born=None, user=0.0, awaited=0.0):
        self.stats[pid] = Stat(parent, pid if born is None else born, 1, user, 0.0, awaited, 0.0)

    def pids(self):
        return set(self.stats)

    def stat(self, pid):
        self.read.append(pid)
        return self.stats.get(pid)

    def disk(self, pid):
        return self.disks.get(pid, Disk(0, 0)) if pid in self.stats else None

    def resident(self, pid):
        return self.residents.get(pid, Resident(0, 0)) if pid in self.stats else None

    def share(self, pid):
        return self.shares.get(pid)

    def descriptors(self, pid):
        return 3 if pid in self.stats else 0

    def sockets(self, pid):
        return self.opened.get(pid, set())


class Node:
    """An inventory on disk, and a sampler of it."""

    def __init__(self, path, kernel=None, sockets=None):
        self.path = path
        self.sampler = Sampler(InventoryFile(path), kernel=kernel or Procfs(), sockets=sockets, window=10.0)

    def runs(self, *pods, **fields):
        write(self.path, Inventory(node="node-1", cluster="demo", pods=pods, **fields))
        self.sampler.sample()

    def found(self):
        return {(found.pod.name, found.container.name): found for found in self.sampler.containers()}


@pytest.fixture
def child():
    """A maker of children that do as they are told; each ends with the test."""
    children = []

    def child():
        children.append(Child())
        children[-1].run("pass")
        return children[-1]

    yield child
    for started in children:
        started.end()


@pytest.fixture
def made_up():
    return MadeUpKernel()


@pytest.fixture
def pod():
    """A maker of pods of one container, which runs."""

    def pod(pid, name="service-a-1-1", **fields):
        container = Container(name="service-a", image="refapp/service-a", **{"running": True, "pid": pid} | fields)
        return Pod(name=name, workload="service-a", uid="u1", tier="service", ready=True, containers=(container,))

    return pod


@pytest.fixture
def node(tmp_path):
    """A maker of nodes; the network is measured if it is asked for."""
    opened = []

    def node(*, kernel=None, network=False):
        sockets = open_sockets() if network else None
        if sockets:
            opened.append(sockets)
        return Node(Path(tmp_path) / "inventory.json", kernel, sockets)

    yield node
    for sockets in opened:
        sockets.close()
