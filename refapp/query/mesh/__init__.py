"""The mesh as Kiali shows it: who calls whom, how fast, how well, and how securely."""

from refapp.query.mesh.configuration import ConfigObject, MeshConfiguration
from refapp.query.mesh.console import Console
from refapp.query.mesh.errors import NoSuchWorkloadError
from refapp.query.mesh.graph import Counts, Edge, Graph, Node, NodeError, NodeKind, Response, ResponseTimes
from refapp.query.mesh.health import TOLERANCES, Health, Replicas, RequestRates, Status, Tolerance
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.kiali import Kiali
from refapp.query.mesh.overview import NamespaceSummary, Overview
from refapp.query.mesh.reading import from_kiali
from refapp.query.mesh.replay import Replay
from refapp.query.mesh.telemetry import Metrics
from refapp.query.mesh.workload import METRICS, WorkloadDetail

__all__ = [
    "METRICS",
    "TOLERANCES",
    "ConfigObject",
    "Console",
    "Counts",
    "Edge",
    "Graph",
    "Health",
    "Inventory",
    "Kiali",
    "MeshConfiguration",
    "Metrics",
    "NamespaceSummary",
    "NoSuchWorkloadError",
    "Node",
    "NodeError",
    "NodeKind",
    "Overview",
    "Replay",
    "Replicas",
    "RequestRates",
    "Response",
    "ResponseTimes",
    "Status",
    "Tolerance",
    "WorkloadDetail",
    "from_kiali",
]
