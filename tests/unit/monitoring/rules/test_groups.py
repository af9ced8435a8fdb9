import yaml

from refapp.monitoring.rules import Alert, Group, Recording, Severity, as_yaml

RECORDING = Recording(record="a:b:c", expr="sum(b)", labels={"x": "y"})
ALERT = Alert(
    name="Much",
    expr="a:b:c > 1",
    severity=Severity.INFO,
    lasting="5s",
    labels={"workload": "w"},
    summary="s",
    description="d",
    value="v",
    runbook="r",
)


def test_as_prometheus_reads_it():
    group = Group(name="g", rules=(RECORDING, Recording(record="d", expr="1"), ALERT))
    assert yaml.safe_load(as_yaml([group])) == {
        "groups": [
            {
                "name": "g",
                "rules": [
                    {"record": "a:b:c", "expr": "sum(b)", "labels": {"x": "y"}},
                    {"record": "d", "expr": "1"},
                    {
                        "alert": "Much",
                        "expr": "a:b:c > 1",
                        "for": "5s",
                        "labels": {"severity": "info", "workload": "w"},
                        "annotations": {"summary": "s", "description": "d", "value": "v", "runbook": "r"},
                    },
                ],
            }
        ]
    }


def test_the_alerts_of_a_group():
    assert Group(name="g", rules=(RECORDING, ALERT)).alerts == (ALERT,)
