"""Figures of the mesh, as Kiali shows it."""

from refapp.draw.graph.cards import health, overview
from refapp.draw.graph.figure import focus, graph
from refapp.draw.graph.replay import Animation, replay, strip
from refapp.draw.graph.workload import metrics

__all__ = ["Animation", "focus", "graph", "health", "metrics", "overview", "replay", "strip"]
