import json

from refapp.services.ui.configuration import configuration
from refapp.services.ui.settings import UISettings


def test_without_settings():
    assert configuration(UISettings.from_environ({})) == {
        "apiBaseUrl": "",
        "production": True,
        "logLevel": "INFO",
        "serverLogLevel": "OFF",
        "serverLoggingUrl": "/logs",
        "workloads": [],
    }


def test_with_settings():
    workload = {"name": "service-d", "title": "Service D", "calls": [], "publishes": "queue", "consumes": ""}
    caller = {"name": "service-b", "title": "Service B", "calls": ["service-d"], "publishes": "", "consumes": ""}
    settings = UISettings.from_environ(
        {
            "API_BASE_URL": "https://api.example.com/",
            "PRODUCTION": "off",
            "SERVER_LOG_LEVEL": "DEBUG",
            "WORKLOADS": json.dumps([caller, workload]),
        }
    )
    # As the browser reads it.
    assert json.loads(json.dumps(configuration(settings))) == {
        "apiBaseUrl": "https://api.example.com",
        "production": False,
        "logLevel": "DEBUG",
        "serverLogLevel": "DEBUG",
        "serverLoggingUrl": "/logs",
        "workloads": [caller, workload],
    }
