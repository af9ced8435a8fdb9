"""Dashboards of Grafana, drawn from a Prometheus: ours, Istio's, and any that a reader brings."""

from refapp.draw.dashboards.dashboard import Expression, dashboard, expressions, panel
from refapp.draw.dashboards.documents import DashboardError
from refapp.draw.dashboards.source import Source

__all__ = ["DashboardError", "Expression", "Source", "dashboard", "expressions", "panel"]
