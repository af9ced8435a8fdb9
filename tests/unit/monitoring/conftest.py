"""What the tests of monitoring share: rules put to the test by promtool.

A case is a mapping: `alert` is its name, `series` are those that are there in the notation of promtool, a sample each
scrape, `at` is the time that is looked at. `fires` has the labels of the one alert that is expected, beside its name
and severity, and stands with its `summary`, `value` and `description`; without `fires` none is. `timing` is optional.
"""

import shutil
import subprocess

import pytest

from refapp.monitoring.documents import dump
from refapp.monitoring.rules import as_yaml
from refapp.monitoring.timing import Timing


def run(*arguments):
    """Run a program, and fail with what it says when it does not like what it was given."""
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr)
    return done.stdout


def expected(case, rule):
    labels = {"alertname": rule.name, "severity": str(rule.severity), **case["fires"]}
    annotations = {name: case[name] for name in ("summary", "description", "value")} | {"runbook": rule.runbook}
    return {"exp_labels": labels, "exp_annotations": annotations}


@pytest.fixture(scope="session")
def program():
    """A runner of promtool and amtool."""
    for name in ("promtool", "amtool"):
        assert shutil.which(name), f"{name} is not installed"
    return run


@pytest.fixture
def check(tmp_path, program):
    """Have promtool evaluate, on the series of a case, the rules that `group` makes of its timing."""

    def check(case, group):
        timing = case.get("timing", Timing())
        rules = group(timing)
        (rule,) = (rule for rule in rules.alerts if rule.name == case["alert"])
        (tmp_path / "rules.yml").write_text(as_yaml([rules]))
        alerts = [expected(case, rule)] if "fires" in case else []
        test = {
            "interval": timing.every(),
            "input_series": [{"series": name, "values": values} for name, values in case["series"].items()],
            "alert_rule_test": [{"eval_time": case["at"], "alertname": rule.name, "exp_alerts": alerts}],
        }
        content = {"rule_files": ["rules.yml"], "evaluation_interval": timing.every(), "tests": [test]}
        (tmp_path / "test.yml").write_text(dump(content))
        program("promtool", "test", "rules", tmp_path / "test.yml")

    return check


@pytest.fixture(scope="session")
def both():
    """Assert that each alert of a group has a case in which it fires, and one in which it does not."""

    def both(cases, group):
        alerts = {alert.name for alert in group(Timing()).alerts}
        assert {case["alert"] for case in cases if "fires" in case} == alerts
        assert {case["alert"] for case in cases if "fires" not in case} == alerts

    return both
