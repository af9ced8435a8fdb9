from functools import partial

import pytest

from refapp.monitoring.rules import Thresholds, resources
from refapp.monitoring.timing import LOCAL

group = partial(resources.group, thresholds=Thresholds())

POD = 'namespace="dev",pod="service-d-69d7469cbf-6thmz"'
CONTAINER = POD + ',container="service-d"'
WHERE = {"namespace": "dev", "pod": "service-d-69d7469cbf-6thmz", "workload": "service-d"}


def cpu(millicores, *, seconds=15, container="service-d", scrapes=80):
    """A container that uses so much."""
    rate = millicores / 1000 * seconds
    return {f'container_cpu_usage_seconds_total{{{POD},container="{container}"}}': f"0+{rate:g}x{scrapes}"}


def limit(millicores):
    values = {"quota": millicores * 100, "period": 100_000}
    return {f"container_spec_cpu_{name}{{{CONTAINER}}}": f"{value}x80" for name, value in values.items()}


def memory(used, most):
    values = {"working_set": used, "spec_memory_limit": most}
    return {
        f"container_memory_working_set_bytes{{{CONTAINER}}}": f"{values['working_set']}x80",
        f"container_spec_memory_limit_bytes{{{CONTAINER}}}": f"{values['spec_memory_limit']}x80",
    }


HIGH = {
    "alert": "PodCpuHigh",
    "fires": WHERE,
    "summary": "service-d-69d7469cbf-6thmz uses much CPU",
    "value": "310 m",
    "description": "service-d-69d7469cbf-6thmz uses 310 millicores, and has used more than 300 for 3m.",
}
SCALED = {"description": "service-d-69d7469cbf-6thmz uses 310 millicores, and has used more than 300 for 12s."}
SHORT = {"fires": WHERE | {"container": "service-d"}}

CASES = [
    # A rate over 5 minutes is whole after 5 minutes, and has to last for 3.
    HIGH | {"series": cpu(310), "at": "8m"},
    {"alert": "PodCpuHigh", "series": cpu(310), "at": "7m45s"},
    {"alert": "PodCpuHigh", "series": cpu(290), "at": "20m"},
    # The same in the time of the local target: over 20 s, and for 12 s, looked at every 2 s.
    HIGH | SCALED | {"series": cpu(310, seconds=2), "at": "34s", "timing": LOCAL},
    {"alert": "PodCpuHigh", "series": cpu(310, seconds=2), "at": "28s", "timing": LOCAL},
    # The containers of an application count together, its sidecar and the sums over pods do not.
    HIGH | {"series": cpu(160) | cpu(150, container="helper"), "at": "8m"},
    {
        "alert": "PodCpuHigh",
        "series": cpu(200) | cpu(200, container="istio-proxy") | cpu(400, container="") | cpu(9, container="POD"),
        "at": "20m",
    },
    SHORT
    | {
        "alert": "ContainerMemoryNearLimit",
        "series": memory(95, 100),
        "at": "5m",
        "summary": "service-d in service-d-69d7469cbf-6thmz is short of memory",
        "value": "95% of its limit",
        "description": (
            "The container uses 95% of its memory limit, and has used more than 90% for 5m. At 100% it is killed."
        ),
    },
    {"alert": "ContainerMemoryNearLimit", "series": memory(85, 100), "at": "10m"},
    {"alert": "ContainerMemoryNearLimit", "series": memory(85, 0), "at": "10m"},  # without a limit
    SHORT
    | {
        "alert": "ContainerCpuNearLimit",
        "series": cpu(285) | limit(300),
        "at": "12m",
        "summary": "service-d in service-d-69d7469cbf-6thmz is short of CPU",
        "value": "95% of its limit",
        "description": (
            "The container uses 95% of its CPU limit, and has used more than 90% for 5m. At 100% it is made to wait."
        ),
    },
    {"alert": "ContainerCpuNearLimit", "series": cpu(200) | limit(300), "at": "12m"},
    {"alert": "ContainerCpuNearLimit", "series": cpu(285) | limit(-1), "at": "12m"},  # without a limit
]


@pytest.mark.parametrize("case", CASES)
def test_alerts(case, check):
    check(case, group)


def test_each_alert_fires_and_is_silent(both):
    both(CASES, group)
