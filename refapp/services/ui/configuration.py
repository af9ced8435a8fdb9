"""The run-time configuration of the app: one build serves every deployment."""

from typing import Any

from refapp.services.ui.settings import UISettings

LOGS = "/logs"
"""Where the app sends its logs."""


def configuration(settings: UISettings) -> dict[str, Any]:
    """What the app reads as `/config.json` before it starts."""
    return {
        "apiBaseUrl": settings.api_base_url,
        "production": settings.production,
        "logLevel": settings.client_log_level,
        "serverLogLevel": settings.server_log_level,
        "serverLoggingUrl": LOGS,
        "workloads": [workload._asdict() for workload in settings.workloads],
    }
