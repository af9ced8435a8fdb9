"""A mesh whose files are in a temporary directory, with pods at made-up addresses."""

from itertools import count

import pytest

from refapp.mesh import MONGODB, RABBITMQ, Address, Edge, Mesh, Pod, destinations
from refapp.topology import REFERENCE, Topology, Workload


@pytest.fixture
def addresses():
    """Addresses of this machine, each another one; nobody listens there."""
    ports = count(20000)
    return lambda: Address("127.0.0.1", next(ports))


@pytest.fixture
def topology():
    """The reference platform with a ninth service."""
    *services, last = REFERENCE
    return Topology((*services, last, Workload(name="service-i", title="Service I", calls=("service-a",))))


@pytest.fixture
def mesh(topology, addresses, tmp_path):
    """A mesh of that topology, whose spans go to a collector."""
    stores = {MONGODB: addresses(), RABBITMQ: addresses()}
    return Mesh(topology=topology, directory=tmp_path, stores=stores, collector=addresses())


@pytest.fixture
def pods(topology, addresses):
    """One pod of each workload."""
    return {
        workload.name: Pod(
            name=f"{workload.name}-0",
            workload=workload.name,
            application=addresses(),
            inbound=addresses(),
            metrics=addresses(),
            outbound={destination: addresses() for destination in destinations(workload)},
        )
        for workload in topology
    }


@pytest.fixture
def edge(addresses):
    """An edge that pages of one origin may call."""
    return Edge(public=addresses(), metrics=addresses(), allowed_origins=("http://ui.example.test",))
