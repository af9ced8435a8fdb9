import pytest

from refapp.deploy.local.frontend import environment
from refapp.services.logs import LEVELS
from refapp.services.ui.settings import UISettings
from refapp.services.ui.workloads import CalledWorkload
from refapp.topology import REFERENCE


def told(urls=(), log_level="info"):
    env = {"SERVICE_NAME": "Angular UI", "POD_NAME": "angular-ui-1", "LOG_LEVEL": log_level}
    return UISettings.from_environ(env | environment(REFERENCE, dict(urls), log_level))


def test_the_call_tree_is_that_of_the_topology():
    drawn = {workload.name: workload for workload in told().workloads}
    assert list(drawn) == [workload.name for workload in REFERENCE if workload is not REFERENCE.ui]
    assert drawn["service-d"] == CalledWorkload("service-d", "Service D", (), "service-d.greeting", "")
    assert drawn["service-f"].consumes == "service-d.greeting"
    assert drawn["service-a"].calls == ("service-b", "service-c")


def test_what_there_is_not_is_not_asked():
    assert (told().jaeger, told().prometheus) == (None, None)
    there = told({"jaeger": "http://127.0.0.1:1", "prometheus": "http://127.0.0.1:2"})
    assert (there.jaeger, there.prometheus) == ("http://127.0.0.1:1", "http://127.0.0.1:2")


@pytest.mark.parametrize(
    ("log_level", "level", "production"),
    [
        ("trace", "TRACE", False),
        ("debug", "DEBUG", False),
        ("info", "INFO", True),
        ("warning", "WARN", True),
        ("warn", "WARN", True),
        (" Warning", "WARN", True),
        ("Debug", "DEBUG", False),
        ("error", "ERROR", True),
        ("panic", "FATAL", True),
    ],
)
def test_the_browser_is_as_talkative_as_the_services(log_level, level, production):
    read = told(log_level=log_level)
    assert (read.client_log_level, read.server_log_level, read.production) == (level, level, production)


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_of_the_services_is_one_of_the_browser(level):
    told(log_level=level)
