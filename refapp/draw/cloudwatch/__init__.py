"""Figures of what CloudWatch tells, as AWS's console shows it: Container Insights, Logs Insights, alarms, streams."""

from refapp.draw.cloudwatch.alarm import alarm
from refapp.draw.cloudwatch.containermap import container_map
from refapp.draw.cloudwatch.performance import performance
from refapp.draw.cloudwatch.results import results
from refapp.draw.cloudwatch.stream import stream
from refapp.draw.cloudwatch.visualization import visualization

__all__ = ["alarm", "container_map", "performance", "results", "stream", "visualization"]
