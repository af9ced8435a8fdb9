"""The dashboards by name."""

from typing import Any

from refapp.monitoring.dashboards.cluster import cluster
from refapp.monitoring.dashboards.mesh import mesh
from refapp.monitoring.dashboards.model import Dashboard
from refapp.monitoring.dashboards.performance import performance
from refapp.monitoring.dashboards.platform import platform
from refapp.monitoring.dashboards.service import service
from refapp.monitoring.dashboards.workload import workload
from refapp.topology import REFERENCE, Topology


def dashboards(topology: Topology = REFERENCE) -> tuple[Dashboard, ...]:
    """All dashboards of a platform."""
    return (mesh(), workload(topology), service(topology), performance(), platform(topology), cluster())


def names() -> tuple[str, ...]:
    """The titles of all dashboards, then their uids; either is a name."""
    found = dashboards()
    return (*(one.title for one in found), *(one.uid for one in found))


def by_name(name: str, topology: Topology = REFERENCE) -> dict[str, Any]:
    """The JSON of the dashboard with that title or uid.

    Raises:
        KeyError: there is none.
    """
    for one in dashboards(topology):
        if name in (one.title, one.uid):
            return one.json()
    raise KeyError(name)
