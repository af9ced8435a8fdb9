"""Metrics: asked of Prometheus in PromQL, as data frames."""

from refapp.query.metrics.errors import ExpressionError, MetricsWarning, NoMetricsError
from refapp.query.metrics.frames import names
from refapp.query.metrics.metrics import Metrics
from refapp.query.metrics.samples import PanelSource, Samples

__all__ = ["ExpressionError", "Metrics", "MetricsWarning", "NoMetricsError", "PanelSource", "Samples", "names"]
