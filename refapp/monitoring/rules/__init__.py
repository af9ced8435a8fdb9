"""What Prometheus computes and watches by itself: recording rules and alerts, derived from the topology."""

from refapp.monitoring.rules.groups import Alert, Group, Recording, Severity, as_yaml
from refapp.monitoring.rules.objectives import AVAILABILITY, LATENCY, Objective
from refapp.monitoring.rules.reference import OBJECTIVES, alerts, groups
from refapp.monitoring.rules.thresholds import Thresholds

__all__ = [
    "AVAILABILITY",
    "LATENCY",
    "OBJECTIVES",
    "Alert",
    "Group",
    "Objective",
    "Recording",
    "Severity",
    "Thresholds",
    "alerts",
    "as_yaml",
    "groups",
]
