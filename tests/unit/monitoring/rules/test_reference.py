from collections import Counter

import pytest

from refapp.monitoring.rules import Severity, alerts, as_yaml, groups
from refapp.monitoring.timing import LOCAL, Timing

TIMINGS = [Timing(), LOCAL]


@pytest.mark.parametrize("timing", TIMINGS)
def test_promtool_accepts_them(timing, tmp_path, program):
    (tmp_path / "rules.yml").write_text(as_yaml(groups(timing=timing)))
    assert "rules found" in program("promtool", "check", "rules", "--lint-fatal", tmp_path / "rules.yml")


def test_the_time_scale_changes_times_only():
    names = [
        [getattr(rule, "name", "") or rule.record for group in groups(timing=t) for rule in group.rules]
        for t in TIMINGS
    ]
    assert names[0] == names[1]


def test_names_are_used_once():
    counts = Counter(alert.name for alert in alerts())
    assert counts.most_common(1)[0][1] == 1
    counts = Counter(group.name for group in groups())
    assert counts.most_common(1)[0][1] == 1


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_each_alert_says_where_and_what_to_do(alert):
    assert alert.severity in Severity
    assert "workload" in alert.labels
    assert min(map(len, (alert.summary, alert.description, alert.value, alert.runbook))) > 0


@pytest.mark.parametrize("group", groups(timing=LOCAL), ids=lambda group: group.name)
def test_no_time_is_left_unscaled(group):
    assert not {"[5m]", "[1h]", "[6h]"} & {part for rule in group.rules for part in rule.expr.split() if "[" in part}
    assert all(alert.lasting in {"", "4s", "8s", "12s", "20s"} for alert in group.alerts)
