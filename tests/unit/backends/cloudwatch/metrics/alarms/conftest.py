"""What the tests of alarms share: requests that define alarms, and alarms in a state."""

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Standing, State
from refapp.backends.cloudwatch.metrics.alarms.definitions import composite_definition, metric_definition

ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:oncall"


def make_metric_request(name="slow", **members):
    """An alarm on the average of shop's latency over a minute, above 10."""
    request = {
        "AlarmName": name,
        "Namespace": "shop",
        "MetricName": "latency",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {key: value for key, value in (request | members).items() if value is not None}


def make_alarm(name="slow", state=State.OK, *, since=1_700_002_800.0, reason="a reason", data="", rule=None, **members):
    if rule is None:
        definition = metric_definition(make_metric_request(name, **members))
    else:
        definition = composite_definition({"AlarmName": name, "AlarmRule": rule, **members})
    standing = Standing(state=State(state), reason=reason, data=data, updated=since, since=since)
    return Alarm(definition=definition, arn=ARN + name, configured=since - 60, standing=standing, acted=State(state))


@pytest.fixture(scope="session")
def topic():
    return TOPIC


@pytest.fixture(scope="session")
def metric_request():
    return make_metric_request


@pytest.fixture(scope="session")
def alarm():
    return make_alarm


@pytest.fixture
def put(panel):
    """Defines alarms on the panel: metric ones by their members, composite ones by a rule."""

    def put(name="slow", rule=None, **members):
        if rule is None:
            panel.put_metric_alarm(make_metric_request(name, **members), ARN + name)
        else:
            panel.put_composite_alarm({"AlarmName": name, "AlarmRule": rule, **members}, ARN + name)

    return put
