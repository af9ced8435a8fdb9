"""All rules of a platform."""

from collections.abc import Iterable
from typing import Final

from refapp.monitoring.rules import health, objectives, resources, traffic
from refapp.monitoring.rules.groups import Alert, Group
from refapp.monitoring.rules.objectives import AVAILABILITY, LATENCY, Objective
from refapp.monitoring.rules.thresholds import Thresholds
from refapp.monitoring.timing import Timing
from refapp.topology import REFERENCE, Topology

OBJECTIVES: Final = (AVAILABILITY, LATENCY)
"""What the users of the reference platform are promised."""


def groups(
    topology: Topology = REFERENCE,
    timing: Timing = Timing(),  # noqa: B008 - it is frozen
    thresholds: Thresholds = Thresholds(),  # noqa: B008
    slos: Iterable[Objective] = OBJECTIVES,
) -> tuple[Group, ...]:
    """The groups of rules of a platform, in the order in which they are listed in its file."""
    return (
        traffic.group(topology, timing, thresholds),
        resources.group(timing, thresholds),
        health.group(timing, thresholds),
        *(objectives.group(objective, topology, timing) for objective in slos),
    )


def alerts(
    topology: Topology = REFERENCE,
    timing: Timing = Timing(),  # noqa: B008
    thresholds: Thresholds = Thresholds(),  # noqa: B008
    slos: Iterable[Objective] = OBJECTIVES,
) -> tuple[Alert, ...]:
    """All alerts of a platform."""
    return tuple(alert for group in groups(topology, timing, thresholds, slos) for alert in group.alerts)
