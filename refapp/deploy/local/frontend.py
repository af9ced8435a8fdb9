"""What the user interface is told of the platform that it shows."""

import json
from collections.abc import Mapping

from refapp.topology import NAMESPACE, Topology

# Levels of ours that ngx-logger calls otherwise.
_LEVELS = {"warning": "WARN", "panic": "FATAL"}
_TALKATIVE = ("trace", "debug")


def environment(topology: Topology, urls: Mapping[str, str], log_level: str) -> dict[str, str]:
    """The variables of `refapp.services.ui.settings`: whom it draws, and whom it asks.

    The browser's log is as talkative as the services', and sent to the platform: a click is found with what it causes.
    """
    level = _LEVELS.get(log_level, log_level.upper())
    return {
        "NAMESPACE": NAMESPACE,
        "WORKLOADS": json.dumps(_workloads(topology), ensure_ascii=False),
        "JAEGER": urls.get("jaeger", ""),
        "PROMETHEUS": urls.get("prometheus", ""),
        "PRODUCTION": "off" if log_level in _TALKATIVE else "on",
        "CLIENT_LOG_LEVEL": level,
        "SERVER_LOG_LEVEL": level,
    }


def _workloads(topology: Topology) -> list[dict[str, object]]:
    return [
        {
            "name": workload.name,
            "title": workload.title,
            "calls": workload.calls,
            "publishes": workload.publishes,
            "consumes": workload.consumes,
        }
        for workload in topology
        if workload is not topology.ui
    ]
