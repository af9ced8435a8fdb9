"""What the user interface is told of the platform that it shows."""

import json
from collections.abc import Mapping

from refapp.services.ui.workloads import CalledWorkload
from refapp.topology import NAMESPACE, Topology, Workload

# Levels of ours that ngx-logger calls otherwise.
_LEVELS = {"warning": "WARN", "panic": "FATAL"}
_TALKATIVE = ("trace", "debug")


def environment(topology: Topology, urls: Mapping[str, str], log_level: str) -> dict[str, str]:
    """The variables of `refapp.services.ui.settings`: whom it draws, and whom it asks.

    The browser's log is as talkative as the services', and sent to the platform: a click is found with what it causes.
    """
    ours = log_level.strip().lower()
    level = _LEVELS.get(ours, ours.upper())
    return {
        "NAMESPACE": NAMESPACE,
        "WORKLOADS": json.dumps([_drawn(workload) for workload in topology.without_ui()], ensure_ascii=False),
        "JAEGER": urls.get("jaeger", ""),
        "PROMETHEUS": urls.get("prometheus", ""),
        "PRODUCTION": "off" if ours in _TALKATIVE else "on",
        "CLIENT_LOG_LEVEL": level,
        "SERVER_LOG_LEVEL": level,
    }


def _drawn(workload: Workload) -> dict[str, object]:
    return CalledWorkload(
        workload.name, workload.title, workload.calls, workload.publishes or "", workload.consumes or ""
    )._asdict()
